"""Le bouton d'un courriel : ce que les gabarits de courriel ont de plus que ceux des pages."""

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("commune/courriels/bouton.html", takes_context=True)
def bouton(context, texte, page, *args, **query):
    """Le lien principal d'un courriel : ``{% bouton "Lire le message" "messagerie:fil" %}``.

    ``page`` est une adresse complète, ou le nom d'une page du portail suivi de ses arguments : ``enfant.pk`` pour
    l'adresse elle-même, ``jour="2026-11-09"`` pour ce qui suit le « ? ».
    """
    lien = page if "/" in page else context["adresse_portail"] + reverse(page, args=args, query=query or None)
    return {"texte": texte, "lien": lien, "clair": context["clair"]}

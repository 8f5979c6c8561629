"""Le bandeau des événements, en tête du planning."""

from django import template
from django.utils import timezone

from commune.regles import jour_de_paris

from ..models import Evenement

register = template.Library()


@register.inclusion_tag("reservations/annonces.html")
def annonces_des_evenements(famille):
    """Ce qui n'a pas lieu pour les enfants de ce foyer, aujourd'hui ou bientôt. Une requête."""
    a_dire = Evenement.objects.a_dire(jour_de_paris(timezone.now()))
    return {"annonces": list(a_dire.de_la_famille(famille.pk).values_list("annonce", flat=True))}

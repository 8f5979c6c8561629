"""Ce que les gabarits demandent au dessin : une icône, une somme en euros, l'état de démonstration."""

from decimal import Decimal
from functools import lru_cache

import heroicons
from django import template
from django.conf import settings
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from commune import adresses

register = template.Library()


@lru_cache(maxsize=256)
def _icone(nom, classe):
    # heroicons relit et reconstruit le SVG à chaque appel : 30 icônes par page se sentiraient.
    return mark_safe(heroicons._render_icon("outline", nom, None, {"class": classe, "aria-hidden": "true"}))


@register.simple_tag
def icone(nom, classe="icone"):
    """L'icône heroicons ``nom``, muette : le mot à côté d'elle dit tout."""
    return _icone(nom + "", classe + "")


@register.simple_tag
def adresse(page, *cles):
    """L'adresse d'une page dont les arguments sont des entiers, plus vite que ``{% url %}``."""
    return adresses.adresse(page + "", *cles)


@lru_cache(maxsize=256)
def _entree(lien, signe, mot, courante):
    ici = mark_safe(' aria-current="page"') if courante else ""
    return format_html('<li><a href="{}"{}>{}<span>{}</span>', lien, ici, icone(signe), mot)


@register.simple_tag(takes_context=True)
def entree(context, page, signe, mot, nombre="", sens=""):
    """Une entrée de menu, écrite d'un trait : ``{% entree "messagerie:fil" "home" "Messagerie" 2 "à lire" %}``.

    Elle se dit courante sur les pages de son application, ou sur la page même si elle n'en a pas. Un ``nombre`` vide
    ou nul ne se montre pas.
    """
    la = getattr(context.get("request"), "resolver_match", None)
    courante = la is not None and page.partition(":")[0] == (la.app_name or la.url_name)
    compteur = nombre and format_html('<span class="compteur">{}<span class="sr"> {}</span></span>', nombre, sens)
    return mark_safe(f"{_entree(adresse(page), signe + '', mot + '', courante)}{compteur or ''}</a></li>")


@register.filter
def euros(montant):
    """Une somme en euros à la française : ``1 234,50 €``, espaces insécables et vrai signe moins.

    Une valeur vide reste vide : un prix inconnu ne s'affiche pas « 0,00 € ».
    """
    if montant is None or montant == "":
        return ""
    montant = Decimal(montant).quantize(Decimal("0.01"))
    signe = "\u2212" if montant < 0 else ""
    return f"{signe}{number_format(abs(montant), 2, use_l10n=True, force_grouping=True)}\u00a0€"


@register.filter
def initiales(personne):
    """« HL » pour Hugo LA STAR : ce que porte sa gommette."""
    return f"{personne.prenom[:1]}{personne.nom[:1]}".upper()


@register.filter
def ne_le(enfant):
    """« Né le 07/02/2014 », « Née le… »."""
    return f"{'Née' if enfant.sexe == 'f' else 'Né'} le {enfant.date_naissance:%d/%m/%Y}"


@register.filter
def photo(enfant):
    """L'adresse de la photo d'un enfant, ou rien."""
    return adresses.adresse("familles:photo", enfant.pk) if enfant.photo else ""


@register.filter
def chiffres(telephone):
    """Un numéro comme l'attend ``tel:`` : 05.49.51.92.25 → 0549519225."""
    return "".join(c for c in telephone if c.isdecimal() or c == "+")


@register.simple_tag
def en_demo():
    """Vrai sur la ville de démonstration, qui le dit sur chaque page."""
    return settings.DEMO

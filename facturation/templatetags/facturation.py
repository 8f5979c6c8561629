"""Ce que les pages de la facturation disent en français : un mois, un état, une avance."""

import datetime as dt

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter
def du_mois(jour):
    """« de septembre 2026 », « d'octobre 2026 »."""
    mois = date_format(jour, "F Y")
    return f"d'{mois}" if mois[0] in "ao" else f"de {mois}"


@register.filter
def oppose(montant):
    """Une avance se dit sans signe moins."""
    return -montant


MOTS = {"payee": ("payee", "Payée"), "a_payer": ("a-payer", "À payer"), "en_retard": ("en-retard", "En retard")}


@register.filter
def etat_au(facture, jour):
    """``(pastille, mot)`` de la facture à cette date de Paris ; demande ``avec_reste()`` et ``avec_suites()``."""
    if facture.reste > 0 and facture.transmise_le:
        return "en-retard", "Au Trésor public"
    if facture.reste > 0 and facture.plan:
        return "a-payer", "Échéancier"
    return MOTS[facture.etat(jour)]


@register.filter
def date_iso(texte):
    """Une date lue dans du JSON, « 2026-10-12 », redevient une date."""
    return dt.date.fromisoformat(texte)

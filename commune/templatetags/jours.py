"""Les dates comme on les dit : « dimanche 1er novembre 2026 »."""

import datetime as dt

from django import template

from .. import regles

register = template.Library()


@register.filter
def jour(valeur, forme="an"):
    """« 1er novembre 2026 » ; ``court`` sans l'année, ``long`` avec le jour de la semaine, ``semaine`` avec l'un sans
    l'autre. Rien pour rien.

    Un instant se dit à l'heure de Paris.
    """
    if not valeur:
        return ""
    date = regles.jour_de_paris(valeur) if isinstance(valeur, dt.datetime) else valeur
    return regles.dire_le_jour(date, semaine=forme in ("long", "semaine"), an=forme in ("an", "long"))


@register.filter
def instant(valeur):
    """« 1er novembre 2026 à 9 h 05 », à l'heure de Paris."""
    if not valeur:
        return ""
    local = valeur.astimezone(regles.PARIS)
    return f"{jour(valeur)} à {local.hour} h {local.minute:02d}"

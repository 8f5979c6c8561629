"""Règles de la commune : le calendrier, les heures de Paris, la recherche sans accents. Fonctions pures."""

import datetime as dt
import unicodedata
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def jour_de_paris(instant):
    """La date qu'il est à Paris à cet ``instant`` (datetime avec fuseau), quelle que soit l'heure du serveur."""
    return instant.astimezone(PARIS).date()


def instant_de_paris(jour, heure):
    """L'instant UTC où il est ``heure`` à Paris le ``jour``.

    La nuit où l'heure recule, une heure ambiguë vaut la première des deux (``fold=0``) ;
    la nuit où elle avance, une heure qui n'existe pas est celle d'une heure plus tard.
    """
    return dt.datetime.combine(jour, heure, tzinfo=PARIS).astimezone(dt.timezone.utc)


def jours(debut, fin):
    """Chaque date de ``debut`` à ``fin`` comprise, dans l'ordre."""
    return [debut + dt.timedelta(days=n) for n in range((fin - debut).days + 1)]


def lundi(jour):
    """Le lundi de la semaine de ``jour``."""
    return jour - dt.timedelta(days=jour.weekday())


def replier(texte):
    """Le texte en minuscules et sans accents, comme la colonne ``cle`` des tables que l'on cherche.

    >>> replier("Élodie LA STAR")
    'elodie la star'
    """
    ouvert = texte.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", ouvert) if not unicodedata.combining(c))

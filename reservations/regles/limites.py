"""Jusqu'à quand on peut réserver ou annuler, et comment cela se dit."""

import datetime as dt
from bisect import bisect_left

from commune.regles import PARIS, instant_de_paris, jour_de_paris
from inscriptions.regles import heure_dite

from .mots import date_dite, est_proche, instant_dit

CALENDAIRES, OUVERTURE = "calendaires", "ouverture"
MINUTE = dt.timedelta(minutes=1)


def limite(jour, delai_jours, heure, unite=CALENDAIRES, jours_ouverts=()):
    """Le premier instant refusé (UTC) pour la séance du ``jour``.

    ``heure`` est de Paris et sa minute est comprise : « la veille 23:59 » laisse faire jusqu'à 23:59:59 et
    refuse à 00:00:00. ``delai_jours`` se compte en jours du calendrier ou, si ``unite`` vaut « ouverture »,
    en ``jours_ouverts`` du site (dates triées) : le lundi ferme alors le vendredi, la rentrée le dernier jour
    d'école. Avant le premier jour connu du calendrier, les jours du lundi au vendredi comptent : la limite de
    la rentrée de septembre ne tombe pas en juillet.
    """
    dernier = jour_limite(jour, delai_jours, unite, jours_ouverts)
    return instant_de_paris(dernier, heure) + MINUTE


def jour_limite(jour, delai_jours, unite=CALENDAIRES, jours_ouverts=()):
    """Le dernier jour, à Paris, où l'on peut encore."""
    if unite == CALENDAIRES or delai_jours == 0:
        return jour - dt.timedelta(days=delai_jours)
    rang = bisect_left(jours_ouverts, jour)
    if delai_jours <= rang:
        return jours_ouverts[rang - delai_jours]
    premier = jours_ouverts[0] if rang else jour
    return _jours_de_semaine_avant(premier, delai_jours - rang)


def _jours_de_semaine_avant(jour, combien):
    while combien:
        jour -= dt.timedelta(days=1)
        combien -= jour.weekday() < 5
    return jour


def derniere_minute(limite):
    """La dernière minute acceptée, celle que l'on dit : d'une limite à 00:00, « 23 h 59 »."""
    return limite - MINUTE


def phrase_limite(limite, maintenant):
    """« jusqu'à jeudi 23 h 59 » ; plus loin d'une semaine, « jusqu'au jeudi 3 septembre 23 h 59 »."""
    dernier = derniere_minute(limite)
    article = "à" if est_proche(jour_de_paris(dernier), jour_de_paris(maintenant)) else "au"
    return f"jusqu'{article} {instant_dit(dernier, maintenant)}"


def limite_datee(limite):
    """« jusqu'au jeudi 3 septembre 18 h » : pour un courriel, qu'on ouvre un autre jour, « demain » ne dirait rien."""
    dernier = derniere_minute(limite).astimezone(PARIS)
    return f"jusqu'au {date_dite(dernier.date())} {heure_dite(dernier)}"

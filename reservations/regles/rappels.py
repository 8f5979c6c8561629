"""Quand rappeler à une famille qu'elle n'a rien réservé, et pour quelle semaine."""

import datetime as dt
from typing import NamedTuple

from commune.regles import PARIS, UN_JOUR, instant_de_paris, jour_de_paris, lundi

LE_SOIR = dt.time(18)  # l'heure de Paris des rappels : les enfants sont rentrés, il reste une soirée pour agir
RESPIRER = dt.timedelta(hours=4)  # un rappel qui laisserait moins de temps partirait la veille
HABITUDE, MEMOIRE = 3, 4  # une semaine « habituelle » : réservée trois fois sur les quatre dernières qui ont ouvert
UNE_SEMAINE = dt.timedelta(days=7)


def soir_du_rappel(limite):
    """L'instant (UTC) du rappel d'une ``limite`` (le premier instant refusé) : 18 h à Paris, la veille au soir.

    Une limite à 23 h 59 se rappelle le soir même, six heures avant ; une limite à midi ou à 20 h, la veille.
    """
    jour = jour_de_paris(limite)
    soir = instant_de_paris(jour, LE_SOIR)
    while soir > limite - RESPIRER:
        jour -= UN_JOUR
        soir = instant_de_paris(jour, LE_SOIR)
    return soir


class SemaineARappeler(NamedTuple):
    """Une activité et une semaine (son lundi) dont la première limite tombe bientôt."""

    activite: int
    lundi: dt.date
    limite: dt.datetime


def a_rappeler(limites, maintenant):
    """Parmi ``limites`` (des :class:`SemaineARappeler`), celles dont le rappel est dû et sert encore."""
    return [s for s in limites if soir_du_rappel(s.limite) <= maintenant < s.limite]


def est_habituelle(reservees, ouvertes):
    """Cet enfant réserve-t-il d'habitude ? ``reservees`` et ``ouvertes`` sont des ensembles de lundis passés.

    Seules comptent les dernières semaines où l'activité ouvrait : des vacances ne font oublier personne.
    Une semaine sur deux n'est pas une habitude de chaque semaine.
    """
    dernieres = sorted(ouvertes, reverse=True)[:MEMOIRE]
    return len(dernieres) >= HABITUDE and len(reservees & set(dernieres)) >= HABITUDE


def semaine_du_resume(maintenant):
    """Le lundi de la semaine que résume le courriel du dimanche, ou ``None`` hors du dimanche soir (18 h à minuit)."""
    local = maintenant.astimezone(PARIS)
    if local.weekday() != 6 or local.time() < LE_SOIR:
        return None
    return lundi(local.date()) + UNE_SEMAINE

"""Jusqu'à quand on peut réserver ou annuler : d'une règle et d'un calendrier à un instant, et comment cela se dit.

Le simulateur de la mairie et les limites des séances appellent la même fonction, :func:`limites`.
"""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from commune.regles import PARIS, UN_JOUR, instant_de_paris, jour_de_paris, lundi
from inscriptions.regles import (
    ACTIVITE,
    CALENDAIRES,
    EN_HEURES,
    EN_SEMAINES,
    HORS_WEEKEND,
    OUVERTURE,
    OUVRES,
    delai_du,
    heure_dite,
)

from .mots import date_dite, est_proche, instant_dit

MINUTE = dt.timedelta(minutes=1)
MINUIT = dt.time(0)


@dataclass(frozen=True, slots=True)
class Calendrier:
    """Les jours que comptent les délais d'une activité : ceux où son site ouvre, où elle a lieu, les fériés.

    Avant le premier jour connu, les jours du lundi au vendredi comptent : la limite de la rentrée de septembre ne
    tombe pas en juillet.
    """

    site: frozenset = frozenset()
    activite: frozenset = frozenset()
    feries: frozenset = frozenset()

    def compte(self, decompte):
        """La fonction qui dit si un jour compte."""
        if decompte == CALENDAIRES:
            return lambda jour: True
        if decompte == HORS_WEEKEND:
            return _en_semaine
        if decompte == OUVRES:
            return lambda jour: jour.weekday() < 5 and jour not in self.feries
        connus = {OUVERTURE: self.site, ACTIVITE: self.activite}[decompte]
        premier = min(connus, default=dt.date.max)
        return lambda jour: jour in connus if jour >= premier else jour.weekday() < 5


def _en_semaine(jour):
    return jour.weekday() < 5


class Limites(NamedTuple):
    """Pour une séance : le premier instant refusé (UTC) pour réserver, pour annuler, et ce qui suit."""

    reservation: dt.datetime
    annulation: dt.datetime
    apres: str


def limites(jour, reserver, annuler, debut, calendrier):
    """Les :class:`Limites` d'une séance. ``reserver`` et ``annuler`` : les règles de chaque geste ; ``debut`` : l'heure
    de Paris où l'activité commence.
    """
    un, autre = delai_du(reserver, jour), delai_du(annuler, jour)
    return Limites(limite(jour, un, debut, calendrier), limite(jour, autre, debut, calendrier), un.ensuite)


def limite(jour, delai, debut, calendrier):
    """Le premier instant refusé (UTC) pour la séance du ``jour``.

    La dernière minute est comprise : « la veille 23:59 » laisse faire jusqu'à 23:59:59 et refuse à 00:00:00.
    """
    if delai.forme == EN_HEURES:
        return _heures_avant(jour, debut, delai.nombre, calendrier.compte(delai.decompte)) + MINUTE
    return instant_de_paris(jour_limite(jour, delai, calendrier), delai.heure) + MINUTE


def jour_limite(jour, delai, calendrier):
    """Le dernier jour, à Paris, où l'on peut encore (d'une règle en jours ou en semaines)."""
    if delai.forme == EN_SEMAINES:
        return lundi(jour) + dt.timedelta(days=delai.jour_semaine - 7 * delai.nombre)
    if delai.decompte == CALENDAIRES:
        return jour - dt.timedelta(days=delai.nombre)
    compte, reste = calendrier.compte(delai.decompte), delai.nombre
    while reste:
        jour -= UN_JOUR
        reste -= compte(jour)
    return jour


def _heures_avant(jour, debut, nombre, compte):
    """L'instant qui précède le début de ``nombre`` heures, sans compter celles des jours qui ne comptent pas.

    Les heures sont vécues : la nuit où l'heure change en a une de plus ou de moins.
    """
    fin, reste = instant_de_paris(jour, debut), dt.timedelta(hours=nombre)
    while True:
        minuit = instant_de_paris(jour, MINUIT)
        if compte(jour):
            if fin - minuit >= reste:
                return fin - reste
            reste -= fin - minuit
        jour, fin = jour - UN_JOUR, minuit


def derniere_minute(limite):
    """La dernière minute acceptée, celle que l'on dit : d'une limite à 00:00, « 23 h 59 »."""
    return limite - MINUTE


def phrase_limite(limite, maintenant):
    """« jusqu'à jeudi 23 h 59 » ; plus loin d'une semaine, « jusqu'au jeudi 3 septembre 23 h 59 »."""
    dernier = derniere_minute(limite)
    article = "à" if est_proche(jour_de_paris(dernier), jour_de_paris(maintenant)) else "au"
    return f"jusqu'{article} {instant_dit(dernier, maintenant)}"


def limite_datee(limite, annee=False):
    """« jusqu'au jeudi 3 septembre 18 h » : pour ce qu'on lit un autre jour, où « demain » ne dirait rien."""
    dernier = derniere_minute(limite).astimezone(PARIS)
    return f"jusqu'au {date_dite(dernier.date(), annee=annee)} {heure_dite(dernier)}"

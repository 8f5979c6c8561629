"""Dire en peu de lignes beaucoup de dates : le courriel, le reçu et l'aperçu d'un enregistrement."""

from collections import defaultdict
from dataclasses import dataclass

from .mots import JOURS_COURTS, nom_du_mois, quantieme


@dataclass(frozen=True, slots=True)
class Ligne:
    """Une case changée : ``verbe`` dit ce qui lui arrive (« réservé », « annulé »…)."""

    enfant: str
    activite: str
    jour: object
    verbe: str


@dataclass(frozen=True, slots=True)
class Groupe:
    """Les jours d'une même activité pour un même enfant : ``mois`` va de « septembre 2026 » à « lun. 7, mar.
    8 ».
    """

    enfant: str
    activite: str
    verbe: str
    nombre: int
    mois: list


def regrouper(lignes):
    """Les ``lignes`` rassemblées par enfant, verbe et activité, chaque mois sur une ligne, dans l'ordre des
    dates.

    >>> import datetime as dt
    >>> jours = [dt.date(2026, 9, 8), dt.date(2026, 9, 7), dt.date(2026, 10, 1)]
    >>> regrouper([Ligne("Hugo", "Restauration", jour, "réservé") for jour in jours])[0].mois
    [('septembre 2026', 'lun. 7, mar. 8'), ('octobre 2026', 'jeu. 1er')]
    """
    groupes = defaultdict(list)
    for ligne in lignes:
        groupes[ligne.enfant, ligne.verbe, ligne.activite].append(ligne.jour)
    return [
        Groupe(enfant, activite, verbe, len(jours), _par_mois(sorted(jours)))
        for (enfant, verbe, activite), jours in sorted(groupes.items())
    ]


def dire_les_nombres(reservees, annulees):
    """« 3 réservations et 1 annulation » ; ce qui est nul ne se dit pas."""
    comptes = [(reservees, "réservation"), (annulees, "annulation")]
    return " et ".join(f"{n} {mot}{'s' if n > 1 else ''}" for n, mot in comptes if n)


def numero_de(lot):
    """Le début du numéro d'un enregistrement, celui que l'on dit au téléphone : « 3F2A91C0 »."""
    return str(lot)[:8].upper()


def _par_mois(jours):
    mois = defaultdict(list)
    for jour in jours:
        mois[nom_du_mois(jour)].append(f"{JOURS_COURTS[jour.weekday()]} {quantieme(jour)}")
    return [(nom, ", ".join(dits)) for nom, dits in mois.items()]

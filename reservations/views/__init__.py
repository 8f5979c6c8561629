"""Les pages des réservations."""

from .calendriers import planning_annee, planning_mois
from .excuses import excuser, justificatif
from .fins import depart, fin_inscription
from .journal import journal, recu
from .periode import periode
from .semaine import planning, planning_enfant

__all__ = [
    "depart",
    "excuser",
    "fin_inscription",
    "journal",
    "justificatif",
    "periode",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "recu",
]

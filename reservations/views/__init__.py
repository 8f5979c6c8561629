"""Les pages des réservations."""

from .calendriers import planning_annee, planning_mois
from .echanges import echange, echanges, proposer
from .excuses import excuser, justificatif
from .journal import journal, recu
from .periode import periode
from .semaine import planning, planning_enfant

__all__ = [
    "echange",
    "echanges",
    "excuser",
    "journal",
    "justificatif",
    "periode",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "proposer",
    "recu",
]

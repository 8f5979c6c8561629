"""Les pages des réservations."""

from .attente import attente, place
from .calendriers import planning_annee, planning_mois
from .excuses import excuser, justificatif
from .journal import journal, recu
from .periode import periode
from .semaine import planning, planning_enfant

__all__ = [
    "attente",
    "excuser",
    "journal",
    "justificatif",
    "periode",
    "place",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "recu",
]

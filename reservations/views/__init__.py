"""Les pages des réservations."""

from .calendriers import planning_annee, planning_mois
from .excuses import excuser, justificatif
from .journal import journal, recu
from .periode import periode
from .rappels import agenda, agenda_fermer, agenda_ouvrir, desabonner, rappels
from .semaine import planning, planning_enfant

__all__ = [
    "agenda",
    "agenda_fermer",
    "agenda_ouvrir",
    "desabonner",
    "excuser",
    "journal",
    "justificatif",
    "periode",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "rappels",
    "recu",
]

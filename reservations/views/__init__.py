"""Les pages des réservations."""

from .attente import attente, place
from .calendriers import planning_annee, planning_mois
from .defaire import defaire
from .echanges import echange, echanges, proposer
from .excuses import excuser, justificatif
from .journal import journal, recu
from .periode import periode, periode_famille
from .rappels import agenda, agenda_fermer, agenda_ouvrir, desabonner, rappels
from .semaine import planning, planning_enfant

__all__ = [
    "agenda",
    "agenda_fermer",
    "agenda_ouvrir",
    "attente",
    "defaire",
    "desabonner",
    "echange",
    "echanges",
    "excuser",
    "journal",
    "justificatif",
    "periode",
    "periode_famille",
    "place",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "proposer",
    "rappels",
    "recu",
]

"""Les pages des réservations."""

from .attente import attente, place
from .calendriers import planning_annee, planning_mois
from .defaire import defaire
from .echanges import echange, echanges, proposer
from .excuses import excuser, justificatif
from .file import file_ouverture, quitter_la_file, revenir_dans_la_file
from .fins import depart, fin_inscription
from .journal import journal, recu
from .ouvertures import ouverture, ouvertures
from .periode import periode, periode_famille
from .rappels import agenda, agenda_fermer, agenda_ouvrir, desabonner, rappels
from .semaine import planning, planning_enfant
from .verification import verifier, verifier_csv

__all__ = [
    "agenda",
    "agenda_fermer",
    "agenda_ouvrir",
    "attente",
    "defaire",
    "depart",
    "desabonner",
    "echange",
    "echanges",
    "excuser",
    "file_ouverture",
    "fin_inscription",
    "journal",
    "justificatif",
    "ouverture",
    "ouvertures",
    "periode",
    "periode_famille",
    "place",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "proposer",
    "quitter_la_file",
    "rappels",
    "recu",
    "revenir_dans_la_file",
    "verifier",
    "verifier_csv",
]

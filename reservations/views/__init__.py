"""Les pages des réservations."""

from .calendriers import planning_annee, planning_mois
from .excuses import excuser, justificatif
from .file import file_ouverture, quitter_la_file, revenir_dans_la_file
from .journal import journal, recu
from .ouvertures import ouverture, ouvertures
from .periode import periode
from .semaine import planning, planning_enfant
from .verification import verifier, verifier_csv

__all__ = [
    "excuser",
    "file_ouverture",
    "journal",
    "justificatif",
    "ouverture",
    "ouvertures",
    "periode",
    "planning",
    "planning_annee",
    "planning_enfant",
    "planning_mois",
    "quitter_la_file",
    "recu",
    "revenir_dans_la_file",
    "verifier",
    "verifier_csv",
]

"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .defaire import Inverse, defaire, inverse
from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .excuses import decider_excuse, excuser, verifier_excuse
from .mairie import ajouter_sur_place, annuler, annuler_seances, rouvrir_seances
from .seances import Ouverture, ouvrir_seances, prevoir_seances

__all__ = [
    "Changement",
    "Inverse",
    "Ouverture",
    "Refus",
    "Resultat",
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "decider_excuse",
    "defaire",
    "enregistrer",
    "excuser",
    "inverse",
    "lignes",
    "ouvrir_seances",
    "prevoir",
    "prevoir_seances",
    "rouvrir_seances",
    "verifier_excuse",
]

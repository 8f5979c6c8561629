"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .delais import Effet, changer_delais, prevoir_delais
from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .excuses import decider_excuse, excuser, verifier_excuse
from .limites import Calculateur
from .mairie import ajouter_sur_place, annuler, annuler_seances, rouvrir_seances
from .seances import Ouverture, ouvrir_seances, prevoir_seances

__all__ = [
    "Calculateur",
    "Changement",
    "Effet",
    "Ouverture",
    "Refus",
    "Resultat",
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "changer_delais",
    "decider_excuse",
    "enregistrer",
    "excuser",
    "lignes",
    "ouvrir_seances",
    "prevoir",
    "prevoir_delais",
    "prevoir_seances",
    "rouvrir_seances",
    "verifier_excuse",
]

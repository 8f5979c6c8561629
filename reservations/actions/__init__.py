"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .echanges import (
    Suite,
    accepter_echange,
    proposer_echange,
    refuser_echange,
    retirer_echange,
    suite_de_l_echange,
)
from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .excuses import decider_excuse, excuser, verifier_excuse
from .mairie import ajouter_sur_place, annuler, annuler_seances, rouvrir_seances
from .seances import Ouverture, ouvrir_seances, prevoir_seances

__all__ = [
    "Changement",
    "Ouverture",
    "Refus",
    "Resultat",
    "Suite",
    "accepter_echange",
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "decider_excuse",
    "enregistrer",
    "excuser",
    "lignes",
    "ouvrir_seances",
    "prevoir",
    "prevoir_seances",
    "proposer_echange",
    "refuser_echange",
    "retirer_echange",
    "rouvrir_seances",
    "suite_de_l_echange",
    "verifier_excuse",
]

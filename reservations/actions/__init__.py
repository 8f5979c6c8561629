"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .excuses import decider_excuse, excuser, verifier_excuse
from .fins import (
    Suite,
    prevoir_depart,
    prevoir_fin,
    prevoir_retrait,
    quitter_foyer,
    retirer_inscription,
    terminer_inscription,
)
from .mairie import ajouter_sur_place, annuler, annuler_seances, rouvrir_seances
from .seances import Ouverture, ouvrir_seances, prevoir_seances

__all__ = [
    "Changement",
    "Ouverture",
    "Refus",
    "Resultat",
    "Suite",
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "decider_excuse",
    "enregistrer",
    "excuser",
    "lignes",
    "ouvrir_seances",
    "prevoir",
    "prevoir_depart",
    "prevoir_fin",
    "prevoir_retrait",
    "prevoir_seances",
    "quitter_foyer",
    "retirer_inscription",
    "rouvrir_seances",
    "terminer_inscription",
    "verifier_excuse",
]

"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .attente import (
    attendre,
    changer_places,
    donner_une_place,
    offrir_les_places,
    quitter_attente,
    repondre,
    tenir_les_listes,
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
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "attendre",
    "changer_places",
    "decider_excuse",
    "donner_une_place",
    "enregistrer",
    "excuser",
    "lignes",
    "offrir_les_places",
    "ouvrir_seances",
    "prevoir",
    "prevoir_seances",
    "quitter_attente",
    "repondre",
    "rouvrir_seances",
    "tenir_les_listes",
    "verifier_excuse",
]

"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .evenements import ANNONCER, CREDITER, annoncer, appliquer, lever
from .excuses import decider_excuse, excuser, verifier_excuse
from .mairie import ajouter_sur_place, annuler, rouvrir
from .planning import enregistrer_pour_les_familles
from .seances import Ouverture, ouvrir_seances, prevoir_seances

__all__ = [
    "ANNONCER",
    "CREDITER",
    "Changement",
    "Ouverture",
    "Refus",
    "Resultat",
    "ajouter_sur_place",
    "annoncer",
    "annuler",
    "appliquer",
    "decider_excuse",
    "enregistrer",
    "enregistrer_pour_les_familles",
    "excuser",
    "lever",
    "lignes",
    "ouvrir_seances",
    "prevoir",
    "prevoir_seances",
    "rouvrir",
    "verifier_excuse",
]

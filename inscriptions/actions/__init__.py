"""Les écritures des inscriptions : chacune est une transaction, et dit ce qu'elle a fait."""

from .activites import copier_activite
from .inscrire import decider, decider_ensemble, demander, demander_ensemble, inscrire, retirer, terminer
from .reglement import poser_delais, publier_reglement

__all__ = [
    "copier_activite",
    "decider",
    "decider_ensemble",
    "demander",
    "demander_ensemble",
    "inscrire",
    "poser_delais",
    "publier_reglement",
    "retirer",
    "terminer",
]

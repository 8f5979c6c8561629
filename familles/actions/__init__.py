"""Ce que l'on fait d'une famille : chaque action tient dans une transaction."""

from .adultes import (
    ajouter_adulte,
    designer,
    modifier_adulte,
    modifier_telephones,
    retablir_adulte,
    retirer_adulte,
)
from .enfants import (
    ajouter_enfant,
    changer_photo,
    modifier_enfant,
    repondre,
    retablir_enfant,
    retirer_photo,
    reunir_enfants,
    terminer_enfant,
)
from .foyer import creer_foyer, modifier_foyer, prevenir_le_service
from .garde import prevenir_foyers, regler_garde, terminer_garde
from .sante import consigner_lectures, effacer_sante, enregistrer_fiche

__all__ = [
    "ajouter_adulte",
    "ajouter_enfant",
    "changer_photo",
    "consigner_lectures",
    "creer_foyer",
    "designer",
    "effacer_sante",
    "enregistrer_fiche",
    "modifier_adulte",
    "modifier_enfant",
    "modifier_foyer",
    "modifier_telephones",
    "prevenir_foyers",
    "prevenir_le_service",
    "regler_garde",
    "repondre",
    "retablir_adulte",
    "retablir_enfant",
    "retirer_adulte",
    "retirer_photo",
    "reunir_enfants",
    "terminer_enfant",
    "terminer_garde",
]

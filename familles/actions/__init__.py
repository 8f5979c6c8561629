"""Ce que l'on fait d'une famille : chaque action tient dans une transaction."""

from .adultes import (
    ajouter_adulte,
    designer,
    modifier_adulte,
    modifier_telephones,
    redire,
    retablir_adulte,
    retirer_adulte,
    signaler_les_interdictions,
)
from .courriels import ecrire_aux_foyers
from .enfants import (
    ajouter_enfant,
    changer_photo,
    donner_un_groupe,
    modifier_enfant,
    repondre,
    retablir_enfant,
    retirer_photo,
    reunir_enfants,
    terminer_enfant,
)
from .foyer import creer_foyer, modifier_foyer, prevenir_le_service
from .garde import regler_garde, terminer_garde
from .sante import consigner_lectures, effacer_sante, enregistrer_fiche

__all__ = [
    "ajouter_adulte",
    "ajouter_enfant",
    "changer_photo",
    "consigner_lectures",
    "creer_foyer",
    "designer",
    "donner_un_groupe",
    "ecrire_aux_foyers",
    "effacer_sante",
    "enregistrer_fiche",
    "modifier_adulte",
    "modifier_enfant",
    "modifier_foyer",
    "modifier_telephones",
    "prevenir_le_service",
    "redire",
    "regler_garde",
    "repondre",
    "retablir_adulte",
    "retablir_enfant",
    "retirer_adulte",
    "retirer_photo",
    "reunir_enfants",
    "signaler_les_interdictions",
    "terminer_enfant",
    "terminer_garde",
]

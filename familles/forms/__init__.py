"""Les formulaires de la famille : un par bloc, le même à l'ajout (étape par étape) et à la modification."""

from .adulte import AdulteForm, EnfantsForm, TelephonesForm
from .enfant import AutorisationsForm, EcoleForm, EntourageForm, IdentiteForm, PhotoForm, SanteForm
from .foyer import FoyerForm
from .groupe import GroupeForm, nettoyer_le_groupe

__all__ = [
    "AdulteForm",
    "AutorisationsForm",
    "EcoleForm",
    "EnfantsForm",
    "EntourageForm",
    "FoyerForm",
    "GroupeForm",
    "IdentiteForm",
    "PhotoForm",
    "SanteForm",
    "TelephonesForm",
    "nettoyer_le_groupe",
]

"""Les formulaires de la facturation."""

from .contestations import ContestationForm, ReponseForm
from .finances import (
    AnnulationForm,
    AvoirForm,
    LancementForm,
    PrestationsForm,
    ReconduireForm,
    ReglementForm,
    lire_mois,
)

__all__ = [
    "AnnulationForm",
    "AvoirForm",
    "ContestationForm",
    "LancementForm",
    "PrestationsForm",
    "ReconduireForm",
    "ReglementForm",
    "ReponseForm",
    "lire_mois",
]

"""Les formulaires de la facturation."""

from .attestations import FiscaleForm, PresenceForm
from .contestations import ContestationForm, ReponseForm
from .finances import (
    AnnulationForm,
    AvoirForm,
    LancementForm,
    PrestationsForm,
    ReconduireForm,
    ReglementForm,
    TrancherForm,
    lire_mois,
)

__all__ = [
    "AnnulationForm",
    "AvoirForm",
    "ContestationForm",
    "FiscaleForm",
    "LancementForm",
    "PresenceForm",
    "PrestationsForm",
    "ReconduireForm",
    "ReglementForm",
    "ReponseForm",
    "TrancherForm",
    "lire_mois",
]

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
from .prelevements import JourForm, RejetForm

__all__ = [
    "AnnulationForm",
    "AvoirForm",
    "ContestationForm",
    "FiscaleForm",
    "JourForm",
    "LancementForm",
    "PresenceForm",
    "PrestationsForm",
    "ReconduireForm",
    "ReglementForm",
    "RejetForm",
    "ReponseForm",
    "TrancherForm",
    "lire_mois",
]

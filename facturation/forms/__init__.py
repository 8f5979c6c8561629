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
from .mandats import CodeForm, MandatEnLigneForm
from .prelevements import JourForm, RejetForm

__all__ = [
    "AnnulationForm",
    "AvoirForm",
    "CodeForm",
    "ContestationForm",
    "FiscaleForm",
    "JourForm",
    "LancementForm",
    "MandatEnLigneForm",
    "PresenceForm",
    "PrestationsForm",
    "ReconduireForm",
    "ReglementForm",
    "RejetForm",
    "ReponseForm",
    "TrancherForm",
    "lire_mois",
]

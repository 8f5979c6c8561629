"""Les formulaires de la facturation."""

from .attestations import FiscaleForm, PresenceForm
from .caisse import AnnulerRemboursementForm, CloreForm, DepotForm, RemboursementForm
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
    "AnnulerRemboursementForm",
    "AvoirForm",
    "CloreForm",
    "ContestationForm",
    "DepotForm",
    "FiscaleForm",
    "LancementForm",
    "PresenceForm",
    "PrestationsForm",
    "ReconduireForm",
    "ReglementForm",
    "RemboursementForm",
    "ReponseForm",
    "TrancherForm",
    "lire_mois",
]

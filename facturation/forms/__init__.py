"""Les formulaires de la facturation."""

from .attestations import FiscaleForm, PresenceForm
from .caisse import AnnulerRemboursementForm, CloreForm, DepotForm, RemboursementForm
from .contestations import ContestationForm, ReponseForm
from .exports import ComptabiliteForm, ExportForm, PeriodeForm
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
    "AnnulerRemboursementForm",
    "AvoirForm",
    "CloreForm",
    "CodeForm",
    "ComptabiliteForm",
    "ContestationForm",
    "DepotForm",
    "ExportForm",
    "FiscaleForm",
    "JourForm",
    "LancementForm",
    "MandatEnLigneForm",
    "PeriodeForm",
    "PresenceForm",
    "PrestationsForm",
    "ReconduireForm",
    "ReglementForm",
    "RejetForm",
    "RemboursementForm",
    "ReponseForm",
    "TrancherForm",
    "lire_mois",
]

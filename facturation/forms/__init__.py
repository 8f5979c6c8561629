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
from .mandats import CodeForm, MandatEnLigneForm
from .prelevements import JourForm, RejetForm
from .recouvrement import (
    DemandeEcheancierForm,
    EcheancesFormSet,
    MotForm,
    MotifForm,
    ProjetForm,
    TransmettreForm,
)

__all__ = [
    "AnnulationForm",
    "AnnulerRemboursementForm",
    "AvoirForm",
    "CloreForm",
    "CodeForm",
    "ContestationForm",
    "DemandeEcheancierForm",
    "DepotForm",
    "EcheancesFormSet",
    "FiscaleForm",
    "JourForm",
    "LancementForm",
    "MandatEnLigneForm",
    "MotForm",
    "MotifForm",
    "PresenceForm",
    "PrestationsForm",
    "ProjetForm",
    "ReconduireForm",
    "ReglementForm",
    "RejetForm",
    "RemboursementForm",
    "ReponseForm",
    "TrancherForm",
    "TransmettreForm",
    "lire_mois",
]

"""Les formulaires de la facturation."""

from .attestations import FiscaleForm, PresenceForm
from .caisse import AnnulerRemboursementForm, CloreForm, DepotForm, RemboursementForm
from .contestations import ContestationForm, PrecisionForm, ReponseForm
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
from .impressions import ImpressionForm
from .mandats import CodeForm, MandatEnLigneForm, PapierForm
from .prelevements import FichierDeRejetsForm, JourForm, RefusDeLotForm, RejetForm, RejetsLusForm
from .quotients import IdentiteForm, IdentiteMairieForm
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
    "ComptabiliteForm",
    "ContestationForm",
    "DemandeEcheancierForm",
    "DepotForm",
    "EcheancesFormSet",
    "ExportForm",
    "FichierDeRejetsForm",
    "FiscaleForm",
    "IdentiteForm",
    "IdentiteMairieForm",
    "ImpressionForm",
    "JourForm",
    "LancementForm",
    "MandatEnLigneForm",
    "MotForm",
    "MotifForm",
    "PapierForm",
    "PeriodeForm",
    "PrecisionForm",
    "PresenceForm",
    "PrestationsForm",
    "ProjetForm",
    "ReconduireForm",
    "RefusDeLotForm",
    "ReglementForm",
    "RejetForm",
    "RejetsLusForm",
    "RemboursementForm",
    "ReponseForm",
    "TrancherForm",
    "TransmettreForm",
    "lire_mois",
]

"""Les formulaires des réservations."""

from .attente import AttenteForm, DonForm, OffreForm
from .excuses import CertificatForm, DecisionForm, ExcuseForm
from .foyers import EchangeForm
from .mairie import MotifForm, PlacesForm, PlanningForm
from .ouvertures import VoeuxForm
from .planning import DefaireForm, PeriodeForm, SemaineForm
from .rappels import RappelsForm

__all__ = [
    "AttenteForm",
    "CertificatForm",
    "DecisionForm",
    "DefaireForm",
    "DonForm",
    "EchangeForm",
    "ExcuseForm",
    "MotifForm",
    "OffreForm",
    "PeriodeForm",
    "PlacesForm",
    "PlanningForm",
    "RappelsForm",
    "SemaineForm",
    "VoeuxForm",
]

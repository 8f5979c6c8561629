"""Les pages des finances."""

from .finances import estimation, facture, facture_pdf, factures, prestations, situation
from .paiements import notification, paiement, payer, retour

__all__ = [
    "estimation",
    "facture",
    "facture_pdf",
    "factures",
    "notification",
    "paiement",
    "payer",
    "prestations",
    "retour",
    "situation",
]

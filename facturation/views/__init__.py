"""Les pages des finances."""

from .finances import facture, facture_pdf, factures, prestations, situation
from .paiements import notification, paiement, payer

__all__ = ["facture", "facture_pdf", "factures", "notification", "paiement", "payer", "prestations", "situation"]

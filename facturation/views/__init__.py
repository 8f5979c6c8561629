"""Les pages des finances."""

from .contestations import contester
from .contestations import piece as contestation_piece
from .finances import estimation, facture, facture_pdf, factures, prestations, situation

__all__ = [
    "contestation_piece",
    "contester",
    "estimation",
    "facture",
    "facture_pdf",
    "factures",
    "prestations",
    "situation",
]

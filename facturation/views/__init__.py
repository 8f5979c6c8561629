"""Les pages des finances."""

from .attestations import choisir as attestations
from .attestations import fiscale as attestation_fiscale
from .attestations import paiement as attestation_paiement
from .attestations import presence as attestation_presence
from .contestations import contester, precision_piece
from .contestations import piece as contestation_piece
from .echeanciers import echeancier, echeancier_pdf, echeanciers
from .finances import estimation, facture, facture_pdf, factures, prestations, situation
from .mandats import mandat, mandat_revoquer, mandat_signer
from .paiements import notification, paiement, payer, retour
from .quotients import quotient, quotient_demander
from .recus import recu, recu_pdf

__all__ = [
    "attestation_fiscale",
    "attestation_paiement",
    "attestation_presence",
    "attestations",
    "contestation_piece",
    "contester",
    "echeancier",
    "echeancier_pdf",
    "echeanciers",
    "estimation",
    "facture",
    "facture_pdf",
    "factures",
    "mandat",
    "mandat_revoquer",
    "mandat_signer",
    "notification",
    "paiement",
    "payer",
    "precision_piece",
    "prestations",
    "quotient",
    "quotient_demander",
    "recu",
    "recu_pdf",
    "retour",
    "situation",
]

"""La facturation dans l'administration : les tarifs, le mois, les factures, la caisse, les contestations, PayFiP."""

from . import caisse, contestations, factures, mois, paiements, regie, remboursements, tarifs

__all__ = ["caisse", "contestations", "factures", "mois", "paiements", "regie", "remboursements", "tarifs"]

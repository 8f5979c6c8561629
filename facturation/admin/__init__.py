"""La facturation dans l'administration : les tarifs, le mois, les factures, la caisse, les contestations, PayFiP."""

from . import caisse, contestations, depots, factures, journees, mois, paiements, regie, remboursements, tarifs

__all__ = [
    "caisse", "contestations", "depots", "factures", "journees", "mois", "paiements", "regie", "remboursements",
    "tarifs",
]  # fmt: skip

"""La facturation dans l'administration : les tarifs, le mois, les factures, la caisse, les paiements en ligne."""

from . import caisse, factures, mois, paiements, regie, tarifs

__all__ = ["caisse", "factures", "mois", "paiements", "regie", "tarifs"]

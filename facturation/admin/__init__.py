"""La facturation dans l'administration : les tarifs, le mois, les factures, la caisse, les contestations."""

from . import caisse, contestations, factures, mois, tarifs

__all__ = ["caisse", "contestations", "factures", "mois", "tarifs"]

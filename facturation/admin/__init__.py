"""La facturation dans l'administration : les tarifs, le mois, les factures, la caisse."""

from . import caisse, factures, mois, tarifs

__all__ = ["caisse", "factures", "mois", "tarifs"]

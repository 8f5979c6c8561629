"""La facturation dans l'administration : tarifs, mois, factures, caisse, contestations, PayFiP, prélèvements."""

from . import caisse, contestations, factures, mois, paiements, prelevements, regie, tarifs

__all__ = ["caisse", "contestations", "factures", "mois", "paiements", "prelevements", "regie", "tarifs"]

"""La facturation dans l'administration : tarifs, mois, factures, caisse, contestations, PayFiP, prélèvements."""

from . import (
    caisse,
    contestations,
    depots,
    exports,
    factures,
    journees,
    mois,
    paiements,
    prelevements,
    regie,
    remboursements,
    tarifs,
)

__all__ = [
    "caisse", "contestations", "depots", "exports", "factures", "journees", "mois", "paiements", "prelevements",
    "regie", "remboursements", "tarifs",
]  # fmt: skip

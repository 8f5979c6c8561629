"""La facturation dans l'administration : tarifs, mois, factures, caisse, contestations, prélèvements, recouvrement."""

from . import (
    caisse,
    contestations,
    depots,
    echeanciers,
    exports,
    factures,
    journees,
    lots,
    mandats,
    mois,
    paiements,
    prelevements,
    regie,
    relances,
    remboursements,
    tarifs,
    tresor,
)

__all__ = [
    "caisse", "contestations", "depots", "echeanciers", "exports", "factures", "journees", "lots", "mandats", "mois",
    "paiements", "prelevements", "regie", "relances", "remboursements", "tarifs", "tresor",
]  # fmt: skip

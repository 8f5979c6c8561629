"""Les écritures de la facturation : le mois, l'encaissement, l'avoir, le mandat, le paiement en ligne."""

from .caisse import annuler_reglement, emettre_avoir, encaisser, revoquer_mandat, signer_mandat
from .evenements import crediter, crediter_le_mois
from .impayes import suspendre_impayes
from .mois import LOT, TACHE, Apercu, apercu, facturer, lancer, relancer
from .paiements import interroger, ouvrir_paiement, redemander, refus_de_payer, trancher
from .tarifs import reconduire

__all__ = [
    "LOT",
    "TACHE",
    "Apercu",
    "annuler_reglement",
    "apercu",
    "crediter",
    "crediter_le_mois",
    "emettre_avoir",
    "encaisser",
    "facturer",
    "interroger",
    "lancer",
    "ouvrir_paiement",
    "reconduire",
    "redemander",
    "refus_de_payer",
    "relancer",
    "revoquer_mandat",
    "signer_mandat",
    "suspendre_impayes",
    "trancher",
]

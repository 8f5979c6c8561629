"""Les écritures de la facturation : le mois, l'encaissement, l'avoir, le mandat. Chacune est une transaction."""

from .caisse import annuler_reglement, emettre_avoir, encaisser, revoquer_mandat, signer_mandat
from .corrections import corriger
from .evenements import crediter, crediter_le_mois
from .impayes import suspendre_impayes
from .mois import LOT, TACHE, Apercu, apercu, facturer, lancer, relancer
from .tarifs import reconduire

__all__ = [
    "LOT",
    "TACHE",
    "Apercu",
    "annuler_reglement",
    "apercu",
    "corriger",
    "crediter",
    "crediter_le_mois",
    "emettre_avoir",
    "encaisser",
    "facturer",
    "lancer",
    "reconduire",
    "relancer",
    "revoquer_mandat",
    "signer_mandat",
    "suspendre_impayes",
]

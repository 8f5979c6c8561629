"""Les écritures de la facturation : le mois, l'encaissement, l'avoir, le mandat. Chacune est une transaction."""

from .caisse import annuler_reglement, emettre_avoir, encaisser, revoquer_mandat, signer_mandat
from .contestations import accepter_contestation, contester, refuser_contestation, verifier_contestation
from .evenements import crediter
from .impayes import suspendre_impayes
from .mois import LOT, TACHE, Apercu, apercu, facturer, lancer, relancer
from .tarifs import reconduire

__all__ = [
    "LOT",
    "TACHE",
    "Apercu",
    "accepter_contestation",
    "annuler_reglement",
    "apercu",
    "contester",
    "crediter",
    "emettre_avoir",
    "encaisser",
    "facturer",
    "lancer",
    "reconduire",
    "refuser_contestation",
    "relancer",
    "revoquer_mandat",
    "signer_mandat",
    "suspendre_impayes",
    "verifier_contestation",
]

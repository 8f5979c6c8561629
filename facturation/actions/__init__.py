"""Les écritures de la facturation : le mois, l'encaissement, l'avoir, le mandat, le paiement en ligne."""

from .caisse import annuler_reglement, emettre_avoir, encaisser, revoquer_mandat, signer_mandat
from .contestations import accepter_contestation, contester, refuser_contestation, verifier_contestation
from .corrections import corriger
from .depots import deposer
from .evenements import crediter
from .impayes import suspendre_impayes
from .journees import clore
from .mois import LOT, TACHE, Apercu, apercu, facturer, lancer, relancer
from .paiements import interroger, ouvrir_paiement, redemander, refus_de_payer, trancher
from .remboursements import annuler_remboursement, rembourser
from .tarifs import reconduire

__all__ = [
    "LOT",
    "TACHE",
    "Apercu",
    "accepter_contestation",
    "annuler_reglement",
    "annuler_remboursement",
    "apercu",
    "clore",
    "contester",
    "corriger",
    "crediter",
    "deposer",
    "emettre_avoir",
    "encaisser",
    "facturer",
    "interroger",
    "lancer",
    "ouvrir_paiement",
    "reconduire",
    "redemander",
    "refus_de_payer",
    "refuser_contestation",
    "relancer",
    "rembourser",
    "revoquer_mandat",
    "signer_mandat",
    "suspendre_impayes",
    "trancher",
    "verifier_contestation",
]

"""Les écritures de la facturation : le mois, l'encaissement, l'avoir, le mandat, PayFiP, le prélèvement."""

from .annonces import PREVENIR, courriels_de, prevenir, sans_courriel
from .apercu import Apercu, apercu, comparer
from .caisse import annuler_reglement, emettre_avoir, encaisser, revoquer_mandat, signer_mandat
from .contestations import accepter_contestation, contester, refuser_contestation, verifier_contestation
from .corrections import corriger
from .depots import deposer
from .evenements import crediter
from .impayes import suspendre_impayes
from .journees import clore
from .mandats import ANNONCER, annoncer, demander_signature, revoquer_en_ligne, signer_en_ligne
from .mois import LOT, TACHE, facturer, lancer, relancer
from .paiements import interroger, ouvrir_paiement, redemander, refus_de_payer, trancher
from .prelevements import (
    defaire_lot,
    fichier_du_lot,
    jours_annonces,
    preparer_lot,
    projeter,
    rejeter,
    remettre_lot,
    verifier_reglages,
)
from .remboursements import annuler_remboursement, rembourser
from .tarifs import reconduire

__all__ = [
    "ANNONCER",
    "LOT",
    "PREVENIR",
    "TACHE",
    "Apercu",
    "accepter_contestation",
    "annoncer",
    "annuler_reglement",
    "annuler_remboursement",
    "apercu",
    "clore",
    "comparer",
    "contester",
    "corriger",
    "courriels_de",
    "crediter",
    "defaire_lot",
    "demander_signature",
    "deposer",
    "emettre_avoir",
    "encaisser",
    "facturer",
    "fichier_du_lot",
    "interroger",
    "jours_annonces",
    "lancer",
    "ouvrir_paiement",
    "preparer_lot",
    "prevenir",
    "projeter",
    "reconduire",
    "redemander",
    "refus_de_payer",
    "refuser_contestation",
    "rejeter",
    "relancer",
    "rembourser",
    "remettre_lot",
    "revoquer_en_ligne",
    "revoquer_mandat",
    "sans_courriel",
    "signer_en_ligne",
    "signer_mandat",
    "suspendre_impayes",
    "trancher",
    "verifier_contestation",
    "verifier_reglages",
]

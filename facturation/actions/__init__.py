"""Les écritures de la facturation : le mois, l'argent, l'avoir, le mandat, PayFiP, le prélèvement, le recouvrement."""

from .annonces import PREVENIR, courriels_de, dire_prevenus, prevenir, sans_compte, sans_courriel
from .apercu import Apercu, apercu, comparer
from .caisse import annuler_reglement, emettre_avoir, encaisser, revoquer_mandat, signer_mandat
from .contestations import (
    accepter_contestation,
    accepter_en_partie,
    contester,
    refuser_contestation,
    reste_de_la_ligne,
    verifier_contestation,
)
from .corrections import corriger
from .depots import deposer
from .echeanciers import (
    accorder_echeancier,
    demander_echeancier,
    part_de_l_echeance,
    rappeler_les_echeances,
    refuser_echeancier,
    revoquer_echeancier,
)
from .evenements import crediter
from .exports import exporter, refaire, regarder
from .exports_longs import (
    TACHE_EXPORT,
    demander_export,
    export_long,
    faire_export,
    purger_exports,
    redemander_export,
    reprendre_export,
)
from .impayes import suspendre_impayes
from .impressions import (
    TACHE_IMPRESSION,
    a_imprimer,
    demander_impression,
    imprimer,
    purger_impressions,
)
from .journees import clore
from .mandats import (
    ANNONCER,
    annoncer,
    demander_signature,
    joindre_papier,
    reserver_rum,
    revoquer_en_ligne,
    signer_en_ligne,
)
from .mois import LOT, TACHE, facturer, lancer, refaire_les_statistiques, relancer
from .oublis import refacturer
from .paiements import interroger, ouvrir_paiement, redemander, refus_de_payer, trancher
from .precisions import demander_precision, repondre_precision
from .prelevements import (
    contexte_du_rejet,
    contextes_du_refus,
    defaire_lot,
    fichier_du_lot,
    jours_annonces,
    preparer_lot,
    projeter,
    rejeter,
    rejeter_lot,
    remettre_lot,
    verifier_reglages,
)
from .previsions import (
    TACHE_PREVISION,
    calculer_prevision,
    demander_prevision,
    prevoir,
    purger_previsions,
    se_calcule_ici,
)
from .quotients import quotients_ouverts, recuperer_quotient
from .rejets import enregistrer_rejets, rapprocher
from .relances import (
    TACHE_RELANCES,
    envoyer_relances,
    lancer_relances,
    lettres_de,
    prevoir_relances,
    relancer_automatiquement,
)
from .remboursements import annuler_remboursement, rembourser
from .tarifs import reconduire
from .tresor import contextes_de_l_etat, prevoir_transmission, retirer_du_tresor, transmettre

__all__ = [
    "ANNONCER",
    "LOT",
    "PREVENIR",
    "TACHE",
    "TACHE_EXPORT",
    "TACHE_IMPRESSION",
    "TACHE_PREVISION",
    "TACHE_RELANCES",
    "Apercu",
    "a_imprimer",
    "accepter_contestation",
    "accepter_en_partie",
    "accorder_echeancier",
    "annoncer",
    "annuler_reglement",
    "annuler_remboursement",
    "apercu",
    "calculer_prevision",
    "clore",
    "comparer",
    "contester",
    "contexte_du_rejet",
    "contextes_de_l_etat",
    "contextes_du_refus",
    "corriger",
    "courriels_de",
    "crediter",
    "defaire_lot",
    "demander_echeancier",
    "demander_export",
    "demander_impression",
    "demander_precision",
    "demander_prevision",
    "demander_signature",
    "deposer",
    "dire_prevenus",
    "emettre_avoir",
    "encaisser",
    "enregistrer_rejets",
    "envoyer_relances",
    "export_long",
    "exporter",
    "facturer",
    "faire_export",
    "fichier_du_lot",
    "imprimer",
    "interroger",
    "joindre_papier",
    "jours_annonces",
    "lancer",
    "lancer_relances",
    "lettres_de",
    "ouvrir_paiement",
    "part_de_l_echeance",
    "preparer_lot",
    "prevenir",
    "prevoir",
    "prevoir_relances",
    "prevoir_transmission",
    "projeter",
    "purger_exports",
    "purger_impressions",
    "purger_previsions",
    "quotients_ouverts",
    "rappeler_les_echeances",
    "rapprocher",
    "reconduire",
    "recuperer_quotient",
    "redemander",
    "redemander_export",
    "refacturer",
    "refaire",
    "refaire_les_statistiques",
    "refus_de_payer",
    "refuser_contestation",
    "refuser_echeancier",
    "regarder",
    "rejeter",
    "rejeter_lot",
    "relancer",
    "relancer_automatiquement",
    "rembourser",
    "remettre_lot",
    "repondre_precision",
    "reprendre_export",
    "reserver_rum",
    "reste_de_la_ligne",
    "retirer_du_tresor",
    "revoquer_echeancier",
    "revoquer_en_ligne",
    "revoquer_mandat",
    "sans_compte",
    "sans_courriel",
    "se_calcule_ici",
    "signer_en_ligne",
    "signer_mandat",
    "suspendre_impayes",
    "trancher",
    "transmettre",
    "verifier_contestation",
    "verifier_reglages",
]

"""La facturation : tarifs, factures, argent reçu, et les prestations que l'on en tire."""

from .attestations import annees_payees, fiscales_de, paiements_de, payees_par, presences_de
from .budgets import ActiviteDuBudget, Budget, budgets_des
from .caisse import Bordereau, Depose, Journee, Remboursement
from .comptes import avances_pour, avec_solde, hors_facture, releve, solde_de
from .contestations import Contestation, Precision
from .controles import controler
from .corrections import corrections_avant, factures_a_corriger, factures_a_revoir, reviser_factures
from .detail import acte_de, actes_de, mois_d_avant, suites_de
from .echeanciers import DemandeEcheancier, Echeance, Echeancier, FactureEchelonnee, echelonnees
from .emission import Emission, Report, avec_reports, reports_de
from .estimation import Estimation, estimer
from .exports import (
    LECTURES,
    Comptabilite,
    DemandeExport,
    Export,
    Imputation,
    Tresorerie,
    codes_de,
    lire_recettes,
    seuils_en_vigueur,
    utilises,
    volume,
)
from .factures import Avoir, Compteur, Facturation, Facture, Ligne, LigneCorrigee, LigneRendue, ResteDu
from .impressions import Impression
from .livre import avec_total, especes_attendues, livre
from .mandats import SignatureMandat
from .nets import lignes_nettes
from .oublis import jours_oublies
from .paiements import Paiement
from .prelevements import LotDePrelevements, Prelevement, avec_prelevement, sera_prelevee
from .prestations import Mois
from .previsions import Prevision
from .recouvrement import a_echelonner, avec_suites, candidats_au_tresor, examiner
from .reglements import Mandat, Regie, Reglement
from .relances import EnvoiDeRelances, NiveauRelance, Relance, installer_niveaux, niveaux
from .simulation import simuler
from .tarifs import Ajustement, Tarif, Tranche
from .tresor import EtatDesRestes, Transmission

__all__ = [
    "LECTURES",
    "ActiviteDuBudget",
    "Ajustement",
    "Avoir",
    "Bordereau",
    "Budget",
    "Comptabilite",
    "Compteur",
    "Contestation",
    "DemandeEcheancier",
    "DemandeExport",
    "Depose",
    "Echeance",
    "Echeancier",
    "Emission",
    "EnvoiDeRelances",
    "Estimation",
    "EtatDesRestes",
    "Export",
    "Facturation",
    "Facture",
    "FactureEchelonnee",
    "Impression",
    "Imputation",
    "Journee",
    "Ligne",
    "LigneCorrigee",
    "LigneRendue",
    "LotDePrelevements",
    "Mandat",
    "Mois",
    "NiveauRelance",
    "Paiement",
    "Precision",
    "Prelevement",
    "Prevision",
    "Regie",
    "Reglement",
    "Relance",
    "Remboursement",
    "Report",
    "ResteDu",
    "SignatureMandat",
    "Tarif",
    "Tranche",
    "Transmission",
    "Tresorerie",
    "a_echelonner",
    "acte_de",
    "actes_de",
    "annees_payees",
    "avances_pour",
    "avec_prelevement",
    "avec_reports",
    "avec_solde",
    "avec_suites",
    "avec_total",
    "budgets_des",
    "candidats_au_tresor",
    "codes_de",
    "controler",
    "corrections_avant",
    "echelonnees",
    "especes_attendues",
    "estimer",
    "examiner",
    "factures_a_corriger",
    "factures_a_revoir",
    "fiscales_de",
    "hors_facture",
    "installer_niveaux",
    "jours_oublies",
    "lignes_nettes",
    "lire_recettes",
    "livre",
    "mois_d_avant",
    "niveaux",
    "paiements_de",
    "payees_par",
    "presences_de",
    "releve",
    "reports_de",
    "reviser_factures",
    "sera_prelevee",
    "seuils_en_vigueur",
    "simuler",
    "solde_de",
    "suites_de",
    "utilises",
    "volume",
]

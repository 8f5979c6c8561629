"""La facturation : tarifs, factures, argent reçu, et les prestations que l'on en tire."""

from .attestations import annees_payees, fiscales_de, paiements_de, payees_par, presences_de
from .budgets import ActiviteDuBudget, Budget
from .caisse import Bordereau, Depose, Journee, Remboursement
from .comptes import avec_solde, releve, solde_de
from .contestations import Contestation
from .controles import controler
from .corrections import factures_a_corriger, reviser_factures
from .detail import acte_de, actes_de, mois_d_avant, suites_de
from .emission import Emission, Report, avec_reports, reports_de
from .estimation import Estimation, estimer
from .factures import Avoir, Compteur, Facturation, Facture, Ligne, LigneCorrigee, LigneRendue
from .livre import avec_total, especes_attendues, livre
from .mandats import SignatureMandat
from .paiements import Paiement
from .prelevements import LotDePrelevements, Prelevement, sera_prelevee
from .prestations import Mois
from .reglements import Mandat, Regie, Reglement
from .simulation import simuler
from .tarifs import Ajustement, Tarif, Tranche

__all__ = [
    "ActiviteDuBudget",
    "Ajustement",
    "Avoir",
    "Bordereau",
    "Budget",
    "Compteur",
    "Contestation",
    "Depose",
    "Emission",
    "Estimation",
    "Facturation",
    "Facture",
    "Journee",
    "Ligne",
    "LigneCorrigee",
    "LigneRendue",
    "LotDePrelevements",
    "Mandat",
    "Mois",
    "Paiement",
    "Prelevement",
    "Regie",
    "Reglement",
    "Remboursement",
    "Report",
    "SignatureMandat",
    "Tarif",
    "Tranche",
    "acte_de",
    "actes_de",
    "annees_payees",
    "avec_reports",
    "avec_solde",
    "avec_total",
    "controler",
    "especes_attendues",
    "estimer",
    "factures_a_corriger",
    "fiscales_de",
    "livre",
    "mois_d_avant",
    "paiements_de",
    "payees_par",
    "presences_de",
    "releve",
    "reports_de",
    "reviser_factures",
    "sera_prelevee",
    "simuler",
    "solde_de",
    "suites_de",
]

"""La facturation : tarifs, factures, argent reçu, et les prestations que l'on en tire."""

from .attestations import annees_payees, fiscales_de, paiements_de, payees_par, presences_de
from .caisse import Bordereau, Depose, Journee, Remboursement
from .comptes import avec_solde, hors_facture, releve, solde_de
from .contestations import Contestation
from .controles import controler
from .corrections import factures_a_corriger, quotients_tardifs, reviser_factures
from .detail import acte_de, actes_de, mois_d_avant, suites_de
from .echeanciers import DemandeEcheancier, Echeance, Echeancier, FactureEchelonnee, echelonnees
from .estimation import Estimation, estimer
from .factures import Avoir, Compteur, Facturation, Facture, Ligne, LigneCorrigee, LigneRendue
from .livre import avec_total, especes_attendues, livre
from .mandats import SignatureMandat
from .paiements import Paiement
from .prelevements import LotDePrelevements, Prelevement, avec_prelevement, sera_prelevee
from .prestations import Mois
from .recouvrement import a_echelonner, avec_suites, candidats_au_tresor, examiner
from .reglements import Mandat, Regie, Reglement
from .relances import EnvoiDeRelances, NiveauRelance, Relance, installer_niveaux, niveaux
from .simulation import simuler
from .tarifs import Ajustement, Tarif, Tranche
from .tresor import EtatDesRestes, Transmission

__all__ = [
    "Ajustement",
    "Avoir",
    "Bordereau",
    "Compteur",
    "Contestation",
    "DemandeEcheancier",
    "Depose",
    "Echeance",
    "Echeancier",
    "EnvoiDeRelances",
    "Estimation",
    "EtatDesRestes",
    "Facturation",
    "Facture",
    "FactureEchelonnee",
    "Journee",
    "Ligne",
    "LigneCorrigee",
    "LigneRendue",
    "LotDePrelevements",
    "Mandat",
    "Mois",
    "NiveauRelance",
    "Paiement",
    "Prelevement",
    "Regie",
    "Reglement",
    "Relance",
    "Remboursement",
    "SignatureMandat",
    "Tarif",
    "Tranche",
    "Transmission",
    "a_echelonner",
    "acte_de",
    "actes_de",
    "annees_payees",
    "avec_prelevement",
    "avec_solde",
    "avec_suites",
    "avec_total",
    "candidats_au_tresor",
    "controler",
    "echelonnees",
    "especes_attendues",
    "estimer",
    "examiner",
    "factures_a_corriger",
    "fiscales_de",
    "hors_facture",
    "installer_niveaux",
    "livre",
    "mois_d_avant",
    "niveaux",
    "paiements_de",
    "payees_par",
    "presences_de",
    "quotients_tardifs",
    "releve",
    "reviser_factures",
    "sera_prelevee",
    "simuler",
    "solde_de",
    "suites_de",
]

"""La facturation : tarifs, factures, argent reçu, et les prestations que l'on en tire."""

from .attestations import annees_payees, fiscales_de, paiements_de, presences_de
from .comptes import releve
from .contestations import Contestation
from .controles import controler
from .detail import acte_de, actes_de, mois_d_avant, suites_de
from .estimation import Estimation, estimer
from .factures import Avoir, Compteur, Facturation, Facture, Ligne, LigneRendue
from .mandats import SignatureMandat
from .paiements import Paiement
from .prelevements import LotDePrelevements, Prelevement, sera_prelevee
from .prestations import Mois
from .reglements import Mandat, Regie, Reglement, avec_solde, solde_de
from .tarifs import Ajustement, Tarif, Tranche

__all__ = [
    "Ajustement",
    "Avoir",
    "Compteur",
    "Contestation",
    "Estimation",
    "Facturation",
    "Facture",
    "Ligne",
    "LigneRendue",
    "LotDePrelevements",
    "Mandat",
    "Mois",
    "Paiement",
    "Prelevement",
    "Regie",
    "Reglement",
    "SignatureMandat",
    "Tarif",
    "Tranche",
    "acte_de",
    "actes_de",
    "annees_payees",
    "avec_solde",
    "controler",
    "estimer",
    "fiscales_de",
    "mois_d_avant",
    "paiements_de",
    "presences_de",
    "releve",
    "sera_prelevee",
    "solde_de",
    "suites_de",
]

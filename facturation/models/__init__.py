"""La facturation : tarifs, factures, argent reçu, et les prestations que l'on en tire."""

from .comptes import releve
from .controles import controler
from .corrections import factures_a_corriger, reviser_factures
from .estimation import Estimation, estimer
from .factures import Avoir, Compteur, Facturation, Facture, Ligne, LigneCorrigee, LigneRendue
from .prestations import Mois
from .reglements import Mandat, Regie, Reglement, avec_solde, solde_de
from .simulation import simuler
from .tarifs import Ajustement, Tarif, Tranche

__all__ = [
    "Ajustement",
    "Avoir",
    "Compteur",
    "Estimation",
    "Facturation",
    "Facture",
    "Ligne",
    "LigneCorrigee",
    "LigneRendue",
    "Mandat",
    "Mois",
    "Regie",
    "Reglement",
    "Tarif",
    "Tranche",
    "avec_solde",
    "controler",
    "estimer",
    "factures_a_corriger",
    "releve",
    "reviser_factures",
    "simuler",
    "solde_de",
]

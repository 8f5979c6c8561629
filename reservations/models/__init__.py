"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .agenda import a_reserver, reservations_de_l_agenda
from .attente import files_d_attente, jeton_de, offre_du_jeton, rangs, reponse_a, situer
from .lecture import CaseLue, Contexte, Lecture, cochees, foyers_du_compte, inscriptions_de, lire, restantes
from .preferences import Preferences, RappelEnvoye
from .tables import Excuse, Mouvement, Reservation, Seance

__all__ = [
    "CaseLue",
    "Contexte",
    "Excuse",
    "Lecture",
    "Mouvement",
    "Preferences",
    "RappelEnvoye",
    "Reservation",
    "Seance",
    "a_reserver",
    "cochees",
    "files_d_attente",
    "foyers_du_compte",
    "inscriptions_de",
    "jeton_de",
    "lire",
    "offre_du_jeton",
    "rangs",
    "reponse_a",
    "reservations_de_l_agenda",
    "restantes",
    "situer",
]

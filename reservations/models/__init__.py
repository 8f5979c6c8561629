"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .agenda import a_reserver, reservations_de_l_agenda
from .lecture import CaseLue, Contexte, Lecture, cochees, foyers_du_compte, inscriptions_de, lire
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
    "foyers_du_compte",
    "inscriptions_de",
    "lire",
    "reservations_de_l_agenda",
]

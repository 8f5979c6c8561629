"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .lecture import CaseLue, Contexte, Lecture, cochees, foyers_du_compte, inscriptions_de, lire
from .tables import Excuse, Mouvement, Reservation, Seance

__all__ = [
    "CaseLue",
    "Contexte",
    "Excuse",
    "Lecture",
    "Mouvement",
    "Reservation",
    "Seance",
    "cochees",
    "foyers_du_compte",
    "inscriptions_de",
    "lire",
]

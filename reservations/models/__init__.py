"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .ensemble import manques
from .lecture import CaseLue, Lecture, faits, foyers_du_compte, inscriptions_de, lire, restantes
from .tables import Excuse, Mouvement, Reservation, Seance

__all__ = [
    "CaseLue",
    "Excuse",
    "Lecture",
    "Mouvement",
    "Reservation",
    "Seance",
    "faits",
    "foyers_du_compte",
    "inscriptions_de",
    "lire",
    "manques",
    "restantes",
]

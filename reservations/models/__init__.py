"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .lecture import CaseLue, Lecture, faits, foyers_du_compte, inscriptions_de, lire, restantes
from .ouvertures import Ouverture, Ticket, Voeu, comptes_des_places, comptes_des_voeux, ouvertures_de
from .tables import Excuse, Mouvement, Reservation, Seance
from .voeux import lire_ouverture

__all__ = [
    "CaseLue",
    "Excuse",
    "Lecture",
    "Mouvement",
    "Ouverture",
    "Reservation",
    "Seance",
    "Ticket",
    "Voeu",
    "comptes_des_places",
    "comptes_des_voeux",
    "faits",
    "foyers_du_compte",
    "inscriptions_de",
    "lire",
    "lire_ouverture",
    "ouvertures_de",
    "restantes",
]

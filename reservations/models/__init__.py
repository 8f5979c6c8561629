"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .attente import files_d_attente, jeton_de, offre_du_jeton, rangs, reponse_a, situer
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
    "files_d_attente",
    "foyers_du_compte",
    "inscriptions_de",
    "jeton_de",
    "lire",
    "offre_du_jeton",
    "rangs",
    "reponse_a",
    "restantes",
    "situer",
]

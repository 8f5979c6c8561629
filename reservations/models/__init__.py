"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .evenements import Evenement
from .lecture import CaseLue, Lecture, faits, foyers_du_compte, inscriptions_de, lire, restantes
from .planning import PlanningMairie, lire_planning
from .portees import Portee, portee, sans_courriel
from .tables import Excuse, Mouvement, Reservation, Seance

__all__ = [
    "CaseLue",
    "Evenement",
    "Excuse",
    "Lecture",
    "Mouvement",
    "PlanningMairie",
    "Portee",
    "Reservation",
    "Seance",
    "faits",
    "foyers_du_compte",
    "inscriptions_de",
    "lire",
    "lire_planning",
    "portee",
    "restantes",
    "sans_courriel",
]

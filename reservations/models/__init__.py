"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .agenda import a_reserver, reservations_de_l_agenda
from .attente import files_d_attente, jeton_de, offre_du_jeton, rangs, reponse_a, situer
from .evenements import Evenement, Portee, portee, sans_courriel
from .lecture import CaseLue, Contexte, Lecture, cochees, foyers_du_compte, inscriptions_de, lire, restantes
from .planning import PlanningMairie, lire_planning
from .preferences import Preferences, RappelEnvoye
from .tables import Excuse, Mouvement, Reservation, Seance

__all__ = [
    "CaseLue",
    "Contexte",
    "Evenement",
    "Excuse",
    "Lecture",
    "Mouvement",
    "PlanningMairie",
    "Portee",
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
    "lire_planning",
    "offre_du_jeton",
    "portee",
    "rangs",
    "reponse_a",
    "reservations_de_l_agenda",
    "restantes",
    "sans_courriel",
    "situer",
]

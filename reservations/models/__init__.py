"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .agenda import a_reserver, reservations_de_l_agenda
from .attente import files_d_attente, jeton_de, offre_du_jeton, rangs, reponse_a, situer
from .ensemble import manques
from .evenements import Evenement
from .lecture import CaseLue, Contexte, Lecture, cochees, foyers_du_compte, inscriptions_de, lire, restantes
from .ouvertures import Ouverture, Ticket, Voeu, comptes_des_places, comptes_des_voeux
from .planning import PlanningMairie, lire_planning
from .portees import Portee, portee, sans_courriel
from .preferences import Preferences, RappelEnvoye
from .tables import Excuse, Mouvement, Reservation, Seance
from .voeux import lire_ouverture

__all__ = [
    "CaseLue",
    "Contexte",
    "Evenement",
    "Excuse",
    "Lecture",
    "Mouvement",
    "Ouverture",
    "PlanningMairie",
    "Portee",
    "Preferences",
    "RappelEnvoye",
    "Reservation",
    "Seance",
    "Ticket",
    "Voeu",
    "a_reserver",
    "cochees",
    "comptes_des_places",
    "comptes_des_voeux",
    "files_d_attente",
    "foyers_du_compte",
    "inscriptions_de",
    "jeton_de",
    "lire",
    "lire_ouverture",
    "lire_planning",
    "manques",
    "offre_du_jeton",
    "portee",
    "rangs",
    "reponse_a",
    "reservations_de_l_agenda",
    "restantes",
    "sans_courriel",
    "situer",
]

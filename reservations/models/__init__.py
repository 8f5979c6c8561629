"""Les tables des réservations, et leur lecture en nombre constant de requêtes."""

from .agenda import a_reserver, reservations_de_l_agenda
from .attente import files_d_attente, jeton_de, offre_du_jeton, rangs, reponse_a
from .ensemble import manques
from .evenements import Evenement
from .lecture import CaseLue, Contexte, Lecture, cochees, foyers_du_compte, inscriptions_de, lire, reservees_entre
from .ouvertures import Ouverture, Ticket, Voeu
from .places import restantes
from .planning import lire_planning
from .portees import Portee, portee
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
    "Portee",
    "Preferences",
    "RappelEnvoye",
    "Reservation",
    "Seance",
    "Ticket",
    "Voeu",
    "a_reserver",
    "cochees",
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
    "reservees_entre",
    "restantes",
]

"""Les activités et les inscriptions, et leur lecture en nombre constant de requêtes."""

from .lecture import Offre, comptes_des_places, offres, pieces_de_l_activite, pieces_qui_manquent, profil
from .tables import JOURS, Activite, Inscription, PlaceLiberee, UniteDelai

__all__ = [
    "JOURS",
    "Activite",
    "Inscription",
    "Offre",
    "PlaceLiberee",
    "UniteDelai",
    "comptes_des_places",
    "offres",
    "pieces_de_l_activite",
    "pieces_qui_manquent",
    "profil",
]

"""Les activités et les inscriptions, et leur lecture en nombre constant de requêtes."""

from .delais import Condition, RegleDelai, VersionReglement
from .lecture import comptes_des_places, offres, pieces_de_l_activite, pieces_qui_manquent, profil
from .priorites import rangs_de_priorite
from .reglement import partout, reglement
from .tables import JOURS, Activite, Inscription, PlaceLiberee

__all__ = [
    "JOURS",
    "Activite",
    "Condition",
    "Inscription",
    "PlaceLiberee",
    "RegleDelai",
    "VersionReglement",
    "comptes_des_places",
    "offres",
    "partout",
    "pieces_de_l_activite",
    "pieces_qui_manquent",
    "profil",
    "rangs_de_priorite",
    "reglement",
]

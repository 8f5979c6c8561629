"""Les pointages, leur journal, et la liste d'un jour lue en nombre constant de requêtes."""

from .bilans import Ecart, Effectif, ecarts, effectifs
from .lecture import Classe, LigneDuJour, compte_de, ligne_de, lire_liste, par_classe, repas_dits, signes
from .tables import Geste, Pointage

__all__ = [
    "Classe",
    "Ecart",
    "Effectif",
    "Geste",
    "LigneDuJour",
    "Pointage",
    "compte_de",
    "ecarts",
    "effectifs",
    "ligne_de",
    "lire_liste",
    "par_classe",
    "repas_dits",
    "signes",
]

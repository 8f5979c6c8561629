"""Ce qui sort vers d'autres : ce que chaque export contient, ses écritures, ses heures, ses recettes. Règles pures."""

from .caf import AGES, heures_de, par_trimestre_et_age, trimestre
from .comptabilite import Codes, Ecriture, avoir, encaissement, vente
from .contenus import CONTENUS, CSV, ECRITURES, FORMATS, HEURES, ODS, PES, RECETTES, XML, Colonne, Contenu
from .recettes import Recette, Tableau, barres, rang_de_bande, tableaux

__all__ = [
    "AGES", "CONTENUS", "CSV", "ECRITURES", "FORMATS", "HEURES", "ODS", "PES", "RECETTES", "XML", "Codes", "Colonne",
    "Contenu", "Ecriture", "Recette", "Tableau", "avoir", "barres", "encaissement", "heures_de", "par_trimestre_et_age",
    "rang_de_bande", "tableaux", "trimestre", "vente",
]  # fmt: skip

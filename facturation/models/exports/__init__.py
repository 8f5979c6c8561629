"""Les exports : le journal de ceux qui sont faits, les codes comptables, et la lecture de ce qu'ils contiennent."""

from facturation.regles.exports import ECRITURES, HEURES, RECETTES

from .codes import Comptabilite, Imputation, Tresorerie, codes_de
from .demandes import DemandeExport
from .ecritures import ecritures, utilises
from .pieces import avoirs, factures, familles, lignes, operations, prelevements
from .presences import heures, presences
from .recettes import lire_recettes, recettes, seuils_en_vigueur
from .tables import Export
from .volumes import volume

# Ce que lit chaque export : une suite de rangées, dans l'ordre de ses colonnes, sans jamais tout tenir en mémoire.
LECTURES = {
    "factures": factures, "lignes": lignes, "avoirs": avoirs, "reglements": operations, "prelevements": prelevements,
    "familles": familles, "presences": presences, ECRITURES: ecritures, RECETTES: recettes, HEURES: heures,
}  # fmt: skip

__all__ = [
    "LECTURES", "Comptabilite", "DemandeExport", "Export", "Imputation", "Tresorerie", "codes_de", "lire_recettes",
    "seuils_en_vigueur", "utilises", "volume",
]  # fmt: skip

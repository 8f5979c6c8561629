"""Les fichiers reçus et rendus : examinés, refaits, rangés sous un nom au hasard, servis par une vue.

Rien de ce qu'un inconnu a composé n'est gardé tel quel : une image est décodée puis refaite, un PDF est
recopié page à page. On réduit plutôt que de refuser ; un refus dit ce qu'il faut faire à la place.
"""

from .examen import ACCEPTE, ACCEPTE_PHOTO, FICHIERS_MAX, TAILLE_MAX, Propre, nettoyer, nettoyer_logo
from .pdf import PAGES_MAX
from .rangement import chemin_prive, effacer, garder, servir

__all__ = [
    "ACCEPTE",
    "ACCEPTE_PHOTO",
    "FICHIERS_MAX",
    "PAGES_MAX",
    "TAILLE_MAX",
    "Propre",
    "chemin_prive",
    "effacer",
    "garder",
    "nettoyer",
    "nettoyer_logo",
    "servir",
]

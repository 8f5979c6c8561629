"""Règles de la famille : l'écriture des noms et des numéros, ce que chacun peut, chez qui est un enfant.

Fonctions pures : ni base, ni horloge, ni requête.
"""

from . import garde
from .personnes import (
    AGE_MAX,
    ELEMENTAIRE,
    MATERNELLE,
    age,
    classes_de,
    en_capitales,
    est_hors_commune,
    peut_rentrer_seul,
    prenom_propre,
    reunir,
    telephone_lisible,
    verifier_naissance,
    verifier_roles,
)

__all__ = [
    "AGE_MAX",
    "ELEMENTAIRE",
    "MATERNELLE",
    "age",
    "classes_de",
    "en_capitales",
    "est_hors_commune",
    "garde",
    "peut_rentrer_seul",
    "prenom_propre",
    "reunir",
    "telephone_lisible",
    "verifier_naissance",
    "verifier_roles",
]

"""Règles de la famille : l'écriture des noms et des numéros, ce que chacun peut, chez qui est un enfant.

Fonctions pures : ni base, ni horloge, ni requête.
"""

from . import garde
from .classes import (
    ELEMENTAIRE,
    MATERNELLE,
    classe_dite,
    classes_de,
    cle_de_division,
    division_propre,
    garde_sa_division,
    peut_rentrer_seul,
    rang_de_classe,
)
from .personnes import (
    AGE_MAX,
    age,
    en_capitales,
    est_hors_commune,
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
    "classe_dite",
    "classes_de",
    "cle_de_division",
    "division_propre",
    "en_capitales",
    "est_hors_commune",
    "garde",
    "garde_sa_division",
    "peut_rentrer_seul",
    "prenom_propre",
    "rang_de_classe",
    "reunir",
    "telephone_lisible",
    "verifier_naissance",
    "verifier_roles",
]

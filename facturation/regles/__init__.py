"""Les règles de la facturation. Fonctions pures : ni base, ni horloge, ni requête.

Tout montant est en euros, ``Decimal`` ; tout jour est une date de Paris.
"""

from .factures import (
    A_PAYER,
    DELAI,
    EN_RETARD,
    PAYEE,
    PREAVIS,
    Groupe,
    Mouvement,
    dernier,
    etat,
    exercice,
    grouper,
    jour_de_prelevement,
    masquer,
    premier,
    relever,
    rum,
    suivant,
)
from .mots import CENTIME, ZERO, arrondir, dire_jours, euros, intitule, phrase
from .prestations import (
    ABSENCE,
    RESERVE,
    SANS_RESERVATION,
    Fait,
    Petit,
    Prestation,
    Rassemblee,
    TarifManquant,
    a_facturer,
    avec_changements,
    prestations_du_foyer,
    rangs_de_fratrie,
    rassembler,
    total,
)
from .prix import (
    FIXE,
    FRATRIE,
    MONTANT,
    POURCENTAGE,
    QF,
    Circonstances,
    Effet,
    Grille,
    Palier,
    Prix,
    appliquer,
    defauts,
    dire_ajustement,
    dire_effet,
    prix,
    tableau,
    tranche,
)

__all__ = [
    "ABSENCE", "A_PAYER", "CENTIME", "DELAI", "EN_RETARD", "FIXE", "FRATRIE", "MONTANT", "PAYEE", "POURCENTAGE",
    "PREAVIS", "QF", "RESERVE", "SANS_RESERVATION", "ZERO", "Circonstances", "Effet", "Fait", "Grille", "Groupe",
    "Mouvement", "Palier", "Petit", "Prestation", "Prix", "Rassemblee", "TarifManquant", "a_facturer", "appliquer",
    "arrondir", "avec_changements",
    "defauts", "dernier", "dire_ajustement", "dire_effet", "dire_jours", "etat", "euros", "exercice",
    "grouper", "intitule", "jour_de_prelevement", "masquer", "phrase", "premier", "prestations_du_foyer", "prix",
    "rangs_de_fratrie", "rassembler", "relever", "rum", "suivant", "tableau", "total", "tranche",
]  # fmt: skip

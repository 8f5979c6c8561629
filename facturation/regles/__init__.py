"""Les règles de la facturation. Fonctions pures : ni base, ni horloge, ni requête.

Tout montant est en euros, ``Decimal`` ; tout jour est une date de Paris.
"""

from .attestations import Recu, Retenue, affecter, est_jeune, part_de_garde, retenir
from .caisse import attendu, dire_l_ecart, montant_des_titres
from .contestations import CONTESTER, REPONDRE, contestable_jusqu_au, repondre_avant
from .detail import Acte, Bilan, Case, Part, Rangee, bilan, calendrier, comparer, detailler
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
    "ABSENCE", "A_PAYER", "CENTIME", "CONTESTER", "DELAI", "EN_RETARD", "FIXE", "FRATRIE", "MONTANT", "PAYEE",
    "POURCENTAGE", "PREAVIS", "QF", "REPONDRE", "RESERVE", "SANS_RESERVATION", "ZERO", "Acte", "Bilan", "Case",
    "Circonstances", "Effet", "Fait", "Grille", "Groupe", "Mouvement", "Palier", "Part", "Petit", "Prestation", "Prix",
    "Rangee", "Rassemblee", "Recu", "Retenue", "TarifManquant", "a_facturer", "affecter", "appliquer", "arrondir",
    "attendu", "avec_changements", "bilan", "calendrier", "comparer", "contestable_jusqu_au", "defauts", "dernier",
    "detailler", "dire_ajustement", "dire_effet", "dire_jours", "dire_l_ecart", "est_jeune", "etat", "euros",
    "exercice", "grouper", "intitule", "jour_de_prelevement", "masquer", "montant_des_titres", "part_de_garde",
    "phrase", "premier", "prestations_du_foyer", "prix", "rangs_de_fratrie", "rassembler", "relever", "repondre_avant",
    "retenir", "rum", "suivant", "tableau", "total", "tranche",
]  # fmt: skip

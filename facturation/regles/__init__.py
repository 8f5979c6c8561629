"""Les règles de la facturation. Fonctions pures : ni base, ni horloge, ni requête.

Tout montant est en euros, ``Decimal`` ; tout jour est une date de Paris.
"""

from .corrections import Ecart, Revision, reviser
from .dessin import Dessin, dessiner
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
from .grilles import (
    ACTE,
    COMMENCEE,
    DUREE,
    ENTIERE,
    FAUTE,
    FIXE,
    FRATRIE,
    MAXIMUM,
    MINIMUM,
    MOIS,
    MONTANT,
    POURCENTAGE,
    PROCHE,
    QF,
    RETARD,
    Effet,
    Effort,
    Grille,
    Palier,
    base,
    compter_periodes,
    defauts,
    dire_periode,
    dire_unite,
    tranche,
)
from .lecture import Tableau, Trace, courbe, tableau
from .mots import CENTIME, ZERO, arrondir, dire_jours, euros, intitule, phrase
from .prestations import (
    ABSENCE,
    CARENCE,
    RESERVE,
    SANS_RESERVATION,
    Fait,
    Offre,
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
from .prix import Circonstances, Prix, appliquer, dire_ajustement, dire_effet, prix
from .simulation import Bande, Bilan, Foyer, dresser, majorer, seuils_de

__all__ = [
    "ABSENCE", "ACTE", "A_PAYER", "CARENCE", "CENTIME", "COMMENCEE", "DELAI", "DUREE", "ENTIERE", "EN_RETARD",
    "FAUTE", "FIXE", "FRATRIE", "MAXIMUM", "MINIMUM", "MOIS", "MONTANT", "PAYEE", "POURCENTAGE", "PREAVIS", "PROCHE",
    "QF", "RESERVE", "RETARD", "SANS_RESERVATION", "ZERO", "Bande", "Bilan", "Circonstances", "Dessin", "Ecart",
    "Effet", "Effort", "Fait", "Foyer", "Grille", "Groupe", "Mouvement", "Offre", "Palier", "Petit", "Prestation",
    "Prix", "Rassemblee", "Revision", "Tableau", "TarifManquant", "Trace", "a_facturer", "appliquer", "arrondir",
    "avec_changements", "base", "compter_periodes", "courbe", "defauts", "dernier", "dessiner", "dire_ajustement",
    "dire_effet", "dire_jours", "dire_periode", "dire_unite", "dresser", "etat", "euros", "exercice", "grouper",
    "intitule", "jour_de_prelevement", "majorer", "masquer", "phrase", "premier", "prestations_du_foyer", "prix",
    "rangs_de_fratrie", "rassembler", "relever", "reviser", "rum", "seuils_de", "suivant", "tableau", "total",
    "tranche",
]  # fmt: skip

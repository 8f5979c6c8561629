"""Un tarif tel que le prix le lit : d'où vient le prix de base, par quoi il se compte, ce qui le corrige."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from .mots import ZERO, arrondir, euros

# Ce que compte un tarif.
ACTE, DUREE, MOIS, ANNEE = "acte", "duree", "mois", "annee"
FORFAITS = (MOIS, ANNEE)
# Comment s'arrondit une durée.
COMMENCEE, PROCHE, ENTIERE = "commencee", "proche", "entiere"
# Les effets d'un ajustement.
FIXE, MONTANT, POURCENTAGE = "fixe", "montant", "pourcentage"
FRATRIE, RETARD, COMBINE, MINIMUM, MAXIMUM = "fratrie", "retard", "combine", "minimum", "maximum"
BORNES = (MINIMUM, MAXIMUM)
# Ce qui ne tient qu'à un jour : un forfait, qui n'en regarde aucun, ne le facturerait jamais.
DU_JOUR = ("hors_delai", "sans_reservation", "absence", RETARD, COMBINE)
# La facturation cherche ces mots dans les lignes émises, pour trouver celles qu'un quotient tardif corrige.
FAUTE, PERIME = "faute de quotient connu", "valait jusqu'au"
COMMENT = f"{FAUTE} (pour en changer, transmettez votre attestation CAF ou MSA à la mairie)"
MATIN_ET_SOIR = "matin et soir le même jour"
PERIODES = {15: ("quart d'heure", "quarts d'heure"), 30: ("demi-heure", "demi-heures"), 60: ("heure", "heures")}


class Palier(NamedTuple):
    """Une tranche de quotient : ``jusqu_a`` compris, ``None`` pour la plus haute.

    ``combine`` prend la place de ``prix`` un jour de matin et soir ; ``None`` : ce jour-là ne change rien.
    """

    jusqu_a: int | None
    prix: Decimal
    combine: Decimal | None = None


class Effort(NamedTuple):
    """Un taux d'effort : ``taux`` euros par point de quotient, ce quotient borné, plus ``fixe`` euros par acte.

    Sans quotient connu, le plafond. ``fixe`` ne se multiplie pas par la durée : c'est le goûter, non l'heure.
    """

    taux: Decimal
    plancher: int
    plafond: int
    fixe: Decimal = ZERO


class Effet(NamedTuple):
    """Un ajustement du tarif : ``valeur`` en euros ou en pour cent selon ``mode``, négative pour une remise.

    ``rang`` : à partir de quel enfant (fratrie), à partir de combien de fois dans le mois (retard).
    """

    cas: str
    mode: str
    valeur: Decimal
    rang: int | None = None


class Annee(NamedTuple):
    """Une année scolaire : sa clé, son nom, « 2026-2027 »."""

    cle: int
    nom: str


# Un mois en tarife des milliers d'actes : ce qui se déduit d'une grille ne se cherche qu'une fois, et sa clé est elle.
@dataclass(frozen=True, eq=False)
class Grille:
    """Un tarif : ses paliers du plus bas au plus haut, ou son taux d'effort ; ses effets dans leur ordre.

    ``unite`` : l'acte, une durée de ``minutes`` (arrondie comme dit ``arrondi``), le mois ou l'``annee`` scolaire.
    ``tolerance`` : les minutes après l'heure qui ne font pas un retard. ``garde`` : la part de garde, en pour cent du
    prix. ``carence`` : les jours d'une absence excusée qui se facturent, faute de certificat reçu dans les
    ``certificat`` heures (``None`` : sans délai).
    """

    nom: str
    paliers: tuple = ()
    effets: tuple = ()
    effort: Effort | None = None
    unite: str = ACTE
    minutes: int = 30
    arrondi: str = COMMENCEE
    tolerance: int = 0
    garde: int = 100
    carence: int = 0
    certificat: int | None = None
    annee: Annee | None = None

    @property
    def par_jour(self):
        """Vrai si le prix d'un jour dépend des autres : on ne peut pas compter ensemble des jours semblables."""
        return bool(self.carence) or self.combine or any(effet.cas in (RETARD, COMBINE) for effet in self.effets)

    @cached_property
    def combine(self):
        """Vrai si les tranches disent leur prix « matin et soir »."""
        return any(palier.combine is not None for palier in self.paliers)

    @cached_property
    def effets_utiles(self):
        """Les effets qui peuvent jouer : un « matin et soir » dit par tranche remplace l'ajustement du même cas, et un
        forfait n'a rien de ce qui ne tient qu'à un jour.
        """
        vains = DU_JOUR if self.unite in FORFAITS else (COMBINE,) if self.combine else ()
        return tuple(effet for effet in self.effets if effet.cas not in vains)

    @cached_property
    def etapes(self):
        """``[(cas, ses effets), …]`` : un seul pas par cas, à la place du premier de ses effets.

        Deux remises de fratrie à deux places, et le troisième enfant pourrait payer plus que le deuxième.
        """
        par_cas = {}
        for effet in self.effets_utiles:
            par_cas.setdefault(effet.cas, []).append(effet)
        return list(par_cas.items())

    @cached_property
    def traits(self):
        """Ce qu'elle regarde d'une journée : ``(les heures, les retards, l'autre bout)`` ; ``None`` si rien de cela."""
        regarde = self.unite == DUREE, RETARD in self.prevus, COMBINE in self.prevus or self.combine
        return regarde if any(regarde) and self.unite not in FORFAITS else None

    @cached_property
    def prevus(self):
        """Les cas qu'elle ajuste, même en vain."""
        return {effet.cas for effet in self.effets}


class QF(NamedTuple):
    """Un quotient familial et sa preuve, « attestation CAF du 02/09 » ; ``perime`` : son dernier jour, s'il est passé.

    Périmé, il ne choisit plus de prix : la phrase dit seulement jusqu'à quand il valait.
    """

    valeur: int
    preuve: str = ""
    perime: dt.date | None = None

    def __str__(self):
        return f"QF {self.valeur}{f', {self.preuve}' if self.preuve else ''}"


def connu(quotient):
    """Ce ``QF`` s'il vaut encore, sinon ``None``."""
    return quotient if quotient and quotient.perime is None else None


def _sans_quotient(quotient):
    """Pourquoi le prix le plus haut, et comment en changer : aucun quotient, ou un quotient périmé."""
    if quotient is None:
        return COMMENT
    jusqu_au = f"votre quotient {quotient.valeur} {PERIME} {quotient.perime:%d/%m/%Y}"
    return f"{jusqu_au} (transmettez la nouvelle attestation CAF ou MSA à la mairie)"


def base(grille, quotient, combine=False):
    """Le prix d'une unité et sa raison, avant tout ajustement ; au centime : c'est ce que dit la grille.

    ``combine`` : l'enfant a aussi, ce jour-là, l'accueil de l'autre bout de la journée.
    """
    if grille.effort:
        return _effort(grille.effort, quotient)
    palier, raison = tranche(grille, quotient)
    if combine and palier.combine is not None:
        return palier.combine, f"{raison}, {MATIN_ET_SOIR}"
    return palier.prix, raison


def tranche(grille, quotient):
    """Le ``Palier`` et sa raison. Sans quotient qui vaille, le plus haut, et la phrase dit comment en changer."""
    if len(grille.paliers) == 1:
        return grille.paliers[0], "prix unique"
    dernier = len(grille.paliers)
    if connu(quotient) is None:
        return grille.paliers[-1], f"tranche {dernier}, la plus haute, {_sans_quotient(quotient)}"
    numero = next(
        (n for n, p in enumerate(grille.paliers, 1) if p.jusqu_a is not None and quotient.valeur <= p.jusqu_a), dernier
    )
    return grille.paliers[numero - 1], f"tranche {numero} ({quotient})"


def _effort(effort, quotient):
    """« 0,0027 × QF 742 (attestation CAF du 02/09) » ; le plancher ou le plafond se dit quand il joue."""
    vaut = connu(quotient)
    valeur = min(max(vaut.valeur, effort.plancher), effort.plafond) if vaut else effort.plafond
    raison = f"taux d'effort {nombre(effort.taux)} × {valeur}"
    if vaut is None:
        raison += f", le plafond, {_sans_quotient(quotient)}"
    elif valeur == quotient.valeur:
        raison += f" ({quotient})"
    else:
        raison += f", le {'plancher' if valeur == effort.plancher else 'plafond'} ({quotient})"
    return arrondir(effort.taux * valeur), raison


def nombre(valeur):
    """« 0,0027 », « 12,5 », « 10 » : un nombre à la française, sans zéros inutiles."""
    texte = f"{valeur:f}"
    return (texte.rstrip("0").rstrip(".") if "." in texte else texte).replace(".", ",")


# --- Les durées ---------------------------------------------------------------------------------------------------
def compter_periodes(minutes, periode, arrondi):
    """Combien de périodes de ``periode`` minutes se facturent pour ``minutes`` : au moins une."""
    entieres, reste = divmod(max(minutes, 0), periode)
    if arrondi == COMMENCEE:
        entieres += reste > 0
    elif arrondi == PROCHE:
        entieres += 2 * reste >= periode
    return max(entieres, 1)


def dire_periode(minutes, combien=1):
    """« demi-heure », « quarts d'heure », « périodes de 20 min »."""
    s = "s" if combien > 1 else ""
    return PERIODES.get(minutes, (f"période de {minutes} min", f"période{s} de {minutes} min"))[combien > 1]


def dire_unite(grille):
    """Ce que compte le tarif, pour un titre : « La demi-heure », « Le mois », « L'acte »."""
    if grille.unite == DUREE:
        mot = dire_periode(grille.minutes)
        return f"L'{mot}" if mot[0] == "h" else f"{'Le' if mot[0] == 'q' else 'La'} {mot}"
    return {MOIS: "Le mois", ANNEE: "L'année"}.get(grille.unite, "L'acte")


# --- Ce qui ne va pas ---------------------------------------------------------------------------------------------
def defauts(grille):
    """Ce qui ne va pas dans un tarif, en phrases ; une liste vide s'il est bon."""
    phrases = _defauts_d_effort(grille.effort) if grille.effort else _defauts_de_tranches(grille.paliers)
    if any(e.cas == FRATRIE and e.mode != FIXE and e.valeur > 0 for e in grille.effets):
        phrases.append("Un ajustement de fratrie est une remise : sa valeur est négative.")
    if grille.combine and grille.unite in FORFAITS:
        phrases.append("Un forfait ne regarde pas les jours : il n'a pas de prix « matin et soir ».")
    if grille.unite in FORFAITS and any(e.cas in DU_JOUR for e in grille.effets):
        phrases.append(
            "Un forfait ne regarde pas les jours : hors délai, sans réservation, absence, départ après l'heure, "
            "matin et soir ne s'y factureraient jamais. Pour un départ après l'heure, ouvrez une activité à l'acte."
        )
    if any(e.cas in BORNES and (e.mode != FIXE or e.valeur < 0) for e in grille.effets):
        phrases.append("Un minimum ou un maximum est un prix fixe, en euros.")
    bornes = {e.cas: e.valeur for e in grille.effets if e.cas in BORNES}
    if bornes.get(MINIMUM, ZERO) > bornes.get(MAXIMUM, bornes.get(MINIMUM, ZERO)):
        phrases.append(
            f"Le minimum ({euros(bornes[MINIMUM])}) ne peut pas dépasser le maximum ({euros(bornes[MAXIMUM])})."
        )
    return phrases


def _defauts_de_tranches(paliers):
    if not paliers:
        return ["Un tarif a au moins une tranche."]
    phrases = []
    if paliers[-1].jusqu_a is not None:
        phrases.append(
            "Il manque la tranche sans seuil, la plus haute : c'est aussi celle des familles sans quotient."
        )
    if any(bas.prix > haut.prix for bas, haut in pairwise(paliers)):
        phrases.append("Le prix d'une tranche ne peut pas dépasser celui de la tranche suivante.")
    return phrases + _defauts_de_combine([palier.combine for palier in paliers])


def _defauts_de_combine(prix):
    """Un prix « matin et soir » qui manquerait à une tranche la ferait payer plus qu'une plus haute."""
    if all(un is None for un in prix):
        return []
    if None in prix:
        return ["Le prix « matin et soir » se dit pour toutes les tranches, ou pour aucune (0 pour gratuit)."]
    if any(bas > haut for bas, haut in pairwise(prix)):
        return ["Le prix « matin et soir » d'une tranche ne peut pas dépasser celui de la tranche suivante."]
    return []


def _defauts_d_effort(effort):
    phrases = []
    if effort.taux is None or effort.plafond is None:
        return ["Un taux d'effort se dit avec son taux et son plafond : sans quotient, une famille paie le plafond."]
    if effort.taux < 0 or effort.fixe < 0:
        phrases.append("Un taux d'effort et sa part fixe ne sont jamais négatifs.")
    if effort.plancher > effort.plafond:
        phrases.append("Le plancher d'un taux d'effort ne peut pas dépasser son plafond.")
    return phrases

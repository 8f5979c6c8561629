"""« Et si ? » : ce qu'un autre tarif changerait, foyer par foyer et tranche par tranche."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from .grilles import POURCENTAGE, Palier
from .lecture import dire_palier
from .mots import ZERO, arrondir

MONTREES = 10
# Sans tranche d'aucun côté, des quotients ronds.
CLASSES = (400, 800, 1200, 1600, 2000)
SANS_QUOTIENT = "sans quotient connu"


class Foyer(NamedTuple):
    """Ce qu'un foyer (sa clé) a coûté et coûterait sur la période, en euros ; son dernier ``quotient``, ou ``None``."""

    cle: int
    quotient: int | None
    avant: Decimal
    apres: Decimal

    @property
    def ecart(self):
        return self.apres - self.avant


class Bande(NamedTuple):
    """Des foyers de quotients voisins : combien paieraient plus, moins, pareil."""

    nom: str
    foyers: int
    avant: Decimal
    apres: Decimal
    plus: int
    moins: int

    @property
    def ecart(self):
        return self.apres - self.avant

    @property
    def moyen(self):
        """L'écart par foyer, sur la période (euros)."""
        return arrondir(self.ecart / self.foyers)

    @property
    def pareils(self):
        return self.foyers - self.plus - self.moins


class Simulation(NamedTuple):
    """Les totaux, les ``Bande`` du plus bas quotient au plus haut, chaque ``Foyer`` de la plus forte hausse à la plus
    forte baisse.
    """

    ensemble: Bande
    bandes: list
    foyers: list

    @property
    def hausses(self):
        """Les plus fortes hausses, la première d'abord."""
        return [foyer for foyer in self.foyers[:MONTREES] if foyer.ecart > 0]

    @property
    def baisses(self):
        """Les plus fortes baisses, la première d'abord."""
        return [foyer for foyer in reversed(self.foyers[-MONTREES:]) if foyer.ecart < 0]


def dresser(foyers, seuils):
    """Le ``Simulation`` de ces ``Foyer``, rangés par les ``seuils`` de quotient (compris, croissants)."""
    paquets = defaultdict(list)
    for foyer in foyers:
        paquets[_rang(foyer.quotient, seuils)].append(foyer)
    noms = noms_des_bandes(seuils)
    bandes = [_bande(noms[rang], paquets[rang]) for rang in sorted(paquets)]
    return Simulation(_bande("tous", foyers), bandes, sorted(foyers, key=lambda f: (-f.ecart, f.cle)))


def seuils_de(*grilles):
    """Les seuils de la première grille qui en a plusieurs, à défaut des quotients ronds."""
    for grille in grilles:
        if len(grille.paliers) > 1:
            return tuple(palier.jusqu_a for palier in grille.paliers[:-1])
    return CLASSES


def _rang(quotient, seuils):
    if quotient is None:
        return len(seuils) + 1
    return next((n for n, seuil in enumerate(seuils) if quotient <= seuil), len(seuils))


def noms_des_bandes(seuils):
    """« jusqu'à 600 », « de 601 à 900 », « 901 et plus », « sans quotient connu »."""
    noms, bas = [], 0
    for seuil in (*seuils, None):
        noms.append(dire_palier(bas, Palier(seuil, ZERO), len(seuils) + 1).removesuffix(", ou inconnu"))
        bas = (seuil or 0) + 1
    return [*noms, SANS_QUOTIENT]


def _bande(nom, foyers):
    return Bande(
        nom, len(foyers), sum((f.avant for f in foyers), ZERO), sum((f.apres for f in foyers), ZERO),
        sum(f.ecart > 0 for f in foyers), sum(f.ecart < 0 for f in foyers),
    )  # fmt: skip


def majorer(grille, pourcentage):
    """La grille, tous ses prix en euros changés de ``pourcentage`` pour cent, ajustements compris, au centime."""
    part = 1 + Decimal(pourcentage) / 100
    effort = grille.effort and grille.effort._replace(
        taux=grille.effort.taux * part, fixe=arrondir(grille.effort.fixe * part)
    )
    return replace(
        grille, effort=effort, paliers=tuple(_majore(palier, part) for palier in grille.paliers),
        effets=tuple(
            effet if effet.mode == POURCENTAGE else effet._replace(valeur=arrondir(effet.valeur * part))
            for effet in grille.effets
        ),
    )


def _majore(palier, part):
    combine = None if palier.combine is None else arrondir(palier.combine * part)
    return palier._replace(prix=arrondir(palier.prix * part), combine=combine)

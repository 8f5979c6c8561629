"""Les écritures en partie double : chaque pièce s'équilibre au centime, aux codes que la commune a choisis."""

import datetime as dt
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from ..mots import CENTIME, ZERO


class Codes(NamedTuple):
    """Les codes de la commune. ``produits`` : activité → ``(compte, analytique)`` ; ``tresorerie`` : moyen → compte."""

    tiers: str
    budget: str
    journaux: tuple  # ventes, avoirs, encaissements
    tresorerie: dict
    produits: dict


class Ecriture(NamedTuple):
    """Une ligne du journal, en euros : un débit ou un crédit, jamais les deux."""

    journal: str
    jour: dt.date
    piece: str
    compte: str
    libelle: str
    debit: Decimal
    credit: Decimal
    analytique: str
    budget: str
    famille: int


def vente(codes, jour, piece, libelle, famille, parts):
    """La facture : le foyer doit, chaque produit est gagné. ``parts`` : ``[(activité, euros)…]``."""
    total = sum((montant for _, montant in parts), ZERO)
    mouvements = [(codes.tiers, "", total), *_produits(codes, parts, -1)]
    return _piece(codes, codes.journaux[0], jour, piece, libelle, famille, mouvements)


def avoir(codes, jour, piece, libelle, famille, parts):
    """L'avoir : la vente, à l'envers."""
    total = sum((montant for _, montant in parts), ZERO)
    mouvements = [*_produits(codes, parts, 1), (codes.tiers, "", -total)]
    return _piece(codes, codes.journaux[1], jour, piece, libelle, famille, mouvements)


def encaissement(codes, jour, piece, libelle, famille, moyen, montant):
    """L'argent reçu (euros) ; négatif, il sort : un remboursement, ou l'annulation d'un règlement."""
    mouvements = [(codes.tresorerie[moyen], "", montant), (codes.tiers, "", -montant)]
    return _piece(codes, codes.journaux[2], jour, piece, libelle, famille, mouvements)


def _produits(codes, parts, sens):
    """Les parts d'un même compte et d'un même analytique ne font qu'une écriture."""
    sommes = {}
    for activite, montant in parts:
        cle = codes.produits[activite]
        sommes[cle] = sommes.get(cle, ZERO) + sens * montant
    return [(compte, analytique, somme) for (compte, analytique), somme in sorted(sommes.items())]


def _piece(codes, journal, jour, piece, libelle, famille, mouvements):
    return [
        Ecriture(journal, jour, piece, compte, libelle, max(somme, ZERO), max(-somme, ZERO), analytique, codes.budget,
                 famille)
        for compte, analytique, somme in mouvements if somme
    ]  # fmt: skip


def ventiler(montant, parts):
    """Partage ``montant`` (euros, positif) selon ``[(clé, poids)…]`` et rend ``[(clé, euros)…]``, au centime.

    Des poids qui font déjà le montant sont gardés tels quels, négatifs compris (un quotient tardif renchérit parfois
    une ligne). Sinon, au prorata des poids positifs : les centimes qui restent vont aux plus grands restes.
    """
    if sum((poids for _, poids in parts), ZERO) == montant:
        return list(parts)
    positifs = [(cle, poids) for cle, poids in parts if poids > 0]
    total = sum((poids for _, poids in positifs), ZERO)
    justes = [montant * poids / total for _, poids in positifs]
    parts_entieres = [juste.quantize(CENTIME, ROUND_DOWN) for juste in justes]
    reste = int((montant - sum(parts_entieres, ZERO)) / CENTIME)
    ordre = sorted(range(len(justes)), key=lambda n: (parts_entieres[n] - justes[n], n))
    for n in ordre[:reste]:
        parts_entieres[n] += CENTIME
    return [(cle, part) for (cle, _), part in zip(positifs, parts_entieres, strict=True)]

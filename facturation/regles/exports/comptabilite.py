"""Les écritures en partie double : chaque pièce s'équilibre au centime, aux codes que la commune a choisis."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from ..mots import ZERO


class Codes(NamedTuple):
    """Les codes de la commune. ``produits`` : activité → ``(compte, analytique)`` ; ``tresorerie`` : moyen → compte ;
    ``budgets`` : budget (sa clé) → son code, s'il a le sien.
    """

    tiers: str
    budget: str
    journaux: tuple  # ventes, avoirs, encaissements
    tresorerie: dict
    produits: dict
    budgets: dict | None = None

    def du_budget(self, cle):
        """Les mêmes codes, pour les pièces de ce budget (``None`` : la régie principale)."""
        return self._replace(budget=(self.budgets or {}).get(cle) or self.budget)


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

"""Ce qu'une attestation compte : les sommes payées, et leur part pour la garde des plus jeunes.

Le code des impôts ne retient que les sommes versées dans l'année, pour la garde d'enfants de moins de six ans au
1er janvier, repas exclus ; la résidence alternée en retient la moitié.
"""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from familles.regles import age

from .mots import ZERO, arrondir

SIX_ANS = 6


def part_de_garde(genre, montant, garde=None):
    """Ce qui, d'un montant facturé (euros), paie la garde et non le repas : la part que le tarif a dite, ``garde``.

    S'il n'en disait pas, la restauration est tout entière un repas, et le reste tout entier de la garde.
    """
    if garde is not None:
        return garde
    return ZERO if genre == "midi" else montant


def est_jeune(naissance, annee):
    """Moins de six ans au 1er janvier de cette année : né un 1er janvier, on a six ans ce jour-là."""
    return age(naissance, dt.date(annee, 1, 1)) < SIX_ANS


class Recu(NamedTuple):
    """Un règlement : le jour où il fut reçu, sa somme, la facture qu'il désigne s'il en désigne une."""

    jour: dt.date
    montant: Decimal
    facture: int | None = None
    moyen: str = ""
    cle: int | None = None


def affecter(nettes, recus, rendu=ZERO):
    """Facture → ``[(Recu, somme)…]`` : ce que chaque règlement a payé de chacune.

    ``nettes`` : facture → ce qu'elle demande, avoirs déduits, de la plus ancienne à la plus récente. Comme la fonction
    ``facturation_ranger`` de la base : un règlement va d'abord à la facture qu'il désigne, et son surplus aux plus
    anciennes (code civil, art. 1342-10). ``rendu`` : ce que la régie a remboursé, pris sur les derniers surplus.
    """
    restes, parts, surplus = dict(nettes), defaultdict(list), []

    def verser(recu, somme, facture):
        pris = min(somme, restes.get(facture, ZERO))
        if pris > 0:
            restes[facture] -= pris
            parts[facture].append((recu, pris))
        return somme - max(pris, ZERO)

    for recu in sorted(recus, key=lambda recu: recu.jour):
        surplus.append((recu, verser(recu, recu.montant, recu.facture)))
    restants = []
    for recu, somme in reversed(surplus):
        repris = min(somme, rendu)
        rendu -= repris
        restants.insert(0, (recu, somme - repris))
    for recu, somme in restants:
        for facture in nettes:
            somme = verser(recu, somme, facture)
    return parts


class Retenue(NamedTuple):
    """Ce qu'un enfant ajoute à l'attestation fiscale (euros) : ``paye``, et ce qui en est ``retenu``."""

    enfant: int
    paye: Decimal
    alternee: bool
    retenu: Decimal


def retenir(annee, lignes, parts, naissances, alternes):
    """Les ``Retenue`` d'un foyer pour une année, dans l'ordre d'âge ; un enfant sans rien n'y est pas.

    ``lignes`` : ``(facture, enfant, genre, montant, garde)``, tous avoirs déduits (``nets``) ; ``parts`` vient de
    ``affecter`` ; ``naissances`` : enfant → date ; ``alternes`` : les enfants en résidence alternée. Une facture
    payée en partie l'est dans la même proportion pour chacune de ses lignes.
    """
    totaux, gardes = defaultdict(Decimal), defaultdict(Decimal)
    for facture, enfant, genre, montant, garde in lignes:
        totaux[facture] += montant
        if est_jeune(naissances[enfant], annee):
            gardes[facture, enfant] += part_de_garde(genre, montant, garde)
    payes = defaultdict(Decimal)
    for (facture, enfant), garde in gardes.items():
        paye = sum((somme for recu, somme in parts.get(facture, ()) if recu.jour.year == annee), ZERO)
        if totaux[facture]:
            payes[enfant] += min(paye, totaux[facture]) * garde / totaux[facture]
    retenues = []
    for enfant in sorted(payes, key=lambda enfant: (naissances[enfant], enfant)):
        paye, alternee = arrondir(payes[enfant]), enfant in alternes
        if paye:
            retenues.append(Retenue(enfant, paye, alternee, arrondir(paye / 2) if alternee else paye))
    return retenues

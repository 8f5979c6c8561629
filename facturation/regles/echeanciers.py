"""L'échéancier : partager une dette au centime, dater, et dire où il en est. Fonctions pures, montants en euros."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from commune.regles import decaler

from .mots import CENTIME, ZERO

MAXIMUM = 24  # échéances, au plus, quoi que la régie accorde
TENU, RETARD, ROMPU, FINI, REVOQUE = "tenu", "retard", "rompu", "fini", "revoque"
VIVANTS = (TENU, RETARD)  # ceux pendant lesquels on ne relance pas


def partager(total, nombre):
    """``nombre`` parts dont la somme est ``total`` au centime ; égales à un centime près, les grandes d'abord.

    Lève ``ValueError`` si une part serait nulle.

    >>> [str(part) for part in partager(Decimal("100.00"), 3)]
    ['33.34', '33.33', '33.33']
    """
    centimes = int(total / CENTIME)
    if nombre < 1 or centimes < nombre or centimes * CENTIME != total:
        raise ValueError(f"{total} ne se partage pas en {nombre}")
    part, surplus = divmod(centimes, nombre)
    return [(part + (rang < surplus)) * CENTIME for rang in range(nombre)]


def dates(premiere, nombre):
    """``nombre`` dates, de mois en mois ; le 31 devient le dernier jour d'un mois plus court."""
    return [decaler(premiere, rang) for rang in range(nombre)]


class Position(NamedTuple):
    """Où en est un échéancier. ``payes`` : ce qui est payé de chaque échéance, dans l'ordre."""

    etat: str
    paye: Decimal
    payes: tuple
    prochaine: int | None  # le rang (depuis 0) de la première qui n'est pas entièrement payée
    en_retard: Decimal  # ce qui aurait dû être payé et ne l'est pas


def situer(echeances, paye, jour, tolerance, revoque=False):
    """La ``Position`` d'un échéancier ``[(jour, montant)…]`` dont ``paye`` euros sont payés, ce jour de Paris.

    Ce qui est payé va aux échéances dans l'ordre. Le jour d'une échéance, elle se paie encore ; passé ce jour le plan
    est en retard, et rompu quand le retard dépasse ``tolerance`` jours.
    """
    reste, payes, prochaine, retard, depuis = max(paye, ZERO), [], None, ZERO, None
    for rang, (due_le, montant) in enumerate(echeances):
        part = min(reste, montant)
        reste -= part
        payes.append(part)
        if part < montant:
            prochaine = rang if prochaine is None else prochaine
            if due_le < jour:
                retard += montant - part
                depuis = depuis or due_le
    if revoque:
        etat = REVOQUE
    elif prochaine is None:
        etat = FINI
    elif depuis is None:
        etat = TENU
    else:
        etat = ROMPU if jour > depuis + dt.timedelta(days=tolerance) else RETARD
    return Position(etat, sum(payes, ZERO), tuple(payes), prochaine, retard)


def a_payer_maintenant(echeances, position):
    """Ce que la famille paie d'un geste : tout le retard, à défaut la prochaine échéance ; zéro si c'est fini."""
    if position.prochaine is None:
        return ZERO
    rang = position.prochaine
    return position.en_retard or echeances[rang][1] - position.payes[rang]

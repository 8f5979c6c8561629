"""Les heures que compte la CAF : le créneau entier dès que l'enfant y est venu."""

from decimal import Decimal

from ..mots import arrondir


def heures_de(debut, fin):
    """La durée d'un créneau en heures décimales : de 16 h 30 à 18 h 15, 1,75."""
    minutes = (fin.hour - debut.hour) * 60 + fin.minute - debut.minute
    return arrondir(Decimal(minutes) / 60)


def trimestre(jour):
    """« 2026-T4 »."""
    return f"{jour.year}-T{(jour.month + 2) // 3}"

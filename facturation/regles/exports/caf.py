"""Les heures que compte la CAF : le créneau entier dès que l'enfant y est venu."""

from decimal import Decimal

from ..mots import arrondir

AGES = ("moins de 6 ans", "6 ans et plus")  # dans cet ordre


def heures_de(debut, fin, combien=1):
    """Les heures décimales de ``combien`` créneaux : de 16 h 30 à 18 h 15, 1,75. Arrondies une fois, à la fin."""
    minutes = (fin.hour - debut.hour) * 60 + fin.minute - debut.minute
    return arrondir(Decimal(minutes) * combien / 60)


def par_trimestre_et_age(rangees):
    """``[(trimestre, âge, présences, réalisées, réservées, facturées)…]`` des rangées de l'export, sommées."""
    sommes = {}
    for periode, _, _, age, _, *nombres, _ in rangees:
        deja = sommes.get((periode, age), [0] * len(nombres))
        sommes[periode, age] = [ancien + neuf for ancien, neuf in zip(deja, nombres, strict=True)]
    return [(*cle, *nombres) for cle, nombres in sorted(sommes.items(), key=_ordre)]


def _ordre(somme):
    (periode, age), _ = somme
    return periode, AGES.index(age)


def trimestre(jour):
    """« 2026-T4 »."""
    return f"{jour.year}-T{(jour.month + 2) // 3}"

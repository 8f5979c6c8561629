"""L'adresse d'une page, cherchée une fois par processus : Django la cherche à chaque fois (un dixième du planning)."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse

TEMOIN = 7_000_000_000_000  # une clé que la base n'atteint pas, à la place de la vraie


def adresse(page, *cles):
    """L'adresse de ``page`` ; ``cles`` : des entiers, dans l'ordre de ses arguments. Lève ``NoReverseMatch``."""
    return _modele(page, len(cles), get_script_prefix()) % cles


@lru_cache(maxsize=512)
def _modele(page, combien, prefixe):
    temoins = [TEMOIN + rang for rang in range(combien)]
    modele = reverse(page, args=temoins).replace("%", "%%")
    for temoin in temoins:
        modele = modele.replace(str(temoin), "%d")
    return modele

"""La caisse : ce que des titres font, et ce que la caisse devrait contenir."""

from .mots import ZERO, euros


def montant_des_titres(nombre, valeur):
    """Ce que font ``nombre`` titres de cette valeur faciale (euros)."""
    return nombre * valeur


def attendu(fonds, recettes, annulees, deposees, rendues):
    """Les espèces (euros) que la caisse devrait contenir.

    Ce qu'elle contenait (``fonds``), plus ce qui est entré, moins ce qui en est sorti : les règlements annulés, les
    dépôts, les remboursements. Négatif, une écriture manque ou se trompe : la caisse ne rend pas ce qu'elle n'a pas.
    """
    return fonds + recettes - annulees - deposees - rendues


def dire_l_ecart(ecart):
    """« juste », « il manque 2,00 € », « 2,00 € de trop »."""
    if ecart == ZERO:
        return "juste"
    return f"il manque {euros(-ecart)}" if ecart < 0 else f"{euros(ecart)} de trop"

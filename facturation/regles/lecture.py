"""Un tarif qui se lit : un tableau, une courbe, des phrases."""

from decimal import Decimal
from typing import NamedTuple

from .grilles import BORNES, DUREE, FORFAITS, FRATRIE, MATIN_ET_SOIR, QF, RETARD, dire_unite
from .mots import euros
from .prix import MOTS, Circonstances, dire_ajustement, prix

AU_DELA = Decimal("1.2")  # la courbe dépasse d'un cinquième le dernier seuil, pour que l'on voie le palier


class Tableau(NamedTuple):
    """Une grille à lire : des colonnes de situations, des rangées de quotients, et les phrases des ajustements."""

    colonnes: list
    rangees: list  # (le quotient en mots, [prix…])
    phrases: list


def tableau(grille):
    """Le ``Tableau`` des prix : chaque tranche, pour un enfant ordinaire puis pour chaque ajustement pris seul."""
    situations = [("Prix" if grille.unite not in (DUREE, *FORFAITS) else dire_unite(grille), Circonstances())]
    if grille.combine:
        situations.append((_titre(MATIN_ET_SOIR), Circonstances(combine=True)))
    situations += [_situation(effet) for effet in grille.effets_utiles if effet.cas not in BORNES]
    rangees = [
        (mots, [prix(grille, quotient, situation).montant for _, situation in situations])
        for mots, quotient in _reperes(grille)
    ]
    phrases = [dire_ajustement(effet) for effet in grille.effets_utiles]
    if grille.combine:
        phrases.insert(0, _dire_combine(grille))
    if grille.effort and grille.effort.fixe:
        phrases.insert(0, f"Part fixe : {euros(grille.effort.fixe)} par acte, comprise dans le tableau.")
    return Tableau([nom for nom, _ in situations], rangees, phrases)


def _situation(effet):
    """Le titre d'une colonne, et les circonstances qu'elle montre."""
    if effet.cas == FRATRIE:
        return f"{effet.rang}e enfant", Circonstances(rang=effet.rang)
    if effet.cas == RETARD:
        fois = f", {effet.rang}e fois" if (effet.rang or 1) > 1 else ""
        return f"Départ après l'heure{fois}", Circonstances(retard=effet.rang or 1)
    return _titre(MOTS[effet.cas]), Circonstances(**{effet.cas: True})


def _titre(mot):
    return mot[0].upper() + mot[1:]


def _dire_combine(grille):
    """« Matin et soir le même jour : cet accueil coûte de 2,30 € à 3,10 € selon la tranche ; … »"""
    bas, haut = grille.paliers[0].combine, grille.paliers[-1].combine
    prix = euros(bas) if bas == haut else f"de {euros(bas)} à {euros(haut)} selon la tranche"
    par = f" {dire_unite(grille).lower()}" if grille.unite == DUREE else ""
    return f"{_titre(MATIN_ET_SOIR)} : cet accueil coûte {prix}{par} ; l'autre se paie au prix que dit son tarif."


def _reperes(grille):
    """Les quotients que montre le tableau : ``[(en mots, QF), …]``, du plus bas au plus haut."""
    if grille.effort:
        bas, haut = grille.effort.plancher, grille.effort.plafond
        ronds = sorted({bas + (haut - bas) * n // 5 // 50 * 50 for n in range(1, 5)} - {bas, haut})
        milieu = [(str(valeur), QF(valeur)) for valeur in ronds if bas < valeur < haut]
        return [(f"jusqu'à {bas}", QF(bas)), *milieu, (f"{haut} et plus, ou inconnu", QF(haut))]
    reperes, bas = [], 0
    for palier in grille.paliers:
        # La tranche la plus haute se lit par un quotient qui la dépasse toutes.
        quotient = QF(palier.jusqu_a if palier.jusqu_a is not None else bas)
        reperes.append((dire_palier(bas, palier, len(grille.paliers)), quotient))
        bas = (palier.jusqu_a or 0) + 1
    return reperes


def dire_palier(bas, palier, nombre):
    """« de 601 à 900 », « jusqu'à 600 », « 901 et plus, ou inconnu »."""
    if nombre == 1:
        return "tous les quotients"
    if palier.jusqu_a is None:
        return f"{bas} et plus, ou inconnu"
    return f"de {bas} à {palier.jusqu_a}" if bas else f"jusqu'à {palier.jusqu_a}"


# --- La courbe ----------------------------------------------------------------------------------------------------
class Trace(NamedTuple):
    """Une ligne de la courbe : un rang dans la fratrie ou un matin et soir, et ses points ``(quotient, euros)``."""

    nom: str
    points: list


def courbe(grille):
    """Les ``Trace`` du prix selon le quotient, une par rang qui change quelque chose ; l'aîné d'abord.

    Puis celle d'un jour de matin et soir, si les tranches en disent le prix.
    """
    rangs = [1, *sorted({effet.rang for effet in grille.effets if effet.cas == FRATRIE})]
    abscisses = _abscisses(grille)
    premier = "1er enfant" if len(rangs) > 1 else "Prix"
    situations = [(premier if rang == 1 else f"{rang}e enfant", Circonstances(rang=rang)) for rang in rangs]
    if grille.combine:
        situations.append(("Matin et soir", Circonstances(combine=True)))
    return [
        Trace(nom, [(q, prix(grille, QF(q), situation).montant) for q in abscisses]) for nom, situation in situations
    ]


def _abscisses(grille):
    """Où le prix change : de part et d'autre de chaque seuil, ou tout au long d'un taux d'effort."""
    if grille.effort:
        bas, haut = grille.effort.plancher, grille.effort.plafond
        pas = max((haut - bas) // 40, 1)
        return sorted({0, bas, haut, int(haut * AU_DELA), *range(bas, haut, pas)})
    seuils = [palier.jusqu_a for palier in grille.paliers if palier.jusqu_a is not None]
    dernier = int((seuils[-1] if seuils else 1000) * AU_DELA)
    return sorted({0, dernier, *seuils, *(seuil + 1 for seuil in seuils)})

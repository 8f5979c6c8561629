"""Le prix d'un acte : son prix de base, puis les ajustements dans l'ordre de la mairie."""

import re
from decimal import Decimal
from typing import NamedTuple

from .grilles import (
    ACTE,
    ANNEE,
    BORNES,
    COMBINE,
    DUREE,
    FIXE,
    FRATRIE,
    MATIN_ET_SOIR,
    MAXIMUM,
    MINIMUM,
    MOIS,
    MONTANT,
    RETARD,
    base,
    connu,
    dire_periode,
    nombre,
)
from .mots import ZERO, arrondir, euros

# Les mots de la famille pour chaque cas. Aucun ne parle de santé : une facture se garde dix ans.
MOTS = {
    "hors_commune": "foyer hors commune",
    "panier": "repas apporté par la famille",
    "hors_delai": "réservé hors délai",
    "sans_reservation": "présent sans réservation",
    "absence": "absence non excusée par écrit",
    "carence": "absence excusée sans certificat, jour de carence",
    COMBINE: MATIN_ET_SOIR,
    MINIMUM: "porté au minimum",
    MAXIMUM: "ramené au maximum",
}
# Ceux-là expliquent qu'il y ait une ligne : on les dit même quand le tarif n'en change pas le prix.
TOUJOURS_DITS = ("sans_reservation", "absence", "carence")


class Circonstances(NamedTuple):
    """Ce qui, d'un acte, change son prix. Les noms sont ceux des cas d'ajustement.

    ``retard`` : combientième départ après l'heure de ce mois (0 : à l'heure), ``depart`` l'heure en mots ;
    ``periodes`` : combien de fois le prix d'une durée, ``duree`` d'où à où, en mots.
    """

    hors_commune: bool = False
    panier: bool = False
    hors_delai: bool = False
    sans_reservation: bool = False
    absence: bool = False
    rang: int = 1
    carence: bool = False
    combine: bool = False
    retard: int = 0
    depart: str = ""
    periodes: int = 1
    duree: str = ""


class Prix(NamedTuple):
    """Un montant, pourquoi lui, et le quotient qui l'a choisi (``None`` si aucun n'a compté).

    ``quantite`` × ``unitaire`` = ``montant`` ; ``par`` dit l'unité quand ce n'est pas l'acte, « demi-heure » ;
    ``annee`` est l'année scolaire (sa clé) d'un forfait de l'année.
    ``garde`` est la part de garde du montant, hors repas (euros).
    """

    montant: Decimal
    pourquoi: str
    quotient: int | None
    quantite: int = 1
    unitaire: Decimal = ZERO
    garde: Decimal = ZERO
    unite: str = ACTE
    par: str = ""
    annee: int | None = None


def prix(grille, quotient, circonstances):
    """Le ``Prix`` d'un acte : son prix de base (au centime) fois sa durée, puis chaque ajustement dans son ordre.

    Sans quotient, le plus haut, et la phrase dit comment en changer. Les ajustements s'arrondissent une seule fois, à
    la fin ; un prix n'est jamais négatif. Un ajustement de fratrie ne rend jamais un cadet plus cher.
    """
    unitaire, raison = base(grille, quotient, circonstances.combine)
    montant, raisons = _de_base(grille, unitaire, raison, circonstances)
    simple, compte = montant == unitaire * circonstances.periodes, connu(quotient)
    for cas, effets in grille.etapes:
        if (effet := _qui_joue(cas, effets, circonstances, montant)) is None:
            continue
        montant, simple = appliquer(effet, montant), False
        if cas in BORNES:
            raisons.append(f"{_mot(cas, circonstances)} de {euros(effet.valeur)}")
            continue
        if effet.mode == FIXE:
            raisons, compte = [], None  # un prix fixe efface ce qui précède : le redire égarerait
        raisons.append(f"{_mot(cas, circonstances)} ({dire_effet(effet)})")
    raisons += [MOTS[cas] for cas in TOUJOURS_DITS if getattr(circonstances, cas) and cas not in grille.prevus]
    return _ecrire(grille, arrondir(max(montant, ZERO)), unitaire, circonstances, simple, raisons, compte)


def _de_base(grille, unitaire, raison, circonstances):
    """Le montant avant ajustement, et ses raisons."""
    raisons, montant = [raison], unitaire
    if grille.unite == DUREE:
        n, montant = circonstances.periodes, unitaire * circonstances.periodes
        ou = f" ({circonstances.duree})" if circonstances.duree else ""
        raisons.insert(0, f"{n} {dire_periode(grille.minutes, n)} à {euros(unitaire)}{ou}")
    if grille.effort and grille.effort.fixe:
        montant += grille.effort.fixe
        raisons.append(f"part fixe de {euros(grille.effort.fixe)}")
    return montant, raisons


# Telle que ``_de_base`` la dit : « 3 demi-heures à 0,50 € (de 16:30 à 17:55), tranche 2… ».
DUREE_DITE = re.compile(r"(\d+ [^,(]+ à [\d\u00a0]+,\d\d\u00a0€ \([^)]*\)), (.+)")


def sans_la_duree(pourquoi):
    """``(la durée, le reste)`` de la raison d'un prix ; ``("", pourquoi)`` si elle n'en dit aucune.

    >>> sans_la_duree("3 demi-heures à 0,50\u00a0€ (de 16:30 à 17:55), tranche 2 (QF 742)")
    ('3 demi-heures à 0,50\xa0€ (de 16:30 à 17:55)', 'tranche 2 (QF 742)')
    """
    dite = DUREE_DITE.fullmatch(pourquoi)
    return dite.groups() if dite else ("", pourquoi)


def _ecrire(grille, montant, unitaire, circonstances, simple, raisons, compte):
    """Le ``Prix`` en une ligne : « 4 demi-heures × 0,50 € » si rien d'autre n'a joué, sinon un acte à son montant."""
    quantite, unite, par = 1, ACTE, ""
    if grille.unite == MOIS:
        unite, par = MOIS, "forfait du mois"
    elif grille.unite == ANNEE:
        unite, par = ANNEE, f"forfait de l'année {grille.annee.nom}" if grille.annee else "forfait de l'année"
    elif grille.unite == DUREE and simple:
        quantite, unite, par = circonstances.periodes, DUREE, dire_periode(grille.minutes)
    return Prix(
        montant, ", ".join(raisons), compte.valeur if compte else None, quantite,
        unitaire if unite == DUREE else montant, arrondir(montant * grille.garde / 100), unite, par,
        grille.annee.cle if unite == ANNEE and grille.annee else None,
    )  # fmt: skip


def _qui_joue(cas, effets, circonstances, montant):
    """Celui de ces effets, tous du même cas, qui s'applique, ou ``None``."""
    if cas == FRATRIE:
        return _meilleur(effets, circonstances.rang, montant)
    if cas == RETARD:
        return _retard(effets, circonstances.retard)
    effet = effets[0]
    if cas in BORNES:
        joue = montant < effet.valeur if cas == MINIMUM else montant > effet.valeur
    else:
        joue = getattr(circonstances, cas)
    return effet if joue else None


def _mot(cas, circonstances):
    """Le cas, comme la facture le dit : « 2e enfant », « départ à 18:45, après l'heure, 2e fois du mois »."""
    if cas == FRATRIE:
        return f"{circonstances.rang}e enfant"
    if cas == RETARD:
        fois = f", {circonstances.retard}e fois du mois" if circonstances.retard > 1 else ""
        quand = f"départ à {circonstances.depart}" if circonstances.depart else "départ"
        return f"{quand}, après l'heure{fois}"
    return MOTS[cas]


def appliquer(effet, montant):
    """Le montant après un effet, sans arrondi, jamais négatif."""
    if effet.mode == FIXE:
        return max(effet.valeur, ZERO)
    ajout = effet.valeur if effet.mode == MONTANT else montant * effet.valeur / 100
    return max(montant + ajout, ZERO)


def _meilleur(effets, rang, montant):
    """La remise de fratrie qui donne le plus bas prix à un enfant de ce rang, ou rien si aucune ne le baisse."""
    siens = [effet for effet in effets if rang >= effet.rang]
    if not siens:
        return None
    gagnant = min(siens, key=lambda effet: appliquer(effet, montant))
    return gagnant if appliquer(gagnant, montant) < montant else None


def _retard(effets, fois):
    """L'ajustement du n-ième retard du mois : le dernier prévu, ou rien."""
    prevus = [effet for effet in effets if fois >= (effet.rang or 1)] if fois else []
    return max(prevus, key=lambda effet: effet.rang or 1, default=None)


def dire_effet(effet):
    """« prix fixe de 5,00 € », « +50 % », « −0,40 € »."""
    if effet.mode == FIXE:
        return f"prix fixe de {euros(effet.valeur)}"
    signe = "−" if effet.valeur < 0 else "+"
    if effet.mode == MONTANT:
        return f"{signe}{euros(abs(effet.valeur))}"
    return f"{signe}{nombre(abs(effet.valeur))}\u00a0%"


def dire_ajustement(effet):
    """La phrase d'un ajustement, pour la mairie : « À partir du 2e enfant : −10 %. »"""
    if effet.cas == FRATRIE:
        return f"À partir du {effet.rang}e enfant du foyer : {dire_effet(effet)}."
    if effet.cas == RETARD:
        fois = f", à partir de la {effet.rang}e fois dans le mois" if (effet.rang or 1) > 1 else ""
        return f"Départ après l'heure{fois} : {dire_effet(effet)}."
    if effet.cas in BORNES:
        return f"Jamais {'moins' if effet.cas == MINIMUM else 'plus'} de {euros(effet.valeur)}."
    mot = MOTS[effet.cas]
    return f"{mot[0].upper()}{mot[1:]} : {dire_effet(effet)}."

"""Le prix d'un acte : une tranche de quotient, puis les ajustements dans l'ordre de la mairie."""

from decimal import Decimal
from typing import NamedTuple

from .mots import ZERO, arrondir, euros

# Les effets d'un ajustement.
FIXE, MONTANT, POURCENTAGE = "fixe", "montant", "pourcentage"
FRATRIE = "fratrie"
# Les mots de la famille pour chaque cas. Aucun ne parle de santé : une facture se garde dix ans.
MOTS = {
    "hors_commune": "foyer hors commune",
    "panier": "repas apporté par la famille",
    "hors_delai": "réservé hors délai",
    "sans_reservation": "présent sans réservation",
    "absence": "absence non excusée par écrit",
}
# Ces deux-là expliquent qu'il y ait une ligne : on les dit même quand le tarif n'en change pas le prix.
TOUJOURS_DITS = ("sans_reservation", "absence")


class Palier(NamedTuple):
    """Une tranche de quotient : ``jusqu_a`` compris, ``None`` pour la plus haute."""

    jusqu_a: int | None
    prix: Decimal


class Effet(NamedTuple):
    """Un ajustement du tarif : ``valeur`` en euros ou en pour cent selon ``mode``, négative pour une remise."""

    cas: str
    mode: str
    valeur: Decimal
    rang: int | None = None


class Grille(NamedTuple):
    """Un tarif : ses paliers du plus bas au plus haut, ses effets dans l'ordre où ils s'appliquent."""

    nom: str
    paliers: tuple
    effets: tuple = ()


class QF(NamedTuple):
    """Un quotient familial et sa preuve, « attestation CAF du 02/09/2026 »."""

    valeur: int
    preuve: str = ""


class Circonstances(NamedTuple):
    """Ce qui, d'un acte, change son prix. Les noms sont ceux des cas d'ajustement."""

    hors_commune: bool = False
    panier: bool = False
    hors_delai: bool = False
    sans_reservation: bool = False
    absence: bool = False
    rang: int = 1


class Prix(NamedTuple):
    """Un montant, pourquoi lui, et le quotient qui l'a choisi (``None`` si aucun n'a compté)."""

    montant: Decimal
    pourquoi: str
    quotient: int | None


def prix(grille, quotient, circonstances):
    """Le ``Prix`` d'un acte : la tranche du quotient, puis chaque ajustement dans son ordre.

    Sans quotient, la tranche la plus haute, et la phrase dit comment en changer. Le total s'arrondit une seule fois,
    à la fin, et n'est jamais négatif. Un ajustement de fratrie ne rend jamais un cadet plus cher.
    """
    montant, raison = tranche(grille, quotient)
    raisons, compte = [raison], quotient
    fratrie_faite = False
    for effet in grille.effets:
        if effet.cas == FRATRIE:
            # Une seule étape pour toute la fratrie, à la place du premier de ses ajustements : sinon le troisième
            # enfant pourrait payer plus que le deuxième.
            gagnant = None if fratrie_faite else _meilleur(grille, circonstances.rang, montant)
            fratrie_faite = True
            if gagnant is None:
                continue
            effet, mot = gagnant, f"{circonstances.rang}e enfant"
        elif getattr(circonstances, effet.cas):
            mot = MOTS[effet.cas]
        else:
            continue
        montant = appliquer(effet, montant)
        if effet.mode == FIXE:
            raisons, compte = [], None  # un prix fixe efface ce qui précède : le redire égarerait
        raisons.append(f"{mot} ({dire_effet(effet)})")
    prevus = {effet.cas for effet in grille.effets}
    raisons += [MOTS[cas] for cas in TOUJOURS_DITS if getattr(circonstances, cas) and cas not in prevus]
    return Prix(arrondir(max(montant, ZERO)), ", ".join(raisons), compte.valeur if compte else None)


def tranche(grille, quotient):
    """Le prix de la tranche et sa raison, avant tout ajustement."""
    if len(grille.paliers) == 1:
        return grille.paliers[0].prix, "prix unique"
    dernier = len(grille.paliers)
    if quotient is None:
        return grille.paliers[-1].prix, (
            f"tranche {dernier}, la plus haute, faute de quotient connu "
            "(pour en changer, transmettez votre attestation CAF ou MSA à la mairie)"
        )
    numero = next(
        (n for n, p in enumerate(grille.paliers, 1) if p.jusqu_a is not None and quotient.valeur <= p.jusqu_a), dernier
    )
    preuve = f", {quotient.preuve}" if quotient.preuve else ""
    return grille.paliers[numero - 1].prix, f"tranche {numero} (QF {quotient.valeur}{preuve})"


def appliquer(effet, montant):
    """Le montant après un effet, sans arrondi, jamais négatif."""
    if effet.mode == FIXE:
        return max(effet.valeur, ZERO)
    ajout = effet.valeur if effet.mode == MONTANT else montant * effet.valeur / 100
    return max(montant + ajout, ZERO)


def _meilleur(grille, rang, montant):
    """L'ajustement de fratrie qui donne le plus bas prix à un enfant de ce rang, ou rien s'il n'en baisse aucun."""
    possibles = [e for e in grille.effets if e.cas == FRATRIE and rang >= e.rang]
    gagnant = min(possibles, key=lambda e: appliquer(e, montant), default=None)
    return gagnant if gagnant and appliquer(gagnant, montant) < montant else None


def dire_effet(effet):
    """« prix fixe de 5,00 € », « +50 % », « −0,40 € »."""
    if effet.mode == FIXE:
        return f"prix fixe de {euros(effet.valeur)}"
    signe = "−" if effet.valeur < 0 else "+"
    if effet.mode == MONTANT:
        return f"{signe}{euros(abs(effet.valeur))}"
    nombre = f"{abs(effet.valeur):f}".rstrip("0").rstrip(".") if effet.valeur % 1 else f"{abs(effet.valeur):.0f}"
    return f"{signe}{nombre.replace('.', ',')}\u00a0%"


def dire_ajustement(effet):
    """La phrase d'un ajustement, pour la mairie : « À partir du 2e enfant : −10 %. »"""
    if effet.cas == FRATRIE:
        return f"À partir du {effet.rang}e enfant du foyer : {dire_effet(effet)}."
    mot = MOTS[effet.cas]
    return f"{mot[0].upper()}{mot[1:]} : {dire_effet(effet)}."


def defauts(grille):
    """Ce qui ne va pas dans un tarif, en phrases ; une liste vide s'il est bon."""
    phrases = []
    if not grille.paliers:
        return ["Un tarif a au moins une tranche."]
    if grille.paliers[-1].jusqu_a is not None:
        phrases.append(
            "Il manque la tranche sans seuil, la plus haute : c'est aussi celle des familles sans quotient."
        )
    if any(bas.prix > haut.prix for bas, haut in zip(grille.paliers, grille.paliers[1:], strict=False)):
        phrases.append("Le prix d'une tranche ne peut pas dépasser celui de la tranche suivante.")
    if any(e.cas == FRATRIE and e.mode != FIXE and e.valeur > 0 for e in grille.effets):
        phrases.append("Un ajustement de fratrie est une remise : sa valeur est négative.")
    return phrases


class Tableau(NamedTuple):
    """Une grille à lire : des colonnes de situations, des rangées de tranches, et les phrases des ajustements."""

    colonnes: list
    rangees: list  # (le quotient en mots, [prix…])
    phrases: list


def tableau(grille):
    """Le ``Tableau`` des prix : chaque tranche, pour un enfant ordinaire puis pour chaque ajustement pris seul."""
    situations = [("Prix", Circonstances())]
    for effet in grille.effets:
        if effet.cas == FRATRIE:
            situations.append((f"{effet.rang}e enfant", Circonstances(rang=effet.rang)))
        else:
            mot = MOTS[effet.cas]
            situations.append((mot[0].upper() + mot[1:], Circonstances(**{effet.cas: True})))
    rangees, bas = [], 0
    for palier in grille.paliers:
        # La tranche la plus haute se lit par un quotient qui la dépasse toutes.
        quotient = QF(palier.jusqu_a if palier.jusqu_a is not None else bas)
        rangees.append(
            (dire_palier(bas, palier, len(grille.paliers)), [prix(grille, quotient, s).montant for _, s in situations])
        )
        bas = (palier.jusqu_a or 0) + 1
    return Tableau([nom for nom, _ in situations], rangees, [dire_ajustement(effet) for effet in grille.effets])


def dire_palier(bas, palier, nombre):
    """« de 601 à 900 », « jusqu'à 600 », « 901 et plus, ou inconnu »."""
    if nombre == 1:
        return "tous les quotients"
    if palier.jusqu_a is None:
        return f"{bas} et plus, ou inconnu"
    return f"de {bas} à {palier.jusqu_a}" if bas else f"jusqu'à {palier.jusqu_a}"

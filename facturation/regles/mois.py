"""Ce qu'un mois fait de chaque foyer : une facture, un report, ou rien ; et ce qui s'écarte de son ordinaire."""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from commune.regles import MOIS as NOMS

from .grilles import ANNEE
from .prestations import total

SEUIL = Decimal("15.00")  # sous quoi une dette attend la suivante, avant qu'un titre puisse en être fait
CLOTURE = 12  # le mois de l'exercice après lequel plus rien n'attend


class Attente(NamedTuple):
    """Un mois reporté d'un foyer : la clé du report, son budget, ses prestations telles qu'elles sont aujourd'hui."""

    report: int
    budget: int | None
    lignes: list


class Piece(NamedTuple):
    """Ce que doit un foyer à un budget : ``lignes``, celles d'avant d'abord ; ``reporte``, s'il attendra encore.

    ``total`` est en euros, ``du_mois`` ce que le seul mois y ajoute ; ``repris``, les reports que la facture éteint.
    """

    foyer: int
    budget: int | None
    lignes: list
    total: Decimal
    du_mois: Decimal
    repris: tuple = ()
    reporte: bool = False


def pieces_du_foyer(foyer, lignes, attentes, budget_de, attend):
    """Les ``Piece`` d'un foyer, une par budget où il a quelque chose.

    ``lignes`` : ses prestations du mois ; ``attentes`` : ses ``Attente`` ; ``budget_de(activite)`` → budget ou
    ``None`` ; ``attend(somme)`` : vrai si cette somme (euros) doit attendre. Un report qui ne vaut plus rien, ses jours
    excusés depuis, s'éteint sans facture. Un forfait de l'année n'attend jamais : sa ligne émise dit qu'il est payé.
    """
    du_mois, d_avant = defaultdict(list), defaultdict(list)
    for ligne in lignes:
        du_mois[budget_de(ligne.fait.activite)].append(ligne)
    for attente in attentes:
        d_avant[attente.budget].append(attente)
    pieces = []
    for budget in sorted({*du_mois, *d_avant}, key=lambda cle: cle or 0):
        siennes = [ligne for attente in d_avant[budget] for ligne in attente.lignes] + du_mois[budget]
        ajoute = total(du_mois[budget])
        somme = total(siennes) if d_avant[budget] else ajoute
        annuel = any(ligne.prix.unite == ANNEE for ligne in siennes)
        if somme and attend(somme) and not annuel:
            pieces.append(Piece(foyer, budget, siennes, somme, ajoute, (), True))
        elif somme or d_avant[budget]:
            pieces.append(Piece(foyer, budget, siennes, somme, ajoute, tuple(a.report for a in d_avant[budget])))
    return pieces


def doit_attendre(somme, seuil, mois, reste_inscrit):
    """Vrai si une dette de ``somme`` attend la prochaine facture : elle est sous le ``seuil`` (euros), l'exercice ne
    se clôt pas avec ce ``mois`` (son premier jour), et le foyer sera encore là.
    """
    return somme < seuil and mois.month != CLOTURE and reste_inscrit


def dater(ligne):
    """La même prestation, son mois dit : « Repas, septembre », sur la facture d'un autre mois."""
    return ligne._replace(texte=f"{ligne.texte}, {NOMS[ligne.fait.jour.month - 1]}")


def annonce(mois):
    """Le sujet du courriel qui annonce les factures d'un mois : « Votre facture d'octobre 2026 est arrivée »."""
    nom = f"{NOMS[mois.month - 1]} {mois.year}"
    du_mois = f"d'{nom}" if nom[0] in "ao" else f"de {nom}"
    return f"Votre facture {du_mois} est arrivée"


# --- Ce qui sort de l'ordinaire -----------------------------------------------------------------------------------
NOUVEAU, REVIENT, RIEN, BONDIT, TOMBE, GROS = "nouveau", "revient", "rien", "bondit", "tombe", "gros"
MOTS_D_ECART = {
    BONDIT: "au moins le double du mois précédent",
    TOMBE: "moitié moins que le mois précédent, ou davantage",
    GROS: "au moins quatre fois la facture médiane",
    RIEN: "rien ce mois-ci, facturé le mois précédent",
    REVIENT: "rien le mois précédent",
    NOUVEAU: "première facture",
}
PLANCHER = Decimal("30.00")  # un écart plus petit ne se regarde pas


def remarquer(avant, maintenant, mediane):
    """Pourquoi regarder ce foyer avant d'émettre, ou ``None``. Montants en euros ; ``avant`` vaut ``None`` s'il n'a
    jamais eu de facture, ``mediane`` est celle des factures du mois.

    Du simple au double (ou à moitié) d'un mois à l'autre, plus rien, ou de nouveau, si la différence vaut au moins
    ``PLANCHER`` ; quatre fois la médiane ; une première facture.
    """
    if avant is None:
        return (GROS if _gros(maintenant, mediane) else NOUVEAU) if maintenant else None
    if abs(maintenant - avant) >= PLANCHER:
        if not maintenant or not avant:
            return REVIENT if maintenant else RIEN
        if maintenant >= 2 * avant:
            return BONDIT
        if maintenant <= avant / 2:
            return TOMBE
    return GROS if _gros(maintenant, mediane) and maintenant > avant else None


def _gros(maintenant, mediane):
    return maintenant >= max(4 * mediane, PLANCHER)


def variation(avant, maintenant):
    """« +12 % », « −3 % », « = » ; vide si l'on n'a rien à quoi comparer."""
    if not avant:
        return ""
    part = round(100 * (maintenant - avant) / avant)
    return "=" if not part else f"{'+' if part > 0 else '−'}{abs(part)}\u00a0%"



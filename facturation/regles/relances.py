"""Relancer, puis transmettre au Trésor : quel niveau vient, et ce qui n'est pas relancé. Fonctions pures.

Une facture dont une ligne est contestée attend tout entière : le portail ne fait payer que ce qui reste d'une facture,
réclamer le reste des lignes serait demander une somme que la famille ne peut pas payer. La mairie a promis un délai de
réponse, l'attente est donc bornée.
"""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from .mots import ZERO


class Niveau(NamedTuple):
    """Un niveau de relance : ``jours`` après l'échéance, ``objet`` et ``texte`` du courriel ou de la lettre."""

    rang: int
    nom: str
    jours: int
    objet: str
    texte: str


class Dette(NamedTuple):
    """Une facture échue. ``recu`` : le rang du dernier niveau qu'elle a reçu, 0 si aucun."""

    reste: Decimal  # euros
    echeance: dt.date
    recu: int = 0
    contestee: bool = False
    en_ligne: bool = False  # un paiement en ligne attend son résultat
    debit: bool = False  # un prélèvement est annoncé, ou dans un lot
    echelonnee: bool = False  # un échéancier tenu
    transmise: bool = False
    titre: bool = False  # émise comme un titre : le Trésor la recouvre, et le portail n'apprend rien de ses paiements


# Des textes polis, que la commune récrit. La liste des factures et le lien suivent d'eux-mêmes.
PROPOSES = [
    Niveau(
        1, "Rappel amical", 7, "Une facture vous attend",
        "Sauf erreur de notre part, cette somme n'est pas encore payée. C'est sans doute un oubli : cela arrive à "
        "tout le monde.\n\nSi vous venez de payer, merci, et ne tenez pas compte de ce message.",
    ),
    Niveau(
        2, "Relance", 21, "Une facture reste à payer",
        "Malgré un premier message, cette somme reste à payer. Merci de la régler dans les quinze jours.\n\n"
        "Si vous ne pouvez pas tout payer en une fois, demandez un échéancier : la régie cherchera avec vous une "
        "solution qui tienne.",
    ),
    Niveau(
        3, "Dernière relance", 45, "Dernière relance avant transmission au Trésor public",
        "Nos messages précédents sont restés sans réponse. Sans paiement ni échéancier dans les quinze jours, cette "
        "somme sera transmise au Trésor public, qui en poursuivra le recouvrement.\n\n"
        "Il est encore temps de payer, ou de nous appeler : un échéancier reste possible.",
    ),
]  # fmt: skip


def niveau_suivant(recu, niveaux):
    """Le niveau qui vient après le rang ``recu``, ou ``None`` : tous sont passés. Aucun ne se saute."""
    return min((niveau for niveau in niveaux if niveau.rang > recu), default=None)


def empechement(dette):
    """Pourquoi on ne réclame pas cette dette, quel que soit le jour ; « » si rien n'empêche."""
    if dette.reste <= 0:
        return "il ne reste rien à payer"
    if dette.titre:
        return "un titre, que le Trésor recouvre déjà"
    if dette.transmise:
        return "transmise au Trésor public"
    if dette.echelonnee:
        return "un échéancier est tenu"
    if dette.contestee:
        return "une ligne contestée n'est pas encore décidée"
    if dette.en_ligne:
        return "un paiement en ligne attend son résultat"
    if dette.debit:
        return "un prélèvement est en route"
    return ""


def examiner(dette, niveaux, jour):
    """``(niveau, « »)`` si la facture est à relancer ce jour de Paris, sinon ``(None, pourquoi)``."""
    if raison := empechement(dette):
        return None, raison
    niveau = niveau_suivant(dette.recu, niveaux)
    if niveau is None:
        return None, "toutes les relances sont faites"
    if jour < (du := dette.echeance + dt.timedelta(days=niveau.jours)):
        return None, f"« {niveau.nom} » viendra le {du:%d/%m/%Y}"
    return niveau, ""


def foyer_a_laisser(total, seuil, derniere, intervalle, jour):
    """Pourquoi ce foyer n'est pas relancé aujourd'hui, malgré ses factures ; « » s'il l'est.

    ``total`` réclamé et ``seuil`` en euros ; ``derniere`` : le jour de sa dernière relance, ou rien ; ``intervalle`` :
    les jours qu'on laisse entre deux.
    """
    if derniere and jour < derniere + dt.timedelta(days=max(intervalle, 1)):
        return f"déjà relancé le {derniere:%d/%m/%Y}"
    if total < seuil:
        return "moins que le seuil de relance"
    return ""


# --- Le Trésor ----------------------------------------------------------------------------------------------------
def pas_encore_au_tresor(dette, dernier_rang, relancee_le, delai, jour):
    """Pourquoi cette dette ne se transmet pas ce jour-là ; « » si elle le peut.

    Elle a reçu le ``dernier_rang`` des relances, le jour ``relancee_le``, depuis ``delai`` jours au moins.
    """
    if raison := empechement(dette):
        return raison
    if not dernier_rang or dette.recu < dernier_rang:
        return "la dernière relance n'est pas faite"
    if jour < (des := relancee_le + dt.timedelta(days=delai)):
        return f"à partir du {des:%d/%m/%Y}"
    return ""


def atteint_le_seuil(montants, seuil):
    """Vrai si les dettes d'un foyer, ensemble, valent un titre ; plus petites, elles se gardent et se groupent."""
    return sum(montants, ZERO) >= seuil


# --- L'échéancier -------------------------------------------------------------------------------------------------
def pas_echelonnable(dette, ouvert):
    """Pourquoi une facture n'entre pas dans un échéancier ; « » si elle le peut. ``ouvert`` : elle en a déjà un."""
    if dette.reste <= 0:
        return "il ne reste rien à payer"
    if dette.titre:
        return "un titre, que le Trésor recouvre déjà"
    if dette.transmise:
        return "transmise au Trésor public"
    if ouvert:
        return "un échéancier est déjà ouvert"
    if dette.en_ligne:
        return "un paiement en ligne attend son résultat"
    if dette.debit:
        return "un prélèvement est en route"
    return ""

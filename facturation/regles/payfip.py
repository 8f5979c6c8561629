"""PayFiP, le paiement en ligne de la DGFiP : ce qu'on lui envoie, et ce que vaut ce qu'il répond.

Le service web « régie » de PayFiP nomme un paiement par son *idop*. Rien n'est cru du navigateur ni de la
notification : seul compte ce que le service répond quand on le lui demande. Fonctions pures.
"""

import datetime as dt
import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from commune.regles import instant_de_paris

from .mots import euros

MONTANT_MIN, MONTANT_MAX = 100, 10_000_000  # centimes
VIE_IDOP = dt.timedelta(minutes=15)  # pour s'en servir
DERNIER_RESULTAT = dt.timedelta(hours=2)  # un résultat peut encore arriver, compté de la création
RENONCER = DERNIER_RESULTAT + dt.timedelta(minutes=30)


class Etat(StrEnum):
    """Où en est un paiement. Les trois premiers attendent encore une réponse."""

    PREPARE = "prepare"  # la demande n'a pas encore d'idop
    EN_COURS = "en_cours"  # le parent est chez PayFiP, ou le résultat n'est pas connu
    DOUTE = "doute"  # le service a répondu ce qu'on n'attendait pas : la régie regarde
    PAYE = "paye"
    REFUSE = "refuse"
    ABANDONNE = "abandonne"
    SANS_SUITE = "sans_suite"  # deux heures et demie sans paiement


FINIS = {Etat.PAYE, Etat.REFUSE, Etat.ABANDONNE, Etat.SANS_SUITE}
# resultrans : ce que la DGFiP dit d'une opération.
RESULTATS = {
    "P": (Etat.PAYE, "payé par carte"),
    "V": (Etat.PAYE, "prélèvement accepté"),
    "R": (Etat.REFUSE, "carte refusée"),
    "Z": (Etat.REFUSE, "prélèvement refusé"),
    "A": (Etat.ABANDONNE, "abandonné par le payeur"),
}
# Les fautes qui veulent dire « pas encore », et non « il y a quelque chose à regarder ».
PAS_ENCORE = {"P5", "P4"}


class Demande(NamedTuple):
    """Ce que l'on demande à PayFiP ; ``montant`` en centimes, tout le reste en texte."""

    numcli: str
    exer: str
    refdet: str
    objet: str
    montant: int
    mel: str
    saisie: str
    urlnotif: str
    urlredirect: str


class Reponse(NamedTuple):
    """Ce que PayFiP répond d'un idop. Les champs sont ceux du service, en texte."""

    idop: str
    numcli: str
    exer: str
    refdet: str
    objet: str
    montant: str
    mel: str
    saisie: str
    resultrans: str
    dattrans: str = ""  # JJMMAAAA
    heurtrans: str = ""  # HHMM, à Paris
    numauto: str = ""


class Verdict(NamedTuple):
    """L'état d'un paiement après une réponse, et pourquoi. ``quand`` est l'instant du paiement (UTC) s'il est dit."""

    etat: Etat
    phrase: str
    quand: dt.datetime | None = None


def centimes(montant):
    """Des euros en centimes, entiers."""
    return int(montant * 100)


def reference(exercice, numero, paiement):
    """Le refdet : la facture puis le paiement, lettres et chiffres seulement, trente au plus."""
    return f"{exercice}F{numero:06d}P{paiement}"


def objet(texte):
    """Un objet comme PayFiP l'accepte : cent lettres, chiffres et espaces, sans accent.

    >>> objet("Périscolaire – septembre 2026")
    'Periscolaire septembre 2026'
    """
    plat = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^A-Za-z0-9]", " ", plat).split())[:100].strip()


def empechement(centimes):
    """Pourquoi ce montant ne se paie pas en ligne, ou « »."""
    if centimes < MONTANT_MIN:
        return f"On paie en ligne à partir de {euros(MONTANT_MIN / 100)}."
    if centimes > MONTANT_MAX:
        return f"On paie en ligne jusqu'à {euros(MONTANT_MAX / 100)} : voyez la régie."
    return ""


def juger(attendu, reponse):
    """Le :class:`Verdict` d'une ``reponse`` ; ``attendu`` est la ``Demande`` que l'on avait faite, avec son idop.

    Un montant, une référence ou un client qui ne sont pas les nôtres ne soldent rien : c'est un doute. Un résultat que
    la documentation ne connaît pas n'est ni un paiement ni un refus : c'est un doute aussi.
    """
    idop, demande = attendu
    ecarts = [
        nom
        for nom, voulu, dit in (
            ("idop", idop, reponse.idop),
            ("numcli", demande.numcli, reponse.numcli),
            ("refdet", demande.refdet, reponse.refdet),
            ("montant", str(demande.montant), reponse.montant.lstrip("0")),
        )
        if voulu != dit
    ]
    if ecarts:
        return Verdict(Etat.DOUTE, f"La réponse de PayFiP ne correspond pas à la demande ({', '.join(ecarts)}).")
    if reponse.resultrans not in RESULTATS:
        return Verdict(Etat.DOUTE, f"PayFiP répond un résultat inconnu : « {reponse.resultrans[:10]} ».")
    etat, phrase = RESULTATS[reponse.resultrans]
    return Verdict(etat, phrase, instant(reponse.dattrans, reponse.heurtrans))


def juger_la_faute(code, cree_le, maintenant):
    """Le :class:`Verdict` d'une faute du service quand on lui demande un résultat.

    Tant qu'un résultat peut encore arriver, « pas encore » reste en cours ; une faute qui n'est pas « pas encore »
    s'écrit en doute, jamais en refus. Au-delà, sans paiement connu, l'opération est sans suite.
    """
    if code in PAS_ENCORE:
        if maintenant - cree_le < RENONCER:
            return Verdict(Etat.EN_COURS, "")
        return Verdict(Etat.SANS_SUITE, "Aucun paiement n'est arrivé.")
    return Verdict(Etat.DOUTE, f"PayFiP répond une faute inattendue ({code}).")


def instant(dattrans, heurtrans):
    """L'instant (UTC) d'une date JJMMAAAA et d'une heure HHMM de Paris, ou ``None`` si elles ne se lisent pas."""
    try:
        local = dt.datetime.strptime(f"{dattrans}{heurtrans or '0000'}", "%d%m%Y%H%M")
    except ValueError:
        return None
    return instant_de_paris(local.date(), local.time())


def a_redemander(etat, cree_le, demande_le, maintenant):
    """Faut-il redemander au service ? Chaque minute tant que l'idop vit, toutes les dix minutes ensuite.

    Un doute se redemande aussi, toutes les dix minutes pendant un jour : un service en panne finit par répondre.
    """
    if etat not in (Etat.EN_COURS, Etat.DOUTE) or maintenant - cree_le > dt.timedelta(days=1):
        return False
    pas = dt.timedelta(minutes=1 if maintenant - cree_le < VIE_IDOP else 10)
    return demande_le is None or maintenant - demande_le >= pas

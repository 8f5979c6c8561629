"""PayFiP, le paiement en ligne de la DGFiP : ce qu'on lui envoie, et ce que vaut ce qu'il répond.

Le service web « régie » de PayFiP nomme un paiement par son *idop*. Rien n'est cru du navigateur ni de la
notification : seul compte ce que le service répond quand on le lui demande. Fonctions pures.
"""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from commune.regles import instant_de_paris

from .mots import euros

MONTANT_MIN, MONTANT_MAX = 100, 10_000_000  # centimes
MEL_MIN, MEL_MAX = 6, 80  # caractères
VIE_IDOP = dt.timedelta(minutes=15)  # pour s'en servir
# Un résultat peut encore arriver deux heures plus tard ; un quart d'heure de marge, et l'on n'attend plus.
RENONCER = VIE_IDOP + dt.timedelta(hours=2, minutes=15)
PREPARATION = dt.timedelta(minutes=2)  # au-delà, qui préparait une demande est mort avant d'avoir son idop
UN_JOUR, UNE_SEMAINE = dt.timedelta(days=1), dt.timedelta(days=7)
PRODUCTION = "W"  # les deux autres étapes (T : essais, X : activation) ne sont pas pour les familles


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
FAUTES = {
    "P1": "opération inconnue", "P3": "opération déjà utilisée", "P4": "opération de plus de quinze minutes",
    "P5": "résultat pas encore connu", "M1": "montant", "M3": "montant", "M5": "montant",
    "A1": "adresse de courriel", "A2": "adresse de courriel", "N1": "adresse de notification",
    "D1": "adresse de retour", "R3": "référence", "T1": "numéro de client", "T2": "numéro de client",
    "T4": "numéro de client", "S1": "étape",
}  # fmt: skip


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


def empechement(centimes, mel):
    """Pourquoi ce montant ne se paie pas en ligne, avec cette adresse de courriel, ou « »."""
    if centimes < MONTANT_MIN:
        return f"On paie en ligne à partir de {euros(MONTANT_MIN / 100)}."
    if centimes > MONTANT_MAX:
        return f"On paie en ligne jusqu'à {euros(MONTANT_MAX / 100)} : voyez la régie."
    if not MEL_MIN <= len(mel) <= MEL_MAX:
        return f"PayFiP n'accepte pas une adresse de courriel de plus de {MEL_MAX} caractères : voyez la régie."
    return ""


def dire_la_faute(code):
    """« numéro de client (T2) » ; un code que la documentation ne connaît pas se dit tel quel."""
    return f"{FAUTES[code]} ({code})" if code in FAUTES else (code[:20] or "sans code")


def juger(attendu, reponse):
    """Le :class:`Verdict` d'une ``reponse`` ; ``attendu`` est la ``Demande`` que l'on avait faite, avec son idop.

    Un montant, une référence, un client ou une étape qui ne sont pas les nôtres ne soldent rien : c'est un doute. Un
    résultat que la documentation ne connaît pas n'est ni un paiement ni un refus : c'est un doute aussi.
    """
    idop, demande = attendu
    ecarts = [
        f"{nom} {dit[:40] or 'vide'} au lieu de {voulu}"
        for nom, voulu, dit in (
            ("opération", idop, reponse.idop),
            ("client", demande.numcli, reponse.numcli),
            ("référence", demande.refdet, reponse.refdet),
            ("étape", demande.saisie, reponse.saisie),
            ("montant", en_euros(str(demande.montant)), en_euros(reponse.montant)),
        )
        if voulu != dit
    ]
    if ecarts:
        return Verdict(Etat.DOUTE, f"La réponse de PayFiP n'est pas celle de notre demande : {', '.join(ecarts)}.")
    if reponse.resultrans not in RESULTATS:
        return Verdict(Etat.DOUTE, f"PayFiP répond un résultat inconnu : « {reponse.resultrans[:10]} ».")
    etat, phrase = RESULTATS[reponse.resultrans]
    return Verdict(etat, phrase, instant(reponse.dattrans, reponse.heurtrans))


def en_euros(texte):
    """Des centimes écrits, en euros ; autre chose que des chiffres reste tel quel, et ne vaut aucune somme."""
    return euros(Decimal(texte) / 100) if re.fullmatch(r"[0-9]{1,12}", texte) else texte


def juger_la_faute(code, cree_le, maintenant):
    """Le :class:`Verdict` d'une faute du service quand on lui demande un résultat.

    Tant qu'un résultat peut encore arriver, « pas encore » reste en cours ; une faute qui n'est pas « pas encore »
    s'écrit en doute, jamais en refus. Au-delà, sans paiement connu, l'opération est sans suite.
    """
    if code in PAS_ENCORE:
        if maintenant - cree_le < RENONCER:
            return Verdict(Etat.EN_COURS, "")
        return Verdict(Etat.SANS_SUITE, "Aucun paiement n'est arrivé.")
    return Verdict(Etat.DOUTE, f"PayFiP répond une faute inattendue : {dire_la_faute(code)}.")


def juger_le_silence(cree_le, maintenant):
    """Un service muet n'apprend rien (``None``) ; quand plus aucun résultat n'est à attendre, la régie doit le voir."""
    if maintenant - cree_le < RENONCER:
        return None
    return Verdict(Etat.DOUTE, "PayFiP ne répond pas, et le délai de son résultat est passé.")


def retenir(etat, verdict, *, dit, deja_dit, tranche):
    """Ce qu'il faut écrire d'un ``verdict`` rendu sur un paiement dans cet ``etat``, ou ``None`` : rien ne change.

    ``dit`` : le verdict vient d'une réponse du service, et non d'une faute ou d'un silence ; ``deja_dit`` : le doute
    en cours aussi ; ``tranche`` : la régie l'a tranché. Un paiement reçu ne se défait pas. Un doute né d'une réponse
    ne s'efface pas parce que le service répond ensuite « pas encore ». Ce que l'on croyait perdu et qui est payé se
    rouvre ; si la régie en avait décidé autrement, c'est elle qui regarde de nouveau.
    """
    if verdict is None or etat == Etat.PAYE:
        return None
    if etat in FINIS:
        if not dit or (verdict.etat not in (Etat.PAYE, Etat.DOUTE) and (tranche or etat != Etat.SANS_SUITE)):
            return None
        if tranche:
            phrase = f"La régie l'avait tranché sans paiement ; PayFiP répond maintenant : {verdict.phrase}"
            return Verdict(Etat.DOUTE, phrase, verdict.quand)
    elif etat == Etat.DOUTE and deja_dit and (not dit or (tranche and verdict.etat == Etat.PAYE)):
        return None
    return verdict


def instant(dattrans, heurtrans):
    """L'instant (UTC) d'une date JJMMAAAA et d'une heure HHMM de Paris, ou ``None`` si elles ne se lisent pas."""
    try:
        local = dt.datetime.strptime(f"{dattrans}{heurtrans or '0000'}", "%d%m%Y%H%M")
    except ValueError:
        return None
    return instant_de_paris(local.date(), local.time())


def recu_le(quand, cree, aujourdhui):
    """Le jour (date de Paris) à écrire sur le règlement : celui que dit le service, entre la demande et aujourd'hui."""
    return max(cree, min(quand or aujourdhui, aujourdhui))


def a_redemander(etat, cree_le, demande_le, maintenant):
    """Faut-il redemander au service ? Chaque minute tant que l'idop vit, toutes les dix minutes ensuite.

    Un paiement en cours se redemande toujours, si longtemps que les tâches aient été arrêtées. Un doute aussi : un
    service en panne finit par répondre ; au bout d'un jour, une fois par heure, et plus après une semaine.
    """
    age = maintenant - cree_le
    if etat not in (Etat.EN_COURS, Etat.DOUTE) or (etat == Etat.DOUTE and age > UNE_SEMAINE):
        return False
    pas = dt.timedelta(minutes=1 if age < VIE_IDOP else 10 if age < UN_JOUR else 60)
    return demande_le is None or maintenant - demande_le >= pas


def reference_du_titre(modele, exercice, numero):
    """La référence à donner sur la page de la DGFiP, d'après le ``modele`` de la commune.

    Trois mots y sont remplacés : ``{exercice}``, ``{numero}`` (six chiffres) et ``{facture}``, le numéro imprimé.
    Lève ``ValueError`` si le modèle en a d'autres, ou des accolades seules.

    >>> reference_du_titre("{exercice}-{numero}", 2026, 42)
    '2026-000042'
    """
    valeurs = {"exercice": str(exercice), "numero": f"{numero:06d}", "facture": f"{exercice}-{numero:06d}"}
    dit = re.sub(r"\{(exercice|numero|facture)\}", lambda trouve: valeurs[trouve[1]], modele)
    if "{" in dit or "}" in dit:
        raise ValueError(modele)
    return dit

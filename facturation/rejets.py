"""Le fichier des rejets que rend le Trésor ou la banque : pain.002 (rapport d'état) ou camt.054 (avis de retours).

``lxml`` le lit sans entités, sans réseau, et refuse tout DOCTYPE. Rien ne touche à la base. On n'en lit que la
référence de chaque débit (EndToEndId), le motif, le montant et la date ; ni nom, ni compte.
"""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from lxml import etree

TAILLE_MAX = 5_000_000  # octets : cinq mille débits
ESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(pain\.002\.001|camt\.054\.001)\.(\d\d)")
PREMIERES = {"pain.002.001": 3, "camt.054.001": 2}  # la plus ancienne version que l'on sait lire
ANALYSEUR = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
REFUSE = "RJCT"
MESSAGE = re.compile(r"PF(\d{6,9})-\d{14}")  # l'identifiant de nos fichiers pain.008


class Invalide(Exception):
    """Le fichier n'est pas un fichier de rejets que l'on sait lire : ce qui ne va pas, et à quelle ligne."""


class LotRefuse(Invalide):
    """La banque refuse le lot entier : sa clé (``None`` si le message n'est pas de nous), pourquoi, quand."""

    def __init__(self, phrase, lot, code, jour):
        super().__init__(phrase)
        self.lot, self.code, self.jour = lot, code, jour


class Rejet(NamedTuple):
    """Un débit rejeté. ``montant`` en euros, ou ``None`` si le fichier ne le dit pas ; ``jour`` date du rejet."""

    reference: str
    code: str
    montant: Decimal | None
    jour: dt.date
    ligne: int


def lire(contenu):
    """``(rejets, ignores)`` de ce fichier (octets) : les ``Rejet``, et combien d'opérations n'en sont pas.

    Lève ``Invalide``.
    """
    if len(contenu) > TAILLE_MAX:
        raise Invalide("Ce fichier est trop gros pour être un fichier de rejets.")
    try:
        racine = etree.fromstring(contenu, etree.XMLParser(**ANALYSEUR))
    except etree.XMLSyntaxError as faute:
        raise Invalide(f"Ligne {faute.lineno} : ce n'est pas du XML bien formé.") from faute
    if racine.getroottree().docinfo.doctype:
        raise Invalide("Ligne 1 : un fichier de rejets ne porte pas de DOCTYPE.")
    espace = ESPACE.fullmatch(etree.QName(racine).namespace or "")
    if etree.QName(racine).localname != "Document" or not espace or int(espace[2]) < PREMIERES[espace[1]]:
        raise Invalide("Ligne 1 : ce n'est ni un pain.002.001.03 (ou plus récent), ni un camt.054.")
    lecture = _pain if espace[1].startswith("pain") else _camt
    return lecture(racine)


def _pain(racine):
    """Le rapport d'état : une opération ``RJCT`` par rejet, datée de la création du message."""
    rapport = _exige(racine, "CstmrPmtStsRpt")
    jour = _date(_exige(rapport, "GrpHdr/CreDtTm"))
    operations = _tous(rapport, "OrgnlPmtInfAndSts/TxInfAndSts")
    for chemin in ("OrgnlGrpInfAndSts/GrpSts", "OrgnlPmtInfAndSts/PmtInfSts"):
        for etat in _tous(rapport, chemin):
            if etat.text == REFUSE and not _tous(etat.getparent(), "TxInfAndSts") and not operations:
                raise LotRefuse(
                    f"Ligne {etat.sourceline} : la banque refuse le lot entier. Rien n'a été prélevé.",
                    _notre_lot(rapport), _code(etat.getparent(), "StsRsnInf/Rsn"), jour,
                )
    rejets = [
        Rejet(
            _texte(operation, "OrgnlEndToEndId"), _code(operation, "StsRsnInf/Rsn"),
            _montant(operation, ["OrgnlTxRef/Amt/InstdAmt"]), jour, operation.sourceline,
        )
        for operation in operations if _texte(operation, "TxSts") == REFUSE
    ]  # fmt: skip
    return rejets, len(operations) - len(rejets)


def _notre_lot(rapport):
    """La clé du lot dont ce rapport parle (« PF000012-20261203090000 »), ou ``None``."""
    for message in _tous(rapport, "OrgnlGrpInfAndSts/OrgnlMsgId"):
        if trouve := MESSAGE.fullmatch((message.text or "").strip()):
            return int(trouve[1])
    return None


def _camt(racine):
    """L'avis d'écritures : un retour par détail qui porte une raison de retour (``RtrInf``), daté de l'écriture."""
    avis = _exige(racine, "BkToCstmrDbtCdtNtfctn")
    rejets, ignores = [], 0
    for ecriture in _tous(avis, "Ntfctn/Ntry"):
        for detail in _tous(ecriture, "NtryDtls/TxDtls"):
            if not _tous(detail, "RtrInf"):
                ignores += 1
                continue
            comptee = _tous(ecriture, "BookgDt/Dt") or _tous(ecriture, "BookgDt/DtTm")
            jour = _date(comptee[0] if comptee else _exige(avis, "GrpHdr/CreDtTm"))
            montants = ["AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "Amt"]  # l'origine d'abord : sans frais de retour
            rejets.append(Rejet(
                _texte(detail, "Refs/EndToEndId"), _code(detail, "RtrInf/Rsn"), _montant(detail, montants), jour,
                detail.sourceline,
            ))  # fmt: skip
    return rejets, ignores


def _tous(noeud, chemin):
    return noeud.findall("/".join(f"{{*}}{nom}" for nom in chemin.split("/")))


def _exige(noeud, chemin):
    trouves = _tous(noeud, chemin)
    if not trouves:
        raise Invalide(f"Ligne {noeud.sourceline} : il manque {chemin.replace('/', ' / ')}.")
    return trouves[0]


def _texte(noeud, chemin):
    trouve = _exige(noeud, chemin)
    if not (trouve.text or "").strip():
        raise Invalide(f"Ligne {trouve.sourceline} : {chemin.split('/')[-1]} est vide.")
    return trouve.text.strip()


def _code(noeud, chemin):
    """Le motif : un code de la liste ISO (``Cd``), ou celui de la banque (``Prtry``) ; vide si elle n'en dit rien."""
    for mot in ("Cd", "Prtry"):
        for trouve in _tous(noeud, f"{chemin}/{mot}"):
            return (trouve.text or "").strip()[:35]
    return ""


def _montant(noeud, chemins):
    for chemin in chemins:
        for trouve in _tous(noeud, chemin):
            try:
                montant = Decimal((trouve.text or "").strip())
            except InvalidOperation:
                montant = Decimal("NaN")
            if not (montant.is_finite() and 0 <= montant < 10**9):
                raise Invalide(f"Ligne {trouve.sourceline} : ce montant n'en est pas un.")
            if trouve.get("Ccy", "EUR") != "EUR":
                raise Invalide(f"Ligne {trouve.sourceline} : ce montant n'est pas en euros.")
            return montant
    return None


def _date(noeud):
    try:
        return dt.date.fromisoformat((noeud.text or "").strip()[:10])
    except ValueError as faute:
        raise Invalide(f"Ligne {noeud.sourceline} : cette date ne se lit pas.") from faute

"""Le fichier de prélèvements SEPA (ISO 20022, pain.008), vérifié par le schéma de sa version. Ni base, ni horloge.

``schemas/`` porte les schémas publics de l'ISO. Les mêmes données font le même fichier, octet pour octet.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from facturation.regles.prelevements import PREMIER, RECURRENT, VERSIONS, en_sepa

SCHEMAS = Path(__file__).parent / "schemas"
SCHEMA = dict(VERSIONS)


class Invalide(Exception):
    """Le fichier ne suit pas son schéma : ce que le schéma en dit, et la ligne en faute."""


class Creancier(NamedTuple):
    nom: str
    ics: str
    iban: str
    bic: str


class Debit(NamedTuple):
    """Un prélèvement : ``montant`` en euros, ``signe_le`` la date du mandat."""

    reference: str
    montant: Decimal
    sequence: str
    rum: str
    signe_le: object
    titulaire: str
    iban: str
    objet: str


def ecrire(version, message, instant, jour, creancier, debits):
    """Le fichier (octets UTF-8) de ces débits pour ``jour`` ; ``instant`` est l'heure de Paris qu'il porte.

    Un bloc par séquence, les premiers d'abord. Lève ``Invalide``.
    """
    espace = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA[version]}"
    document = etree.Element(f"{{{espace}}}Document", nsmap={None: espace})
    racine = _sous(document, "CstmrDrctDbtInitn")
    entete = _sous(racine, "GrpHdr")
    _sous(entete, "MsgId", message)
    _sous(entete, "CreDtTm", f"{instant:%Y-%m-%dT%H:%M:%S}")
    _compter(entete, debits)
    initiateur = _sous(entete, "InitgPty")
    _sous(initiateur, "Nm", en_sepa(creancier.nom, 70))
    _sous(initiateur, "Id/OrgId/Othr/Id", creancier.ics)
    for sequence in (PREMIER, RECURRENT):
        if siens := [debit for debit in debits if debit.sequence == sequence]:
            _bloc(racine, version, f"{message}-{sequence}", jour, creancier, sequence, siens)
    fichier = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    verifier(version, fichier)
    return fichier


def _bloc(racine, version, nom, jour, creancier, sequence, debits):
    bloc = _sous(racine, "PmtInf")
    _sous(bloc, "PmtInfId", nom)
    _sous(bloc, "PmtMtd", "DD")
    _sous(bloc, "BtchBookg", "true")
    _compter(bloc, debits)
    genre = _sous(bloc, "PmtTpInf")
    _sous(genre, "SvcLvl/Cd", "SEPA")
    _sous(genre, "LclInstrm/Cd", "CORE")
    _sous(genre, "SeqTp", sequence)
    _sous(bloc, "ReqdColltnDt", jour.isoformat())
    _sous(bloc, "Cdtr/Nm", en_sepa(creancier.nom, 70))
    _sous(bloc, "CdtrAcct/Id/IBAN", creancier.iban)
    _sous(bloc, f"CdtrAgt/FinInstnId/{'BIC' if version == '02' else 'BICFI'}", creancier.bic)
    _sous(bloc, "ChrgBr", "SLEV")
    autre = _sous(bloc, "CdtrSchmeId/Id/PrvtId/Othr")
    _sous(autre, "Id", creancier.ics)
    _sous(autre, "SchmeNm/Prtry", "SEPA")
    for debit in debits:
        _un_debit(bloc, debit)


def _un_debit(bloc, debit):
    operation = _sous(bloc, "DrctDbtTxInf")
    _sous(operation, "PmtId/EndToEndId", debit.reference)
    _sous(operation, "InstdAmt", f"{debit.montant:.2f}").set("Ccy", "EUR")
    mandat = _sous(operation, "DrctDbtTx/MndtRltdInf")
    _sous(mandat, "MndtId", debit.rum)
    _sous(mandat, "DtOfSgntr", debit.signe_le.isoformat())
    _sous(mandat, "AmdmntInd", "false")
    _sous(operation, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _sous(operation, "Dbtr/Nm", en_sepa(debit.titulaire, 70))
    _sous(operation, "DbtrAcct/Id/IBAN", debit.iban)
    _sous(operation, "RmtInf/Ustrd", en_sepa(debit.objet, 140))


def _compter(parent, debits):
    _sous(parent, "NbOfTxs", str(len(debits)))
    _sous(parent, "CtrlSum", f"{sum((debit.montant for debit in debits), Decimal(0)):.2f}")


def _sous(parent, chemin, texte=None):
    """Ajoute les éléments du chemin (« Id/OrgId/Othr/Id ») et rend le dernier."""
    espace = parent.nsmap[None]
    for nom in chemin.split("/"):
        parent = etree.SubElement(parent, f"{{{espace}}}{nom}")
    parent.text = texte
    return parent


def verifier(version, fichier):
    """Lève ``Invalide`` si ce fichier ne suit pas le schéma de sa version."""
    schema = _schema(version)
    if not schema.validate(etree.fromstring(fichier)):
        faute = schema.error_log[0]
        raise Invalide(f"Ligne {faute.line} : {faute.message}")


@cache
def _schema(version):
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{SCHEMA[version]}.xsd"))

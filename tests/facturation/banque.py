"""La banque, pour les essais : les fichiers de rejets qu'elle rendrait de nos propres lots."""

from lxml import etree


def _document(espace, racine):
    document = etree.Element(f"{{{espace}}}Document", nsmap={None: espace})
    return document, poser(document, racine)


def poser(parent, chemin, texte=None, **attributs):
    """Ajoute les éléments du chemin et rend le dernier."""
    for nom in chemin.split("/"):
        parent = etree.SubElement(parent, f"{{{parent.nsmap[None]}}}{nom}")
    parent.text = texte
    for nom, valeur in attributs.items():
        parent.set(nom, valeur)
    return parent


def _octets(document):
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def pain002(rejets, version="03", jour="2026-12-07", acceptes=0):
    """Un rapport d'état de ces ``(référence, motif, montant)`` ; ``acceptes`` opérations de plus ne le sont pas."""
    document, rapport = _document(f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}", "CstmrPmtStsRpt")
    tete = poser(rapport, "GrpHdr")
    poser(tete, "MsgId", "RJCT-1")
    poser(tete, "CreDtTm", f"{jour}T08:00:00")
    poser(rapport, "OrgnlGrpInfAndSts/OrgnlMsgId", "PF000001")
    bloc = poser(rapport, "OrgnlPmtInfAndSts")
    poser(bloc, "OrgnlPmtInfId", "PF000001-RCUR")
    for rang in range(acceptes):
        operation = poser(bloc, "TxInfAndSts")
        poser(operation, "OrgnlEndToEndId", f"OK{rang}")
        poser(operation, "TxSts", "ACSC")
    for reference, motif, montant in rejets:
        operation = poser(bloc, "TxInfAndSts")
        poser(operation, "OrgnlEndToEndId", reference)
        poser(operation, "TxSts", "RJCT")
        if motif:
            poser(operation, "StsRsnInf/Rsn/Cd", motif)
        if montant:
            poser(operation, "OrgnlTxRef/Amt/InstdAmt", str(montant), Ccy="EUR")
    return _octets(document)


def camt054(rejets, version="02", jour="2026-12-07", virements=0):
    """Un avis de retours de ces débits, un par écriture ; ``virements`` écritures de plus n'en sont pas."""
    document, avis = _document(f"urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}", "BkToCstmrDbtCdtNtfctn")
    poser(avis, "GrpHdr/CreDtTm", f"{jour}T20:00:00")
    notification = poser(avis, "Ntfctn")
    for _ in range(virements):
        poser(poser(notification, "Ntry"), "NtryDtls/TxDtls/Refs/EndToEndId", "VIREMENT")
    for reference, motif, montant in rejets:
        ecriture = poser(notification, "Ntry")
        poser(ecriture, "Amt", str(montant), Ccy="EUR")
        poser(ecriture, "CdtDbtInd", "DBIT")
        poser(ecriture, "BookgDt/Dt", jour)
        detail = poser(ecriture, "NtryDtls/TxDtls")
        poser(detail, "Refs/EndToEndId", reference)
        poser(detail, "AmtDtls/TxAmt/Amt", str(montant), Ccy="EUR")
        poser(detail, "RtrInf/Rsn/Cd", motif)
    return _octets(document)

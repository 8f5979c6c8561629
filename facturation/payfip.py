"""Le client du service web « régie » de PayFiP (SOAP, document/literal). Rien ici ne touche à la base.

``lxml`` lit les réponses sans entités ni réseau ; ``urllib`` suffit pour trois appels. Le service est donné par
``PAYFIP_URL`` : celui de la DGFiP, ou le simulateur de la démonstration et des essais.
"""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from lxml import etree

from facturation.regles.payfip import Reponse

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = (
    "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/contrat_paiement_securise/"
    "PaiementSecuriseService"
)
FAUTES = {
    "FonctionnelleErreur", "TechDysfonctionnementErreur", "TechIndisponibiliteErreur", "TechProtocolaireErreur",
}  # fmt: skip
PATIENCE = 10  # secondes : un parent attend
REPIT = 30  # secondes : un service muet n'est pas rappelé, sans quoi chaque parent tiendrait un processus du portail
REPONSE_MAX = 1_000_000  # octets
ANALYSEUR = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


class Faute(Exception):
    """PayFiP répond qu'il ne peut pas : son ``code`` (« P5 », « M1 »…), son genre et ce qu'il en dit."""

    def __init__(self, genre, code, libelle):
        super().__init__(f"{genre} {code} : {libelle}")
        self.genre, self.code, self.libelle = genre, code, libelle


class Injoignable(Exception):
    """PayFiP ne répond pas, ou pas du XML : on n'en sait pas plus qu'avant."""


def creer(demande):
    """Ouvre un paiement et rend son idop. Lève ``Faute`` ou ``Injoignable``."""
    champs = {nom: str(valeur) for nom, valeur in demande._asdict().items()}
    retour = _appeler("creerPaiementSecurise", champs)
    idop = retour.get("idOp") or retour.get("idop")
    if not idop:
        raise Injoignable("PayFiP n'a pas rendu d'idop.")
    return idop


def interroger(idop):
    """La ``Reponse`` du service pour cet idop. Lève ``Faute`` (« P5 » : pas encore) ou ``Injoignable``."""
    retour = _appeler("recupererDetailPaiementSecurise", {"idOp": idop})
    champs = {nom: retour.get(nom, "") for nom in Reponse._fields}
    champs["idop"] = retour.get("idOp") or retour.get("idop", "")
    return Reponse(**champs)


def client(numcli):
    """Le nom sous lequel la DGFiP connaît ce client, en une ligne. Lève ``Faute`` ou ``Injoignable``."""
    retour = _appeler("recupererDetailClient", {"numCli": numcli})
    return " ".join(retour.get(f"libelleN{n}", "") for n in (1, 2, 3)).strip()


def page(idop):
    """L'adresse où le parent paie."""
    return f"{settings.PAYFIP_PAGE}?{urlencode({'idop': idop})}"


def _appeler(operation, champs):
    """Un appel, et les feuilles de sa réponse : ``{nom: texte}``."""
    racine = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "pai": SERVICE})
    corps = etree.SubElement(racine, f"{{{SOAP}}}Body")
    argument = etree.SubElement(etree.SubElement(corps, f"{{{SERVICE}}}{operation}"), "arg0")
    for nom, valeur in champs.items():
        etree.SubElement(argument, nom).text = valeur
    requete = urllib.request.Request(
        settings.PAYFIP_URL, etree.tostring(racine, xml_declaration=True, encoding="utf-8"),
        {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'},
    )  # fmt: skip
    return _lire(_envoyer(requete))


def _envoyer(requete):
    """Les octets de la réponse. Muet une fois, le service l'est pour ce processus pendant ``REPIT`` secondes."""
    if caches["local"].get("payfip_muet"):
        raise Injoignable("PayFiP ne répondait pas il y a un instant.")
    try:
        try:
            with urllib.request.urlopen(requete, timeout=PATIENCE) as reponse:
                return reponse.read(REPONSE_MAX)
        except urllib.error.HTTPError as erreur:  # une faute SOAP arrive en 500
            with erreur:
                return erreur.read(REPONSE_MAX)
    except (OSError, ValueError, http.client.HTTPException) as erreur:
        caches["local"].set("payfip_muet", True, REPIT)
        raise Injoignable(str(erreur)) from erreur


def _lire(contenu):
    try:
        racine = etree.fromstring(contenu, ANALYSEUR)
    except etree.XMLSyntaxError as erreur:
        raise Injoignable("PayFiP n'a pas répondu en XML.") from erreur
    if racine.tag != f"{{{SOAP}}}Envelope":  # une page de maintenance peut être du XML, elle aussi
        raise Injoignable("PayFiP a répondu autre chose qu'une enveloppe SOAP.")
    for noeud in racine.iter("{*}Fault"):
        detail = next((fils for fils in noeud.iter("{*}*") if etree.QName(fils).localname in FAUTES), noeud)
        dit = _feuilles(detail)
        genre, libelle = etree.QName(detail).localname, dit.get("libelle") or dit.get("faultstring", "")
        raise Faute(genre, dit.get("code", ""), libelle)
    return _feuilles(racine)


def _feuilles(noeud):
    return {etree.QName(f).localname: (f.text or "").strip() for f in noeud.iter("{*}*") if len(f) == 0}

"""Un PayFiP d'essai, complet : le service SOAP, la page de paiement, la notification. Bibliothèque standard seulement.

La démonstration et les essais le lancent eux-mêmes ; la production, jamais (``check --deploy`` le refuse). Ce qu'il
sait faire de travers se choisit sur sa page, pour un paiement, ou par ``Simulateur.scenario``, pour tous :
``SCENARIOS``. La notification forgée, elle, n'a pas besoin de lui.
"""

import datetime as dt
import html
import re
import threading
import time
import urllib.request
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

VIE_IDOP = 15 * 60  # secondes
SCENARIOS = {
    "": "rien",
    "sans": "la notification n'arrive jamais",
    "double": "la notification arrive deux fois, en même temps",
    "tard": "la notification arrive après le retour",
    "montant": "le service répond un euro de trop",
    "inconnu": "le service répond un résultat que personne ne connaît",
    "resultat_tard": "payé, mais le service ne le sait que deux heures après",
    "utilise": "le service répond que l'opération est déjà utilisée",
    "faute": "le service répond qu'il est indisponible",
    "dysfonctionnement": "le service répond une faute technique",
    "protocole": "le service répond que la demande est mal formée",
    "muet": "le service ne répond pas pendant une minute et demie",
    "expire": "l'opération a expiré",
}
SILENCE = 90  # secondes
RESULTAT_TARD = 2 * 3600  # secondes : le plus long que la DGFiP annonce
# Les fautes qui ne tiennent pas à la demande. Leur code n'est pas documenté : le portail n'en sait que le genre.
TECHNIQUES = {"faute": "TechIndisponibiliteErreur", "dysfonctionnement": "TechDysfonctionnementErreur",
              "protocole": "TechProtocolaireErreur"}  # fmt: skip
RESULTATS = {
    "P": "Payer par carte", "V": "Payer par prélèvement", "R": "Carte refusée", "Z": "Prélèvement refusé",
    "A": "Abandonner",
}  # fmt: skip
CHAMPS = ["exer", "mel", "montant", "numcli", "objet", "refdet", "saisie", "urlnotif", "urlredirect"]
DETAIL = ["dattrans", "exer", "heurtrans", "idOp", "mel", "montant", "numauto", "numcli", "objet", "refdet",
          "resultrans", "saisie"]  # fmt: skip
NUMCLI_INCONNU, NUMCLI_FERME = "999999", "999998"


class Faute(Exception):
    """Une faute du service : ``code``, et le genre d'erreur qui la porte."""

    def __init__(self, code, genre="FonctionnelleErreur"):
        super().__init__(code)
        self.code, self.genre = code, genre


def refuser(scenario):
    """Lève la faute technique de ce scénario, s'il en est une."""
    if scenario in TECHNIQUES:
        raise Faute("T9", TECHNIQUES[scenario])


class Simulateur:
    """L'état du service : les opérations et leur résultat. ``horloge`` rend des secondes."""

    def __init__(self, horloge=time.time):
        self.horloge, self.operations, self.verrou = horloge, {}, threading.Lock()
        self.scenario, self.notifications, self.attente = "", [], 30

    # --- Les trois opérations du service --------------------------------------------------------------------------
    def creer(self, champs):
        """``creerPaiementSecurise`` : vérifie chaque champ comme le fait la DGFiP, rend l'idop."""
        montant = champs.get("montant", "")
        if not montant.isdecimal():
            raise Faute("M5")
        if int(montant) < 100:
            raise Faute("M1")
        if int(montant) > 10_000_000:
            raise Faute("M3")
        mel = champs.get("mel", "")
        if not mel:
            raise Faute("A1")
        if not 6 <= len(mel) <= 80 or "@" not in mel:
            raise Faute("A2")
        if not re.fullmatch(r"[A-Za-z0-9]{1,30}", champs.get("refdet", "")):
            raise Faute("R3")
        if not re.fullmatch(r"\d{6}", champs.get("numcli", "")):
            raise Faute("T1")
        if champs["numcli"] == NUMCLI_INCONNU:
            raise Faute("T2")
        if champs["numcli"] == NUMCLI_FERME:
            raise Faute("T4")
        if champs.get("saisie") not in ("T", "X", "W"):
            raise Faute("S1")
        if not champs.get("urlnotif", "").startswith("http"):
            raise Faute("N1")
        if not champs.get("urlredirect", "").startswith("http"):
            raise Faute("D1")
        idop = str(uuid.uuid4())
        with self.verrou:
            self.operations[idop] = {**{nom: champs.get(nom, "") for nom in CHAMPS}, "cree": self.horloge()}
        return idop

    def detail(self, idop):
        """``recupererDetailPaiementSecurise`` : P1 inconnu, P5 pas encore, P4 trop vieux, P3 déjà utilisé."""
        with self.verrou:
            operation = dict(self.operations.get(idop) or {})
        if not operation:
            raise Faute("P1")
        scenario = self.scenario or operation.pop("scenario", "")
        refuser(scenario)
        if "resultrans" not in operation:
            raise Faute("P5" if self.horloge() - operation["cree"] < VIE_IDOP else "P4")
        if scenario == "utilise":
            raise Faute("P3")
        if scenario == "resultat_tard" and self.horloge() - operation["paye"] < RESULTAT_TARD:
            raise Faute("P5")
        operation["idOp"] = idop
        if scenario == "montant":
            operation["montant"] = str(int(operation["montant"]) + 100)
        if scenario == "inconnu":
            operation["resultrans"] = "Q"
        return {nom: operation[nom] for nom in DETAIL}

    def silence(self, idop):
        """Les secondes pendant lesquelles le service se tait avant de répondre de cette opération."""
        operation = self.operations.get(idop, {})
        paye = operation.get("paye")
        se_tait = operation.get("scenario") == "muet" and paye and self.horloge() - paye < SILENCE
        return self.attente if self.scenario == "muet" or se_tait else 0

    def client(self, numcli):
        if not re.fullmatch(r"\d{6}", numcli) or numcli == NUMCLI_INCONNU:
            raise Faute("T2")
        if numcli == NUMCLI_FERME:
            raise Faute("T4")
        return {"libelleN1": "REGIE PERISCOLAIRE", "libelleN2": "DEMONSTRATION", "libelleN3": ""}

    # --- La page de paiement ----------------------------------------------------------------------------------------
    def payer(self, idop, resultat, scenario=None):
        """Ce que fait le bouton de la page : le résultat, la notification, et l'adresse où renvoyer le parent."""
        scenario = self.scenario if scenario is None else scenario
        with self.verrou:
            operation = self.operations.get(idop)
            if not operation or resultat not in RESULTATS:
                raise Faute("P1")
            if scenario == "expire":
                operation["cree"] -= VIE_IDOP
            if "resultrans" in operation:
                raise Faute("P3")
            if self.horloge() - operation["cree"] >= VIE_IDOP:
                raise Faute("P4")
            local = dt.datetime.fromtimestamp(self.horloge(), ZoneInfo("Europe/Paris"))
            operation |= {
                "resultrans": resultat, "dattrans": local.strftime("%d%m%Y"), "heurtrans": local.strftime("%H%M"),
                "numauto": "A55A" if resultat in "PV" else "", "scenario": scenario, "paye": self.horloge(),
            }  # fmt: skip
        self._prevenir(operation["urlnotif"], idop, scenario)
        lien = "&" if "?" in operation["urlredirect"] else "?"
        return f"{operation['urlredirect']}{lien}{urlencode({'idop': idop})}"

    def _prevenir(self, adresse, idop, scenario):
        if scenario == "sans":
            return
        fois = 2 if scenario == "double" else 1
        fils = [threading.Thread(target=self._notifier, args=(adresse, idop, scenario)) for _ in range(fois)]
        for fil in fils:
            fil.start()
        if scenario != "tard":
            for fil in fils:
                fil.join(5)
        self.notifications += fils

    def _notifier(self, adresse, idop, scenario):
        if scenario == "tard":
            time.sleep(1)
        with suppress(OSError):  # la notification est un service rendu : perdue, elle l'est
            urllib.request.urlopen(adresse, urlencode({"idop": idop}).encode(), timeout=5).close()


TETE = "<!doctype html><html lang=fr><meta charset=utf-8><meta name=viewport content='width=device-width'>"
STYLE = (
    ":root{color-scheme:light dark}body{font:1.05rem/1.5 system-ui,sans-serif;margin:0;padding:1.5rem 1rem}"
    "main{max-width:26rem;margin:auto}h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem}"
    ".avis{border-left:.3rem solid #8a5a00;padding-left:.8rem}.somme{font-size:2.2rem;font-weight:700;margin:1rem 0 0}"
    "button,select{box-sizing:border-box;width:100%;min-height:2.9rem;margin:.35rem 0;padding:.5rem .8rem;font:inherit;"
    "border:1px solid;border-radius:.5rem;background:transparent;color:inherit}"
    "button:first-of-type{background:#1d5c41;border-color:#1d5c41;color:#fff;font-weight:700}"
    "label{display:block;margin-top:1.2rem;font-weight:600}"
)


class Guichet(BaseHTTPRequestHandler):
    """HTTP devant le ``Simulateur`` que porte le serveur."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        longueur = int(self.headers.get("Content-Length") or 0)
        corps = self.rfile.read(min(longueur, 100_000))
        if urlsplit(self.path).path.endswith("paiementws.web"):
            return self.payer({nom: valeurs[0] for nom, valeurs in parse_qs(corps.decode()).items()})
        return self.soap(corps)

    def do_GET(self):
        demande = {nom: valeurs[0] for nom, valeurs in parse_qs(urlsplit(self.path).query).items()}
        operation = self.server.simulateur.operations.get(demande.get("idop", ""))
        if not operation:
            return self.page(404, "Paiement inconnu", "<p>Cette opération n'existe pas : revenez au portail.</p>")
        boutons = "".join(f"<button name=resultat value={r}>{mot}</button>" for r, mot in RESULTATS.items())
        choix = "".join(f"<option value='{code}'>{html.escape(mot)}</option>" for code, mot in SCENARIOS.items())
        somme = f"{int(operation['montant']) / 100:.2f}".replace(".", ",")
        return self.page(200, "Paiement d'essai", (
            f"<p class=somme>{somme} €</p><p>{html.escape(operation['objet'])}<br>"
            f"<small>Référence {html.escape(operation['refdet'])}</small></p>"
            f"<form method=post><input type=hidden name=idop value='{html.escape(demande['idop'])}'>{boutons}"
            f"<p><label for=s>Ce qui tourne mal</label><select id=s name=scenario>{choix}</select></p></form>"
        ))  # fmt: skip

    def page(self, code, titre, contenu):
        avis = "<p class=avis>Rien n'est débité : ce guichet est celui de la démonstration, pas celui de la DGFiP.</p>"
        tete = f"{TETE}<title>{titre} (démonstration)</title><style>{STYLE}</style>"
        return self.repondre(code, f"{tete}<main><h1>{titre}</h1>{avis}{contenu}</main></html>", "text/html")

    def payer(self, demande):
        simulateur, idop = self.server.simulateur, demande.get("idop", "")
        try:
            suite = simulateur.payer(idop, demande.get("resultat", ""), demande.get("scenario"))
        except Faute as faute:
            retour = html.escape(simulateur.operations.get(idop, {}).get("urlredirect", ""))
            lien = f"<p><a href='{retour}'>Revenir au portail</a></p>" if retour else ""
            return self.page(400, "Trop tard", f"<p>Ce paiement ne se fait plus ({faute.code}).</p>{lien}")
        self.send_response(303)
        self.send_header("Location", suite)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def soap(self, corps):
        simulateur = self.server.simulateur
        try:
            operation = next(iter(next(e for e in ElementTree.fromstring(corps) if e.tag.endswith("Body"))))
            champs = {e.tag.rpartition("}")[2]: (e.text or "") for e in operation.iter() if len(e) == 0}
            if attente := simulateur.silence(champs.get("idOp", "")):
                time.sleep(attente)
            refuser(simulateur.scenario)
            nom = operation.tag.rpartition("}")[2]
            if nom == "creerPaiementSecurise":
                retour = {"idOp": simulateur.creer(champs)}
            elif nom == "recupererDetailPaiementSecurise":
                retour = simulateur.detail(champs.get("idOp", ""))
            else:
                retour = simulateur.client(champs.get("numCli", ""))
        except Faute as faute:
            return self.repondre(500, _enveloppe(
                f"<soap:Fault><faultcode>soap:Server</faultcode><faultstring>{faute.code}</faultstring><detail>"
                f"<ns2:{faute.genre} xmlns:ns2='urn:erreurs'><code>{faute.code}</code><descriptif/><libelle>Faute "
                f"{faute.code}</libelle><message/><severite>2</severite></ns2:{faute.genre}></detail></soap:Fault>"
            ))  # fmt: skip
        feuilles = "".join(f"<{n}>{escape(str(v))}</{n}>" for n, v in retour.items())
        return self.repondre(200, _enveloppe(f"<ns2:{nom}Response xmlns:ns2='urn:payfip'><return>{feuilles}</return>"
                                             f"</ns2:{nom}Response>"))

    def repondre(self, code, contenu, nature="text/xml"):
        octets = contenu.encode()
        self.send_response(code)
        self.send_header("Content-Type", f"{nature}; charset=utf-8")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *args):
        """Rien : la démonstration n'a pas à lire les requêtes."""


def _enveloppe(contenu):
    return (
        "<?xml version='1.0' encoding='utf-8'?><soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'>"
        f"<soap:Body>{contenu}</soap:Body></soap:Envelope>"
    )


def ouvrir(port=0, simulateur=None, hote="127.0.0.1"):
    """Un guichet prêt à servir (``serve_forever``) ; ``port`` 0 : le premier libre."""
    serveur = ThreadingHTTPServer((hote, port), Guichet)
    serveur.daemon_threads = True
    serveur.simulateur = simulateur or Simulateur()
    return serveur

"""Une API Particulier d'essai : le quotient familial de familles inventées. Bibliothèque standard seulement.

La démonstration et les essais la lancent eux-mêmes ; la production, jamais (``check --deploy`` le refuse). Chaque cas a
son identité dans ``DOSSIERS`` ; qui n'y est pas n'a pas de dossier (404).
"""

import datetime as dt
import json
import threading
import time
import unicodedata
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

CHEMIN = "/v3/dss/quotient_familial/identite"
JETON = "jeton-de-demonstration"
OBLIGATOIRES = ["recipient", "nomNaissance", "prenoms[]", "sexeEtatCivil", "codeCogInseePaysNaissance"]


class Dossier(NamedTuple):
    """Une personne inventée, et ce que le service en répond : ``(caisse, quotient)``, un code HTTP, ou un travers."""

    nom: str
    prenom: str
    sexe: str
    naissance: str
    lieu: str
    reponse: object


DOSSIERS = [
    Dossier("LA STAR", "CELINE", "F", "1988-03-14", "86194", ("CNAF", 698)),
    Dossier("BEAUCHAMP", "OLIVIER", "M", "1979-06-27", "86194", ("MSA", 431)),
    Dossier("ELMASRI", "NOUR", "F", "1990-11-02", "99301", ("CNAF", 512)),
    Dossier("PERDU", "ANNE", "F", "1985-01-01", "86194", 404),
    Dossier("FLOU", "ANNE", "F", "1985-01-01", "86194", 422),
    Dossier("JETON", "ANNE", "F", "1985-01-01", "86194", 401),
    Dossier("DROITS", "ANNE", "F", "1985-01-01", "86194", 403),
    Dossier("FOULE", "ANNE", "F", "1985-01-01", "86194", 429),
    Dossier("PANNE", "ANNE", "F", "1985-01-01", "86194", 500),
    Dossier("DETOUR", "ANNE", "F", "1985-01-01", "86194", 302),
    Dossier("LENT", "ANNE", "F", "1985-01-01", "86194", "lent"),
    Dossier("ABIME", "ANNE", "F", "1985-01-01", "86194", "abime"),
    Dossier("VIDE", "ANNE", "F", "1985-01-01", "86194", "vide"),
    Dossier("ANCIEN", "ANNE", "F", "1985-01-01", "86194", "ancien"),
]
TITRES = {
    401: "Accès non autorisé", 403: "Droits insuffisants", 404: "Dossier allocataire inexistant",
    422: "Identité non reconnue", 429: "Trop de requêtes", 500: "Erreur interne", 302: "Ailleurs",
}  # fmt: skip


class Simulateur:
    """L'état du service : ``appels`` garde les questions reçues, ``attente`` (secondes) est le retard du cas lent."""

    def __init__(self, horloge=time.time):
        self.horloge, self.appels, self.verrou, self.attente = horloge, [], threading.Lock(), 30

    def repondre(self, jeton, champs):
        """``(code, corps)`` ; ``champs`` donne la liste des valeurs de chaque paramètre."""
        with self.verrou:
            self.appels.append(champs)
        if jeton != f"Bearer {JETON}":
            return 401, _erreur(401)
        if any(not champs.get(nom, [""])[0].strip() for nom in OBLIGATOIRES) or len(champs["recipient"][0]) != 14:
            return 422, _erreur(422)
        reponse = self._chercher(champs)
        if reponse == "lent":
            time.sleep(self.attente)
            return 500, _erreur(500)
        if isinstance(reponse, int):
            return reponse, _erreur(reponse)
        if reponse == "abime":
            return 200, '{"data": {"quotient_fam'
        if reponse == "vide":
            return 200, json.dumps({"data": {"quotient_familial": {"fournisseur": "CNAF", "valeur": None}}})
        recul = 24 if reponse == "ancien" else 0
        caisse, valeur = ("CNAF", 300) if recul else reponse
        return 200, json.dumps({"data": self._dossier(caisse, valeur, recul), "links": {}, "meta": {}})

    def _chercher(self, champs):
        def un(nom):
            return champs.get(nom, [""])[0]

        naissance = "-".join(un(f"{mot}DateNaissance").zfill(2) for mot in ("annee", "mois", "jour"))
        pays, commune = un("codeCogInseePaysNaissance"), un("codeCogInseeCommuneNaissance")
        lieu = commune if pays == "99100" else pays
        cherche = (_plat(un("nomNaissance")), _plat(un("prenoms[]")), un("sexeEtatCivil"), naissance)
        for dossier in DOSSIERS:
            # Né en France sans dire où : la commune ne départage pas.
            ailleurs = dossier.lieu.startswith("99") if not lieu else dossier.lieu != lieu
            if not ailleurs and cherche == (dossier.nom, dossier.prenom, dossier.sexe, dossier.naissance):
                return dossier.reponse
        return 404

    def _dossier(self, caisse, valeur, recul):
        """Une réponse entière : le portail doit n'en lire que le quotient."""
        ce_mois = dt.datetime.fromtimestamp(self.horloge(), dt.UTC)
        rang = ce_mois.year * 12 + ce_mois.month - 1 - recul
        personne = {"nom_naissance": "SECRET", "nom_usage": None, "prenoms": "SECRET", "date_naissance": "1988-03-14"}
        return {
            "quotient_familial": {
                "fournisseur": caisse, "valeur": valeur, "annee": rang // 12, "mois": rang % 12 + 1,
                "annee_calcul": ce_mois.year, "mois_calcul": ce_mois.month,
            },
            "allocataires": [personne], "enfants": [personne],
            "adresse": {"destinataire": "SECRET", "numero_libelle_voie": "SECRET", "code_postal_ville": "86440 SECRET"},
        }  # fmt: skip


def _plat(texte):
    sans = unicodedata.normalize("NFKD", texte)
    return "".join(c for c in sans if not unicodedata.combining(c)).upper().strip()


def _erreur(code):
    return json.dumps({"errors": [{"code": f"{code:05d}", "title": TITRES[code], "detail": TITRES[code], "meta": {}}]})


class Guichet(BaseHTTPRequestHandler):
    """HTTP devant le ``Simulateur`` que porte le serveur."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        ou = urlsplit(self.path)
        if ou.path != CHEMIN:
            return self.envoyer(404, _erreur(404))
        champs = parse_qs(ou.query, keep_blank_values=True)
        return self.envoyer(*self.server.simulateur.repondre(self.headers.get("Authorization", ""), champs))

    def envoyer(self, code, corps):
        octets = corps.encode()
        self.send_response(code)
        if code == 302:
            self.send_header("Location", f"{CHEMIN}?detour=1")
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *args):
        """Rien : l'adresse porte une identité."""


def ouvrir(port=0, simulateur=None, hote="127.0.0.1"):
    """Un guichet prêt à servir (``serve_forever``) ; ``port`` 0 : le premier libre."""
    serveur = ThreadingHTTPServer((hote, port), Guichet)
    serveur.daemon_threads = True
    serveur.simulateur = simulateur or Simulateur()
    return serveur

"""Le quotient demandé à la CAF ou à la MSA par API Particulier v3 : la question, la réponse, et chaque refus en clair.

On n'en garde que la valeur, le mois et la caisse qui l'a dite ; le reste de la réponse (la famille, l'adresse) n'est
même pas lu.
"""

import calendar
import datetime as dt
import json
from typing import NamedTuple

FRANCE = "99100"  # code officiel géographique du pays
CAISSES = {"CNAF": "CAF", "MSA": "MSA"}
PLAFOND = 100_000  # au-delà, ce n'est plus un quotient
PAR_HEURE, PAR_HEURE_MAIRIE = 5, 60  # demandes par compte
HEURE = dt.timedelta(hours=1)

TROP = "Vous avez fait plusieurs demandes. Réessayez après %(heure)s, ou envoyez votre attestation."
# Chaque refus dit ce que la famille peut faire ; la page montre toujours la voie du papier à côté.
REFUS = {
    "ferme": "La commune ne demande pas les quotients à la CAF ou à la MSA : envoyez votre attestation.",
    "inconnu": "Ni la CAF ni la MSA ne trouvent de dossier d'allocataire à cette identité. Vérifiez le nom et les "
    "prénoms de naissance, ou essayez avec l'autre parent, si le dossier est à son nom.",
    "identite": "La CAF et la MSA ne reconnaissent pas cette identité. Recopiez-la comme sur l'acte de naissance : nom "
    "de naissance, tous les prénoms, et le code du lieu.",
    "jeton": "La CAF et la MSA refusent de répondre à la mairie, qui en est prévenue. Votre saisie n'y est pour rien : "
    "envoyez votre attestation.",
    "presse": "Trop de demandes arrivent en ce moment à la CAF et à la MSA. Réessayez dans quelques minutes.",
    "panne": "Le service de la CAF et de la MSA est en panne. Réessayez plus tard, ou envoyez votre attestation.",
    "muet": "Le service de la CAF et de la MSA ne répond pas. Réessayez plus tard, ou envoyez votre attestation.",
    "illisible": "La CAF ou la MSA a répondu sans donner de quotient lisible. Envoyez votre attestation.",
    "ancien": "La CAF ou la MSA ne connaît qu'un quotient trop ancien pour compter encore. Envoyez votre attestation.",
}  # fmt: skip
PAR_CODE = {404: "inconnu", 422: "identite", 400: "identite", 401: "jeton", 403: "jeton", 429: "presse"}


class Identite(NamedTuple):
    """Qui l'on cherche. ``prenoms`` dans l'ordre de l'acte, ``sexe`` F ou M, ``pays`` et ``lieu`` codes COG."""

    nom: str
    prenoms: tuple
    sexe: str
    naissance: dt.date
    pays: str
    lieu: str = ""


class Trouve(NamedTuple):
    """Ce qui reste d'une réponse : la ``caisse`` (CAF, MSA), la ``valeur``, et le ``mois`` par son premier jour."""

    caisse: str
    valeur: int
    mois: dt.date


def refus_de(code):
    """Le mot d'un refus (une clé de ``REFUS``) pour ce code HTTP.

    >>> refus_de(404), refus_de(503)
    ('inconnu', 'panne')
    """
    return PAR_CODE.get(code, "panne" if code >= 500 else "illisible")


def question(qui, siret):
    """Les paramètres de l'appel, dans l'ordre : ``[(nom, valeur), …]``."""
    champs = [("recipient", siret), ("nomNaissance", qui.nom), *(("prenoms[]", prenom) for prenom in qui.prenoms)]
    champs += [
        ("sexeEtatCivil", qui.sexe), ("anneeDateNaissance", str(qui.naissance.year)),
        ("moisDateNaissance", str(qui.naissance.month)), ("jourDateNaissance", str(qui.naissance.day)),
        ("codeCogInseePaysNaissance", qui.pays),
    ]  # fmt: skip
    return [*champs, ("codeCogInseeCommuneNaissance", qui.lieu)] if qui.lieu else champs


def lire(contenu):
    """Le ``Trouve`` d'une réponse (octets JSON). Lève ``ValueError`` si le quotient n'y est pas, ou n'en est pas un."""
    try:
        dit = json.loads(contenu)["data"]["quotient_familial"]
        caisse, valeur, an, mois = (dit[nom] for nom in ("fournisseur", "valeur", "annee", "mois"))
    except (KeyError, TypeError, RecursionError) as faute:
        raise ValueError("la réponse ne porte pas de quotient") from faute
    if any(type(nombre) is not int for nombre in (valeur, an, mois)) or not 0 <= valeur <= PLAFOND:
        raise ValueError("le quotient n'est pas un nombre")
    if not 2000 < an < 2200:
        raise ValueError("le quotient n'a pas de mois")
    return Trouve(CAISSES.get(str(caisse), "CAF ou MSA"), valeur, dt.date(an, mois, 1))


def valable(mois, duree):
    """Le premier et le dernier jour d'un quotient de ce mois, valable ``duree`` mois.

    >>> valable(dt.date(2026, 11, 1), 12)
    (datetime.date(2026, 11, 1), datetime.date(2027, 10, 31))
    """
    rang = mois.year * 12 + mois.month - 1 + duree - 1
    an, dernier = rang // 12, rang % 12 + 1
    return mois, dt.date(an, dernier, calendar.monthrange(an, dernier)[1])


def preuve(trouve, jour):
    """« CAF, par API Particulier, le 26/11/2026, quotient de 11/2026 »."""
    return f"{trouve.caisse}, par API Particulier, le {jour:%d/%m/%Y}, {_du_mois(trouve)}"


def meme_reponse(preuve_gardee, trouve):
    """Vrai si cette preuve est déjà celle de la même caisse, pour le même mois."""
    return preuve_gardee.startswith(f"{trouve.caisse}, par API Particulier") and _du_mois(trouve) in preuve_gardee


def _du_mois(trouve):
    return f"quotient de {trouve.mois:%m/%Y}"

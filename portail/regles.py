"""Règles du toit : où en est la famille dans les six étapes. Fonctions pures."""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

FAIT, A_FAIRE, ATTENTE, PLUS_TARD = "fait", "a_faire", "attente", "plus_tard"


@dataclass(frozen=True)
class Situation:
    """Ce qu'il faut savoir d'une famille pour lui dire quoi faire maintenant."""

    enfants: int = 0
    manquantes: int = 0
    statut: str = "en_creation"
    demandees: int = 0
    inscrites: int = 0
    reservations: int = 0
    solde: int = 0


@dataclass(frozen=True)
class Etape:
    """Une des six étapes. ``lien`` est le nom d'une page ; ``principale`` ne vaut que pour une seule."""

    numero: int
    titre: str
    texte: str
    etat: str
    lien: str
    bouton: str
    principale: bool = False


def fil(situation):
    """Les six étapes du tutoriel, la première « à faire » portant le bouton principal.

    Quand tout est fait, c'est la réservation, que l'on refait chaque semaine, qui le porte.
    """
    s = situation
    validee, envoyee = s.statut == "validee", s.statut == "a_valider"
    etapes = [
        (1, "Créer votre compte", "Votre adresse e-mail est confirmée.", FAIT, "", ""),
        (2, "Donner votre consentement", "Vous pouvez le relire ou le retirer.", FAIT, "mes_donnees", "Mes données"),
        (3, *_espace(s, validee, envoyee)),
        (4, *_inscriptions(s, validee)),
        (5, *_reservations(s)),
        (6, *_finances(s, validee)),
    ]
    principale = next((numero for numero, *_, etat, _, _ in etapes if etat == A_FAIRE), 5 if s.inscrites else None)
    return [Etape(*etape, principale=etape[0] == principale) for etape in etapes]


def _espace(s, validee, envoyee):
    titre = "Compléter votre Espace Famille"
    if validee:
        return titre, "La mairie a validé votre dossier.", FAIT, "documents:liste", "Mes documents"
    if envoyee:
        return titre, "Votre dossier est à la mairie : un courriel vous dira qu'il est validé.", ATTENTE, "documents:liste", "Mes documents"
    if not s.enfants:
        return titre, "Commencez par ajouter votre enfant.", A_FAIRE, "familles:ajouter", "Ajouter un enfant"
    if s.manquantes:
        mot = "document manque" if s.manquantes == 1 else "documents manquent"
        return titre, f"{s.manquantes} {mot} encore.", A_FAIRE, "documents:liste", "Envoyer mes documents"
    return titre, "Tout y est : il reste à l'envoyer.", A_FAIRE, "documents:liste", "Envoyer mon dossier à la mairie"


def _inscriptions(s, validee):
    titre, lien = "Inscrire vos enfants aux activités", "inscriptions:liste"
    if s.inscrites:
        return titre, "L'inscription permet de réserver ; elle ne réserve aucun jour.", FAIT, lien, "Mes inscriptions"
    if s.demandees:
        return titre, "La mairie étudie votre demande.", ATTENTE, lien, "Mes inscriptions"
    if validee:
        return titre, "Restauration, accueil du matin et du soir, mercredi.", A_FAIRE, lien, "Inscrire mes enfants"
    return titre, "Possible dès que la mairie a validé votre dossier.", PLUS_TARD, lien, ""


def _reservations(s):
    titre, lien = "Réserver les jours", "reservations:planning"
    if s.reservations:
        mot = "réservation" if s.reservations == 1 else "réservations"
        return titre, f"{s.reservations} {mot} à venir.", FAIT, lien, "Ouvrir le planning"
    if s.inscrites:
        return titre, "Aucun jour n'est réservé pour l'instant.", A_FAIRE, lien, "Réserver des jours"
    return titre, "Possible dès qu'un enfant est inscrit.", PLUS_TARD, lien, ""


def _finances(s, validee):
    titre, lien = "Suivre vos factures", "facturation:situation"
    if s.solde > 0:
        return titre, "Une somme reste à régler.", A_FAIRE, lien, "Voir ma situation"
    if validee:
        return titre, "Vous êtes à jour.", FAIT, lien, "Ma situation financière"
    return titre, "Vos factures paraîtront ici.", PLUS_TARD, lien, ""


# --- Les comptes ------------------------------------------------------------------------------------------------
LIEN_VALABLE = dt.timedelta(days=3)  # un lien reçu par courriel sert une fois, dans les trois jours


def adresse_normalisee(texte):
    """L'adresse e-mail telle qu'on la compare : sans aucune espace, en minuscules.

    >>> adresse_normalisee("  Celine@Demo.FR ")
    'celine@demo.fr'
    """
    return "".join(texte.split()).lower()


def empreinte(jeton):
    """Ce que la base garde d'un lien : qui lit la base ne peut pas s'en servir."""
    return hashlib.sha256(jeton.encode()).hexdigest()


def lien_perime(depuis, maintenant):
    """Vrai quand un lien envoyé à l'instant ``depuis`` ne vaut plus."""
    return maintenant - depuis > LIEN_VALABLE


def remplir(texte, valeurs):
    """Le texte du consentement, ses ``{noms}`` connus remplacés ; toute autre accolade reste telle quelle.

    ``str.format`` laisserait un texte saisi lire les attributs des objets.
    """
    return re.sub(r"\{(\w+)\}", lambda trouve: str(valeurs.get(trouve[1], trouve[0])), texte)


def fin_de_periode(maintenant, duree):
    """La fin de la période de ``duree`` (timedelta) qui contient ``maintenant`` : les essais s'y comptent."""
    secondes = int(duree.total_seconds())
    debut = int(maintenant.timestamp()) // secondes * secondes
    return dt.datetime.fromtimestamp(debut + secondes, dt.timezone.utc)

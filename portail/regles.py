"""Règles du toit : où en est la famille dans les six étapes, et ce que valent comptes et liens. Fonctions pures."""

import datetime as dt
import hashlib
import ipaddress
import re
from dataclasses import dataclass
from decimal import Decimal

from commune.regles import decaler, dire_le_jour
from facturation.regles import euros
from inscriptions.regles import enumerer

# --- Les six étapes ---------------------------------------------------------------------------------------------
FAIT, A_FAIRE, ATTENTE, PLUS_TARD = "fait", "a_faire", "attente", "plus_tard"
ETATS = {FAIT: "Fait", A_FAIRE: "À faire", ATTENTE: "En attente de la mairie", PLUS_TARD: "Plus tard"}


@dataclass(frozen=True)
class Situation:
    """Ce qu'il faut savoir d'une famille pour lui dire quoi faire maintenant.

    ``demandees`` attendent la réponse de la mairie ; ``en_attente`` l'ont eue : leur activité est complète.
    ``sans_activite`` : les prénoms de ses enfants sans inscription. ``solde`` en euros, dû s'il est positif.
    ``echeance`` et ``preleve_le`` (dates de Paris) sont ceux de la plus pressée de ses factures à régler, échéanciers
    et Trésor à part ; ``plan`` est ce que demande son échéancier : ``(euros, date de Paris)``.
    """

    jour: dt.date = dt.date.min
    enfants: int = 0
    manquantes: int = 0
    statut: str = "en_creation"
    demandees: int = 0
    en_attente: int = 0
    inscrites: int = 0
    sans_activite: tuple = ()
    a_reserve: bool = False  # un jour à venir
    solde: Decimal = Decimal(0)
    echeance: dt.date | None = None
    preleve_le: dt.date | None = None
    plan: tuple | None = None

    @property
    def validee(self):
        return self.statut == "validee"

    @property
    def installee(self):
        """Vrai quand il ne reste de la mise en route que ce qui revient toujours : réserver, payer."""
        return self.validee and self.inscrites > 0


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
    """Les six étapes du tutoriel, dont une seule porte le bouton principal.

    C'est la première à faire ; à défaut, la première qui attend la mairie ; quand tout est fait, la réservation,
    que l'on refait chaque semaine.
    """
    s = situation
    etapes = [
        (1, "Créer votre compte", "", FAIT, "", ""),
        (2, "Donner votre consentement", "", FAIT, "mes_donnees", "Mes données"),
        (3, "Compléter votre Espace Famille", *_espace(s)),
        (4, "Inscrire vos enfants aux activités", *_inscriptions(s)),
        (5, "Réserver les jours", *_reservations(s)),
        (6, "Suivre vos factures", *_finances(s)),
    ]
    principale = next((n for voulu in (A_FAIRE, ATTENTE) for n, _, _, etat, *_ in etapes if etat == voulu), 5)
    return [Etape(*etape, principale=etape[0] == principale) for etape in etapes]


def _espace(s):
    lien = "documents:liste"
    if s.statut == "a_valider":
        return "Votre dossier est à la mairie : attendez son courriel.", ATTENTE, lien, "Voir mon dossier"
    if not s.enfants:
        return "Commencez par ajouter votre enfant.", A_FAIRE, "familles:ajouter", "Ajouter une personne"
    if s.manquantes:
        manque = "Il manque un document." if s.manquantes == 1 else f"Il manque {s.manquantes} documents."
        return manque, A_FAIRE, lien, "Envoyer mes documents"
    if s.validee:
        return "La mairie a validé votre dossier.", FAIT, lien, "Mes documents"
    return "Tous vos documents y sont : il reste à l'envoyer.", A_FAIRE, lien, "Envoyer mon dossier à la mairie"


def _inscriptions(s):
    lien, mot = "inscriptions:liste", "Mes inscriptions"
    if s.inscrites:
        autres = f"Aucune activité pour {enumerer(s.sans_activite)}." if s.sans_activite else ""
        autres = "Une demande est en liste d'attente." if s.en_attente else autres
        return "La mairie étudie une demande." if s.demandees else autres, FAIT, lien, mot
    if s.demandees:
        return "La mairie étudie votre demande : attendez son courriel.", ATTENTE, lien, mot
    if s.en_attente:
        return "Vous êtes en liste d'attente : la mairie vous écrira si une place se libère.", ATTENTE, lien, mot
    if s.validee and s.enfants and not s.manquantes:
        return "Restauration, accueil du matin et du soir, mercredi.", A_FAIRE, lien, "Inscrire mes enfants"
    return "Dès que la mairie a validé votre dossier.", PLUS_TARD, lien, mot


def _reservations(s):
    lien = "reservations:planning"
    if s.a_reserve:
        return "Vous avez réservé pour les jours qui viennent.", FAIT, lien, "Réserver ou annuler"
    if s.inscrites:
        return "Aucun jour à venir n'est réservé.", A_FAIRE, lien, "Réserver des jours"
    return "Dès qu'un enfant est inscrit.", PLUS_TARD, lien, "Planning"


def _finances(s):
    lien, mot = "facturation:situation", "Ma situation financière"
    du = euros(abs(s.solde))
    if not s.solde and not s.inscrites:
        return "Après votre premier mois.", PLUS_TARD, lien, mot
    if s.solde <= 0:
        return f"Vous avez une avance de {du}." if s.solde else "Vous êtes à jour.", FAIT, lien, mot
    if s.plan and not s.echeance:
        montant, jour = euros(s.plan[0]), dire_le_jour(s.plan[1], an=False)
        if s.plan[1] < s.jour:
            return f"Échéancier : {montant} en retard depuis le {jour}.", A_FAIRE, lien, mot
        return f"Échéancier : prochaine échéance {montant} le {jour}.", FAIT, lien, mot
    if s.preleve_le and s.preleve_le >= s.jour:
        return f"{du} seront prélevés le {dire_le_jour(s.preleve_le, an=False)}.", FAIT, lien, mot
    if not s.echeance:
        return f"{du} à régler.", A_FAIRE, lien, mot
    if s.echeance < s.jour:
        return f"{du} à régler : l'échéance était le {dire_le_jour(s.echeance, an=False)}.", A_FAIRE, lien, mot
    return f"{du} à régler avant le {dire_le_jour(s.echeance, an=False)}.", A_FAIRE, lien, mot


# --- Les comptes ------------------------------------------------------------------------------------------------
TITRE_MAX = 60  # caractères : au-delà, la première ligne d'un paragraphe n'est pas un titre
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


def paragraphes(texte):
    """``[(titre, corps)]`` : une ligne vide sépare les paragraphes, une courte ligne seule en tête est un titre.

    >>> paragraphes("Bonjour.\\n\\nVos droits\\nLes voici.")
    [('', 'Bonjour.'), ('Vos droits', 'Les voici.')]
    """
    blocs = []
    for bloc in re.split(r"\n\s*\n", texte.replace("\r\n", "\n").strip()):
        titre, _, corps = bloc.partition("\n")
        blocs.append((titre, corps) if corps and len(titre) <= TITRE_MAX else ("", bloc))
    return blocs


def reseau(adresse):
    """Le visiteur derrière une adresse IP, pour compter ses essais : un abonné reçoit tout un /64 en IPv6.

    Compter l'adresse entière lui en donnerait dix-huit milliards de milliards. Sans adresse lisible, rend ``""``.

    >>> reseau("2001:db8:1:2:aaaa::9"), reseau("::ffff:192.0.2.7"), reseau("192.0.2.7")
    ('2001:db8:1:2::', '192.0.2.7', '192.0.2.7')
    """
    try:
        ip = ipaddress.ip_address(adresse)
    except ValueError:
        return ""
    if ip.version == 6:
        ip = ip.ipv4_mapped or ipaddress.IPv6Address(int(ip) >> 64 << 64)
    return str(ip)


# --- La fin de conservation -------------------------------------------------------------------------------------
PREAVIS = 1  # mois entre le courriel qui prévient une famille et l'effacement


def limite_de_conservation(jour, mois):
    """La date de Paris avant laquelle un dernier signe est trop ancien, ``jour`` venu.

    Ce qui date de ce jour-là se garde encore : on peut garder un jour de trop, jamais un de moins.
    """
    return decaler(jour, -mois)


def fin_de_sante(ecrite, accueil, annees):
    """Le dernier jour (date de Paris) où la santé d'un enfant sert encore.

    ``ecrite`` est le jour où elle fut écrite ou envoyée, ``accueil`` le dernier jour d'inscription ou de réservation de
    l'enfant (ou ``None``), ``annees`` les ``(premier, dernier jour)`` des années scolaires. Écrite depuis, pour une
    inscription qui n'est pas encore venue, elle sert jusqu'au bout de l'année scolaire en cours ou de la suivante.
    """
    if accueil and ecrite <= accueil:
        return accueil
    return min((fin for _, fin in annees if fin >= ecrite), default=ecrite)


# --- Le dessin de la semaine --------------------------------------------------------------------------------------
HAUTEUR, LARGEUR, PAS = 160, 52, 100  # en unités du dessin ; cinq jours y font 500 de large


def barres(lignes):
    """Une pile par jour : ``[(x, [(genre, y, hauteur)…], total, y du total)…]``, en unités entières du dessin."""
    plus_haut = max(sum(nombres[n] for nombres in lignes.values()) for n in range(5)) or 1
    piles = []
    for n in range(5):
        bas, morceaux = HAUTEUR, []
        for genre, nombres in lignes.items():
            hauteur = round(nombres[n] * (HAUTEUR - 20) / plus_haut)
            bas -= hauteur
            if hauteur:
                morceaux.append((genre, bas, hauteur))
        piles.append((n * PAS + (PAS - LARGEUR) // 2, morceaux, sum(x[n] for x in lignes.values()), bas - 6))
    return piles

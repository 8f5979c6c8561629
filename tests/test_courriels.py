"""Tous les courriels du portail, un par un : trois parties, un cadre, des liens entiers, et rien de trop."""

import datetime as dt
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from commune.actions import composer_courriel, envoyer_courriel
from commune.regles import contraste, de_la_ville
from facturation.models import (
    Contestation,
    DemandeEcheancier,
    Echeancier,
    Facture,
    Ligne,
    LotDePrelevements,
    Mandat,
    Paiement,
    Precision,
    Prelevement,
)
from facturation.regles.relances import PROPOSES
from inscriptions.models import Inscription
from reservations.models import Evenement
from tests import fabriques

pytestmark = pytest.mark.django_db
RACINE = Path(__file__).resolve().parent.parent
ADRESSE = "https://famille.exemple.fr"
LIEN = {"lien": f"{ADRESSE}/compte/ouvrir/jeton-de-deux-mots/"}
ECHANGE = {"prenom": "Lina", "jours": "le mardi 24 novembre 2026", "numero": 3}
MOTIF = {"motif": "La page 2 manque.\nElle est au dos."}
GROUPES = {"groupes": [
    {"enfant": "Hugo", "activite": "Restauration", "nombre": 3, "verbe": "réservation",
     "mois": [("septembre 2026", "mardi 1er, jeudi 3, vendredi 4")]},
]}  # fmt: skip

PLACE = {"enfant": "Hugo", "enfant_pk": 12, "activite": "Accueil du soir", "horaires": "16 h – 19 h",
         "jour": "lundi 7 septembre", "iso": "2026-09-07"}  # fmt: skip


def decision():
    celine = fabriques.famille()
    hugo = fabriques.enfant(celine)
    etats = Inscription.Etat
    un, deux, trois = (
        fabriques.inscription(hugo, fabriques.activite(), etat=etat, motif=motif)
        for etat, motif in [(etats.VALIDEE, ""), (etats.ATTENTE, ""), (etats.REFUSEE, "Hugo est trop jeune.")]
    )
    return {"validees": [un], "en_attente": [deux], "refusees": [trois]}


def excuse():
    midi = fabriques.activite()
    seance = fabriques.seance(midi, dt.date(2026, 9, 7))
    dite = fabriques.excuse(fabriques.reservation(fabriques.enfant(), seance), reponse="Bon rétablissement.")
    return {"excuse": dite, "acceptee": True, "jour": "lundi 7 septembre 2026"}


def evenement():
    """Un événement appliqué puis levé, tel que le lisent les courriels."""
    return {
        "evenement": Evenement(
            pk=7, libelle="Grève du personnel",
            annonce="Jeudi 12 novembre : grève du personnel, pas d'accueil (Desnos)",
            message="Merci de votre compréhension.", lot="3f2a91c0-5d6e-4b7a-8c9d-0e1f2a3b4c5d",
        ),
        "jours": "Jeudi 12 novembre", "annulees": GROUPES["groupes"], "rendues": GROUPES["groupes"],
        "perdues": GROUPES["groupes"], "nombre": 3,
    }  # fmt: skip


def contestation():
    """Une ligne contestée que la mairie accepte de rendre en partie."""
    repas = Ligne(pk=12, prenom="Hugo", texte="Repas", jour=dt.date(2026, 9, 3))
    dite = Contestation(ligne=repas, etat="partie", suite="deduire", reponse="C'est exact, merci de l'avoir dit.")
    return {"contestation": dite, "jour": "jeudi 3 septembre"}


def prelevement():
    """Un prélèvement que la banque a rejeté."""
    facture = Facture(pk=7, exercice=2026, numero=42)
    rejete = Prelevement(facture=facture, lot=LotDePrelevements(pk=3), montant="28.50", code_rejet="AC04")
    return {"prelevement": rejete, "jour": "5 décembre 2026", "suspendu": True}


def echeancier():
    """Un échéancier accordé, dont la première échéance est en retard."""
    plan = Echeancier(pk=7, total=Decimal("70"), mot="Bon courage.", motif_revocation="Deux échéances impayées")
    plan.position = SimpleNamespace(en_retard=Decimal("40"))
    return plan


CONTEXTES = {
    "documents/courriels/dossier_envoye": {},
    "documents/courriels/dossier_rendu": MOTIF,
    "documents/courriels/dossier_valide": {},
    "documents/courriels/piece_refusee": MOTIF,
    "facturation/courriels/api_particulier_refusee": {},
    "facturation/courriels/avoirs_a_revoir": evenement,
    "facturation/courriels/contestation_precisee": {"contestation_pk": 7, "avant": "8 décembre 2026"},
    "facturation/courriels/contestation_question": lambda: {
        **contestation(), "precision": Precision(question="Était-elle à l'école ce jour-là ?"),
    },
    "facturation/courriels/contestation_recue": {"contestation_pk": 7, "avant": "8 décembre 2026"},
    "facturation/courriels/contestation_repondue": contestation,
    "facturation/courriels/paiement_en_doute": {"paiement": Paiement(
        pk=7, refdet="2026F000042P7", phrase="PayFiP répond un résultat inconnu : « Q ».",
    )},
    "facturation/courriels/dette_transmise": {
        "factures": [Facture(pk=7)], "references": "2026-000007", "ou": "Trésorerie de Poitiers",
    },
    "facturation/courriels/echeance_en_retard": lambda: {"plan": echeancier(), "jour": "5 décembre 2026"},
    "facturation/courriels/echeancier_accorde": lambda: {
        "plan": echeancier(), "jours": ["5 décembre 2026", "5 janvier 2027"],
    },
    "facturation/courriels/echeancier_demande": {"demande_pk": 7},
    "facturation/courriels/echeancier_refuse": {"demande": DemandeEcheancier(reponse="Votre dette est récente.")},
    "facturation/courriels/echeancier_revoque": lambda: {"plan": echeancier()},
    "facturation/courriels/relance": {
        "niveau": PROPOSES[1],
        "factures": [SimpleNamespace(reference="2026-000042", mois=dt.date(2026, 10, 1),
                                     echeance=dt.date(2026, 11, 15))],
    },
    "facturation/courriels/facture_corrigee": {"facture": Facture(pk=7, exercice=2026, numero=42)},
    "facturation/courriels/facture_arrivee": {
        "sujet": "Votre facture d'octobre 2026 est arrivée", "echeance": "1er décembre 2026",
        "factures": [Facture(pk=7, exercice=2026, numero=42, mois=dt.date(2026, 10, 1))],
    },
    "facturation/courriels/mandat_code": {"code": "012345"},
    "facturation/courriels/mandat_signe": {
        "ics": "FR72ZZZ123456", "texte": "En signant ce mandat, vous autorisez la commune.",
        "mandat": Mandat(rum="PF000012-20260901-01", titulaire="Celine LA STAR", signe_le=dt.date(2026, 9, 1),
                         iban="FR7630006000011234567890189"),
    },
    "facturation/courriels/prelevement_annonce": {
        "facture": Facture(pk=7, mois=dt.date(2026, 10, 1), rum="PF000012-20260901-01"), "ics": "FR72ZZZ123456",
        "jour": "5 décembre 2026",
    },
    "facturation/courriels/prelevement_refuse": {
        "factures": [Facture(pk=7, exercice=2026, numero=42)], "jour": "5 décembre 2026",
    },
    "facturation/courriels/prelevement_rejete": prelevement,
    "familles/courriels/garde": {"dite": True},
    "familles/courriels/changement": {"quoi": "Une famille a changé d'adresse.", "famille_pk": 12},
    "inscriptions/courriels/decision": decision,
    "messagerie/courriels/a_la_famille": {},
    "messagerie/courriels/a_la_mairie": {"famille_pk": 12},
    "portail/courriels/compte_demande": LIEN,
    "portail/courriels/compte_existe": LIEN,
    "portail/courriels/compte_invite": LIEN,
    "portail/courriels/consentement_retire": {},
    "portail/courriels/conservation": {"jour": dt.date(2032, 1, 12)},
    "portail/courriels/email_confirmer": LIEN,
    "portail/courriels/email_pris": {},
    "portail/courriels/email_prevenir": LIEN | {"nouvelle": "celine@exemple.fr"},
    "portail/courriels/invitation": LIEN,
    "portail/courriels/invitation_second_foyer": LIEN,
    "portail/courriels/mot_de_passe_change": {},
    "portail/courriels/mot_de_passe_oublie": LIEN,
    "portail/courriels/sante_effacee": {"prenoms": "Hugo et Lina", "plusieurs": True},
    "reservations/courriels/annulation": GROUPES | {
        "motif": "Sortie scolaire", "changement": {"enfant": {"prenom": "Hugo"}},
    },
    "reservations/courriels/attente_finie": {
        "raisons": [("La limite de réservation est passée sans qu'une place se libère", GROUPES["groupes"])],
    },
    "reservations/courriels/garde_suivie": {
        "prenom": "Lina", "cedees": GROUPES["groupes"], "recues": GROUPES["groupes"],
    },
    "reservations/courriels/offre": {"prenoms": "Hugo", "places": [PLACE | {
        "limite": "jusqu'au vendredi 4 septembre 18 h", "jeton": "12.aBc-d_e",
    }]},
    "reservations/courriels/place_donnee": {"prenoms": "Hugo", "motif": "", "places": [PLACE | {
        "annulable": "jusqu'au dimanche 6 septembre 23 h 59",
    }]},
    "reservations/courriels/echange_propose": ECHANGE,
    "reservations/courriels/echange_repondu": ECHANGE | {"reponse": "accepte"},
    "reservations/courriels/enregistrement": GROUPES | {
        "enfants": ["Hugo"], "reservees": 3, "annulees": 0, "hors_delai": 1, "origine": "parent",
        "lot": "3f2a91c0-5d6e-4b7a-8c9d-0e1f2a3b4c5d",
    },
    "reservations/courriels/evenement": evenement,
    "reservations/courriels/evenement_leve": evenement,
    "reservations/courriels/excuse": excuse,
    "reservations/courriels/rappel_dimanche": {
        "semaine": "lundi 7 septembre", "lundi": "2026-09-07", "jeton": "jeton",
        "enfants": [("Hugo", ["lundi 7 septembre : Restauration"]), ("Lina", [])],
    },
    "reservations/courriels/rappel_limite": {
        "semaine": "lundi 7 septembre", "lundi": "2026-09-07", "jeton": "jeton", "prenoms": "Hugo et Lina",
        "limite": "jusqu'à dimanche 23 h 59",
    },
    "reservations/courriels/tirage": {
        "ouverture": {"pk": 3, "nom": "Vacances de Noël"}, "ticket": {"numero": "482913"}, "retenus": 2, "nombre": 3,
        "blocs": [("Réservé", "retenu", GROUPES["groupes"]), ("En liste d'attente", "attente", GROUPES["groupes"])],
    },
}  # fmt: skip
# Ceux dont la maison dit qu'ils ne portent rien de la famille : un courriel n'est pas secret.
DISCRETS = [
    "facturation/courriels/api_particulier_refusee", "facturation/courriels/contestation_recue",
    "facturation/courriels/contestation_precisee", "facturation/courriels/echeancier_demande",
    "documents/courriels/dossier_envoye", "documents/courriels/dossier_valide", "familles/courriels/changement",
    "messagerie/courriels/a_la_famille", "messagerie/courriels/a_la_mairie", "portail/courriels/compte_demande",
    "familles/courriels/garde", "portail/courriels/invitation", "portail/courriels/invitation_second_foyer",
    "portail/courriels/compte_invite", "portail/courriels/conservation", "portail/courriels/mot_de_passe_change",
    "portail/courriels/mot_de_passe_oublie",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _commune(settings):
    settings.ADRESSE = ADRESSE
    fabriques.commune(service="Service périscolaire")


def composer(gabarit):
    contexte = CONTEXTES[gabarit]
    return composer_courriel(gabarit, contexte() if callable(contexte) else contexte)


class Lecteur(HTMLParser):
    """Le texte, les liens et les balises d'un courriel ; une balise mal fermée est une erreur."""

    SEULES = {"meta", "br", "!doctype"}

    def __init__(self, html):
        super().__init__()
        self.ouvertes, self.balises, self.liens, self.morceaux = [], [], [], []
        self.feed(html)
        self.close()
        assert self.ouvertes == []

    def handle_starttag(self, tag, attrs):
        self.balises.append((tag, dict(attrs)))
        if tag == "a":
            self.liens.append(dict(attrs)["href"])
        if tag not in self.SEULES:
            self.ouvertes.append(tag)

    def handle_endtag(self, tag):
        assert self.ouvertes.pop() == tag

    def handle_data(self, data):
        if "style" not in self.ouvertes:
            self.morceaux.append(data)

    @property
    def texte(self):
        return re.sub(r"\s+", " ", "".join(self.morceaux))


def test_chaque_courriel_du_portail_est_ici():
    gabarits = {
        str(f).split("/templates/")[1].removesuffix(f.suffix)
        for app in RACINE.glob("*/templates") for f in app.glob("*/courriels/*.*")
    }
    assert gabarits - {"commune/courriels/cadre", "commune/courriels/bouton"} == set(CONTEXTES)


@pytest.mark.parametrize("gabarit", CONTEXTES)
def test_trois_parties_dans_un_cadre(gabarit):
    sujet, texte, html = composer(gabarit)
    lu = Lecteur(html)
    assert 10 <= len(sujet) <= 78
    assert "\n" not in sujet
    for partie in (texte, lu.texte):
        assert "Bonjour," in partie
        assert "Mairie de Migné-Auxances" in partie
        assert "05.49.51.92.25" in partie
        assert "periscolaire@migne-auxances.fr" in partie
        assert "Ce courriel a été envoyé par le Portail Famille de Migné-Auxances" in partie
        assert partie.count("Service périscolaire") == 1
        assert not re.search(r"[{}]|\bNone\b|&#?\w+;", partie)
    assert "\n\n\n" not in texte
    assert "<" not in texte
    assert [attrs["lang"] for tag, attrs in lu.balises if tag == "html"] == ["fr"]
    assert sum("bouton" in attrs.get("class", "") for _, attrs in lu.balises) <= 1


@pytest.mark.parametrize("gabarit", CONTEXTES)
def test_tous_les_liens_sont_entiers_et_le_texte_a_les_memes(gabarit):
    _, texte, html = composer(gabarit)
    liens = Lecteur(html).liens
    assert [lien for lien in liens if not lien.startswith((f"{ADRESSE}", "mailto:"))] == []
    ecrits = set(re.findall(r"https?://\S+", texte))
    assert {lien for lien in liens if lien.startswith("http")} == ecrits


@pytest.mark.parametrize("gabarit", CONTEXTES)
def test_ouvrir_un_courriel_ne_demande_rien_a_personne(gabarit):
    """Ni image, ni police, ni script, ni adresse chargée : personne ne sait qu'il fut lu."""
    _, _, html = composer(gabarit)
    assert {tag for tag, _ in Lecteur(html).balises} <= {
        "html", "head", "meta", "title", "style", "body", "div", "p", "a", "h2", "ul", "li", "strong", "br",
    }  # fmt: skip
    assert not re.search(r"src=|url\(|@import|@font-face", html)


@pytest.mark.parametrize("gabarit", CONTEXTES)
def test_aucun_montant_ni_aucune_donnee_de_sante(gabarit):
    sujet, texte, html = composer(gabarit)
    for partie in (sujet, texte, Lecteur(html).texte):
        assert not re.search(r"€|\beuros?\b|\bPAI\b|sans porc|sans viande|quotient", partie)


@pytest.mark.parametrize("gabarit", DISCRETS)
def test_un_courriel_discret_ne_nomme_ni_personne_ni_rien_de_sante(gabarit):
    sujet, texte, html = composer(gabarit)
    for partie in (sujet, texte, Lecteur(html).texte):
        assert not re.search(r"Hugo|Celine|LA STAR|allergi|santé|sanitaire|médecin|régime|repas", partie, re.I)


def test_un_mot_saisi_par_une_famille_reste_un_mot():
    _, texte, html = composer_courriel("documents/courriels/dossier_rendu", {"motif": "<b>gras</b> & l'autre"})
    assert "<b>gras</b> & l'autre" in texte
    assert "&lt;b&gt;gras&lt;/b&gt; &amp; l&#x27;autre" in html


@pytest.mark.parametrize("accent", ["#a8452c", "#ffd400", "#000000", "#ffffff", "#2f9e44"])
def test_le_bouton_se_lit_quelle_que_soit_la_couleur_de_la_commune(accent):
    fabriques.commune(accent=accent)
    _, _, html = composer("messagerie/courriels/a_la_famille")
    style = next(attrs["style"] for _, attrs in Lecteur(html).balises if attrs.get("class") == "bouton")
    assert contraste(*re.findall(r"(?:background|;color):(#\w{6})", style)) >= 4.5


def test_aucune_ponctuation_ne_commence_une_ligne():
    contenu = composer("documents/courriels/dossier_rendu")[2].split("Bonjour")[1]
    assert "depuis «\u00a0Mes documents\u00a0»." in contenu
    assert "votre dossier\u00a0: il" in contenu


def test_sans_service_ni_telephone_le_pied_reste_propre(settings):
    fabriques.commune(service="", telephone="", courriel="", ville="")
    settings.ADRESSE = ""
    _, texte, html = composer_courriel("portail/courriels/email_pris")
    assert texte.endswith("--\nMairie de Migné-Auxances\nCe courriel a été envoyé par le Portail Famille.\n")
    assert "Une question" not in Lecteur(html).texte


def test_il_part_avec_ses_trois_parties_et_ne_reveille_aucun_repondeur(courriels):
    envoyer_courriel("messagerie/courriels/a_la_famille", ["celine@exemple.fr"])
    [recu] = courriels()
    assert recu["Subject"] == "Un message vous attend sur votre Espace Famille"
    assert recu["Auto-Submitted"] == "auto-generated"
    assert recu["Reply-To"] == "periscolaire@migne-auxances.fr"
    assert f"{ADRESSE}/messagerie/" in recu.get_body(("plain",)).get_content()
    assert f'href="{ADRESSE}/messagerie/"' in recu.get_body(("html",)).get_content()


@pytest.mark.parametrize(("ville", "dite"), [
    ("Migné-Auxances", "de Migné-Auxances"), ("Orléans", "d'Orléans"), ("Évreux", "d'Évreux"), ("Yvetot", "d'Yvetot"),
    ("Le Mans", "du Mans"), ("Les Ulis", "des Ulis"), ("La Rochelle", "de La Rochelle"), ("Houilles", "de Houilles"),
])  # fmt: skip
def test_le_nom_de_la_ville_se_dit_en_francais(ville, dite):
    assert de_la_ville(ville) == dite

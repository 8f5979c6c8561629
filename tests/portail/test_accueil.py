"""L'accueil : quoi faire maintenant, chaque membre, chaque rubrique, et rien d'une autre famille."""

import datetime as dt
import re
from collections import Counter

import pytest
from django.utils import timezone

from commune.regles import jour_de_paris
from commune.requetes import poser
from documents.models import Information, enfants_de
from facturation.actions import encaisser
from familles.models import Adulte, Famille
from messagerie.models import Message
from portail.views.accueil import adultes, familles
from reservations.actions import appliquer, lever
from reservations.models import Evenement
from tests import fabriques as f

pytestmark = pytest.mark.django_db
AUJOURD_HUI = f.a_paris(2026, 11, 23)


@pytest.fixture(autouse=True)
def novembre(time_machine):
    time_machine.move_to(AUJOURD_HUI, tick=False)


@pytest.fixture
def foyer(client):
    f.commune()
    foyer = f.famille()
    client.force_login(foyer.compte)
    return foyer


def installer(foyer, enfants=("Hugo", "Lina")):
    """Une famille installée : chaque enfant inscrit, un repas réservé demain."""
    site = f.ecole()
    midi = f.activite(site=site)
    demain = f.seance(midi, dt.date(2026, 11, 24))
    petits = []
    for rang, prenom in enumerate(enfants):
        petit = f.enfant(foyer, prenom=prenom, ecole=site, date_naissance=dt.date(2017, 2, 7) + dt.timedelta(days=rang))
        f.inscription(petit, midi)
        f.reservation(petit, demain)
        petits.append(petit)
    return petits


def lire(client):
    reponse = client.get("/accueil/")
    assert reponse.status_code == 200
    return reponse.content.decode()


def boutons_pleins(page):
    """Les mots des boutons principaux : ni secondaires, ni gris."""
    boutons = re.findall(r'<(?:a|button)[^>]*class="bouton"[^>]*>(.*?)</(?:a|button)>', page, re.S)
    return [re.sub(r"<[^>]+>", "", mot).strip() for mot in boutons]


def test_une_famille_neuve_voit_les_six_etapes_et_un_seul_bouton(client, foyer):
    Famille.objects.update(statut="en_creation")
    page = lire(client)
    assert "<h1>Famille LA STAR</h1>" in page
    for titre in ["Créer votre compte", "Donner votre consentement", "Compléter votre Espace Famille",
                  "Inscrire vos enfants aux activités", "Réserver les jours", "Suivre vos factures"]:  # fmt: skip
        assert titre in page
    assert boutons_pleins(page) == ["Ajouter une personne"]
    assert page.count("fil-fait") == 2
    assert page.count("fil-plus_tard") == 3


def test_ce_qui_manque_se_lit_avec_un_lien_chacun_et_le_bouton_reste_gris(client, foyer):
    Famille.objects.update(statut="en_creation")
    hugo = f.enfant(foyer)
    domicile, vaccins = f.type_piece(nom="Justificatif de domicile"), f.type_piece(nom="Vaccins", portee="enfant")
    page = lire(client)
    assert "Document(s) manquant(s) - Pas de nouvelle inscription possible" in page
    assert f'href="/documents/envoyer/{domicile.pk}-0/"' in page
    assert f'href="/documents/envoyer/{vaccins.pk}-{hugo.pk}/"' in page
    gris = re.search(r'<button[^>]*aria-disabled="true"[^>]*>Nouvelle inscription', page)[0]
    assert 'aria-describedby="manquants"' in gris
    assert page.count('id="manquants"') == 1
    assert f"/inscriptions/enfants/{hugo.pk}/" not in page
    assert boutons_pleins(page) == ["Envoyer mes documents"]


def test_un_dossier_a_la_mairie_attend_son_courriel(client, foyer):
    Famille.objects.update(statut="a_valider")
    f.enfant(foyer)
    page = lire(client)
    assert "En attente de la mairie" in page
    assert "Attendez le courriel de la mairie" in page
    assert boutons_pleins(page) == ["Voir mon dossier"]


def test_un_dossier_rendu_dit_pourquoi(client, foyer):
    Famille.objects.update(statut="en_creation", motif_retour="Le justificatif a plus de trois mois.")
    assert "Le justificatif a plus de trois mois." in lire(client)


def test_une_famille_installee_a_ses_plannings_sous_le_pouce(client, foyer):
    hugo, lina = installer(foyer)
    page = lire(client)
    assert boutons_pleins(page) == ["Réserver ou annuler"]
    assert "Vous avez réservé pour les jours qui viennent." in page
    for petit in (hugo, lina):
        assert f'href="/reservations/enfants/{petit.pk}/"' in page
        assert f"Planning de {petit.prenom}" in page
        assert f"Informations {petit.prenom}" in page
        assert f'href="/inscriptions/enfants/{petit.pk}/"' in page
    assert page.index("Planning de Hugo") < page.index("Planning de Lina")
    # Le fil reste à portée, replié, sans second bouton.
    assert page.index("<details") < page.index("Créer votre compte")


def test_chaque_membre_a_sa_carte_et_l_on_en_ajoute(client, foyer):
    installer(foyer, ["Hugo"])
    papi = Adulte.objects.create(famille=foyer, civilite="m", nom="LA STAR", prenom="Georges", lien="grand_parent")
    parti = Adulte.objects.create(
        famille=foyer, civilite="m", nom="PARTI", prenom="Marc", lien="autre", fin=dt.date(2026, 10, 1)
    )
    page = lire(client)
    assert f'href="/familles/adultes/{papi.pk}/"' in page
    assert f"/familles/adultes/{parti.pk}/" not in page
    assert 'href="/familles/ajouter/"' in page
    assert "Enfant, parent et personnes autorisées à récupérer les enfants" in page


def test_les_rubriques_du_tutoriel_y_sont_toutes(client, foyer):
    f.commune(tutoriels="https://exemple.fr/videos")
    page = lire(client)
    for rubrique, adresse in [
        ("Entourage familial", "/familles/entourage/"), ("Messagerie", "/messagerie/"),
        ("Ma situation financière", "/facturation/"), ("Mes factures", "/facturation/factures/"),
        ("Mes documents à envoyer", "/documents/"), ("Documents - Informations", "/documents/informations/"),
        ("Tutoriels vidéo Espace Famille", "https://exemple.fr/videos"), ("Mentions légales", "/mentions-legales/"),
    ]:  # fmt: skip
        assert re.search(rf'href="{re.escape(adresse)}"[^>]*>(?:(?!</a>).)*{re.escape(rubrique)}', page, re.S), rubrique
    assert "Assistance utilisateur" in page
    assert 'href="tel:0549519225"' in page
    assert "mailto:periscolaire@migne-auxances.fr" in page


def test_les_compteurs_disent_ce_qui_n_est_pas_lu_et_ce_qui_reste_a_payer(client, foyer):
    installer(foyer)
    f.type_piece(nom="RIB", obligatoire=False)
    Message.objects.create(famille=foyer, de_la_mairie=True, texte="Bonjour", envoye_le=AUJOURD_HUI)
    Message.objects.create(famille=foyer, de_la_mairie=True, texte="Lu", envoye_le=AUJOURD_HUI, lu_le=AUJOURD_HUI)
    for titre in ("Règlement", "Menus"):
        Information.objects.create(titre=titre, texte="…", publiee_le=dt.date(2026, 9, 1))
    f.facture(foyer, total="63.20", echeance=dt.date(2026, 12, 15))
    page = lire(client)
    assert "1 message à lire" in page
    assert "2 informations" in page
    assert "63,20\u00a0€ à régler avant le 15 décembre." in page
    assert boutons_pleins(page) == ["Ma situation financière"]
    assert re.search(r'<span class="compteur">63,20\u00a0€<span class="sr"> à régler', page)


def test_les_requetes_gardees_repondent_comme_l_orm(foyer):
    """Pour un autre compte et un autre jour que ceux qui les ont composées."""
    hugo, lina = installer(foyer)
    f.inscription(hugo, f.activite(), etat="demandee")
    f.inscription(hugo, f.activite(), etat="attente")
    facture = f.facture(foyer, total="63.20", petit=hugo, echeance=dt.date(2026, 12, 15))
    encaisser(foyer, facture.total - 20, "cheque", None, AUJOURD_HUI, facture=facture)
    Message.objects.create(famille=foyer, de_la_mairie=True, texte="Bonjour", envoye_le=AUJOURD_HUI)
    Information.objects.create(titre="Menus", texte="…", publiee_le=dt.date(2026, 9, 1))
    voisins = f.famille(nom="AUTRE")
    installer(voisins)
    f.facture(voisins, total="999.00")
    jour = jour_de_paris(timezone.now())
    for compte in (foyer.compte, voisins.compte):
        for composer, *valeurs in ((familles, compte.pk, jour), (adultes, compte.pk)):
            gardees = [{**vars(ligne), "_state": None} for ligne in poser(composer, *valeurs)]
            assert gardees == [{**vars(ligne), "_state": None} for ligne in composer(*valeurs)]
    [lue] = poser(familles, foyer.compte.pk, jour)
    assert Counter(i["etat"] for i in lue.inscriptions_en_cours) == {"demandee": 1, "attente": 1, "validee": 2}
    assert (lue.solde, lue.a_reserve) == (20, True)
    assert (lue.messages_non_lus, lue.informations_non_lues) == (1, 1)
    assert lue.pressee == {"echeance": "2026-12-15", "preleve_le": None}
    assert {i["enfant"] for i in lue.inscriptions_en_cours} == {hugo.pk, lina.pk}
    assert enfants_de(foyer) == [hugo, lina]


def test_rien_d_une_autre_famille_n_y_parait(client, foyer):
    installer(foyer, ["Hugo"])
    autre = f.famille(nom="SECRETS")
    installer(autre, ["Zorro"])
    page = lire(client)
    assert "SECRETS" not in page
    assert "Zorro" not in page


@pytest.mark.parametrize("nombre", [1, 2, 30])
def test_huit_requetes_au_plus_quel_que_soit_le_nombre_d_enfants(client, foyer, django_assert_max_num_queries, nombre):
    """Trente et non trois cents : douze enfants sont déjà plus que la vie."""
    installer(foyer, [f"Enfant{n:02}" for n in range(nombre)])
    lire(client)
    with django_assert_max_num_queries(8):
        lire(client)


@pytest.mark.parametrize(("groupe", "adresse"), [
    ("Direction", "/admin/"), ("Régie", "/admin/"), ("Périscolaire", "/admin/"), ("Agents", "/presences/"),
])  # fmt: skip
def test_la_mairie_arrive_chez_elle(client, groupe, adresse):
    client.force_login(f.agent(groupe))
    assert client.get("/accueil/")["Location"] == adresse


def test_un_compte_sans_famille_sait_a_qui_s_adresser(client, foyer):
    Adulte.objects.update(fin=dt.date(2026, 10, 1))
    page = lire(client)
    assert "Votre compte n'est plus rattaché à une famille." in page
    assert 'href="tel:0549519225"' in page
    assert 'href="/mes-donnees/"' in page


# --- Le bandeau d'un événement ----------------------------------------------------------------------------------------
def test_un_evenement_se_lit_en_haut_de_l_accueil_jusqu_a_sa_levee(client, foyer):
    hugo, _ = installer(foyer)
    mairie, demain = f.agent("Périscolaire"), dt.date(2026, 11, 24)
    greve = Evenement.objects.create(nature="greve", libelle="Grève", du=demain, au=demain, cree_le=AUJOURD_HUI)
    greve.sites.add(hugo.ecole)
    bandeau = f"Mardi 24 novembre : grève, pas d&#x27;accueil ({hugo.ecole})"
    assert bandeau not in lire(client)  # un brouillon ne se dit à personne
    appliquer(greve, mairie, AUJOURD_HUI)
    assert bandeau in lire(client)
    lever(greve, mairie, AUJOURD_HUI)
    assert bandeau not in lire(client)

"""Le mot de passe perdu, puis changé."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests import fabriques

from .outils import MOT_DE_PASSE, choisir, lien, texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def celine():
    return fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr")).compte


def oublier(client, email="celine@demo.fr"):
    return client.post("/mot-de-passe/oublie/", {"email": email})


# --- Perdu --------------------------------------------------------------------------------------------------------
def test_le_lien_permet_d_en_choisir_un_autre_et_connecte(client, celine, courriels):
    assert oublier(client).url == "/mot-de-passe/envoye/"
    [courriel] = courriels()
    assert courriel["To"] == "celine@demo.fr"
    reponse = choisir(client, lien(courriel))
    assert reponse.url == "/accueil/"
    assert client.session["_auth_user_id"] == str(celine.pk)
    celine.refresh_from_db()
    assert celine.check_password(MOT_DE_PASSE)
    assert [c["Subject"] for c in courriels()] == ["Votre mot de passe a changé"]


def test_connue_ou_non_l_adresse_donne_la_meme_page(celine, courriels):
    fabriques.compte(email="ferme@demo.fr", is_active=False)
    pages = []
    for email in ["celine@demo.fr", "inconnue@demo.fr", "ferme@demo.fr"]:
        client = Client()
        reponse = oublier(client, email)
        page = client.get(reponse.url).content.decode().replace(email, "X")
        pages.append((reponse.status_code, reponse.url, re.sub('value="[^"]{64}"', "", page)))
    assert pages[0] == pages[1] == pages[2]
    assert [c["To"] for c in courriels()] == ["celine@demo.fr"]


def test_l_adresse_se_tape_en_majuscules_et_avec_des_espaces(client, celine, courriels):
    oublier(client, "  CELINE@demo.FR ")
    assert len(courriels()) == 1


def test_une_adresse_mal_ecrite_le_dit(client):
    assert oublier(client, "celine@").context["form"].errors["email"] == [
        "Une adresse e-mail s'écrit comme celine@exemple.fr."
    ]


def test_le_lien_sert_une_fois(client, celine, courriels):
    oublier(client)
    chemin = lien(courriels()[0])
    choisir(client, chemin)
    for reponse in [Client().get(chemin), choisir(Client(), chemin, "encore un autre choix")]:
        assert reponse.status_code == 410
        assert "Recevoir un autre lien" in reponse.content.decode()
    celine.refresh_from_db()
    assert celine.check_password(MOT_DE_PASSE)


def test_le_lien_vaut_trois_jours(client, celine, courriels):
    maintenant = timezone.now()
    oublier(client)
    chemin = lien(courriels()[0])
    with time_machine.travel(maintenant + dt.timedelta(days=2, hours=20)):
        assert client.get(chemin).status_code == 200
    with time_machine.travel(maintenant + dt.timedelta(days=3, hours=2)):  # Django compte en heure locale
        assert client.get(chemin).status_code == 410


@pytest.mark.parametrize("chemin", ["/mot-de-passe/nouveau/abc/def/", "/mot-de-passe/nouveau/MQ/set-password/"])
def test_un_lien_invente_propose_la_suite(client, chemin):
    assert client.get(chemin).status_code == 410


def test_un_mauvais_choix_garde_le_lien(client, celine, courriels):
    oublier(client)
    chemin = lien(courriels()[0])
    reponse = choisir(client, chemin, "court")
    assert reponse.status_code == 200
    assert "12 caractères" in str(reponse.context["form"].errors)
    assert choisir(client, chemin).status_code == 302


def test_choisir_un_mot_de_passe_leve_la_pause(client, celine, courriels):
    for _ in range(8):
        client.post("/connexion/", {"email": "celine@demo.fr", "mot_de_passe": "faux", "robot": "on"})
    oublier(client)
    choisir(client, lien(courriels()[0]))
    autre = Client()
    reponse = autre.post("/connexion/", {"email": "celine@demo.fr", "mot_de_passe": MOT_DE_PASSE, "robot": "on"})
    assert reponse.status_code == 302


def test_trois_courriels_par_heure_et_par_boite_sans_que_la_page_change(client, celine, courriels, heure_fixe):
    for _ in range(5):
        assert oublier(client).status_code == 302
    assert len(courriels()) == 3


def test_dix_demandes_par_heure_et_par_connexion_a_internet(client, heure_fixe):
    for n in range(10):
        assert oublier(client, f"p{n}@demo.fr").status_code == 302
    reponse = oublier(client, "p10@demo.fr")
    assert reponse.status_code == 429
    assert reponse.context["form"].non_field_errors()[0].startswith("Trop d'essais depuis votre connexion à internet.")


# --- Changé -------------------------------------------------------------------------------------------------------
def changer(client, actuel="portail-famille", nouveau=MOT_DE_PASSE):
    champs = {"old_password": actuel, "new_password1": nouveau, "new_password2": nouveau}
    return client.post("/mot-de-passe/changer/", champs)


def test_changer_garde_cette_session_ferme_les_autres_et_previent(client, celine, courriels):
    ailleurs = Client()
    client.force_login(celine)
    ailleurs.force_login(celine)
    assert changer(client).url == "/mes-donnees/"
    assert client.get("/mes-donnees/").status_code == 200
    assert ailleurs.get("/mes-donnees/").url == "/connexion/?next=/mes-donnees/"
    [courriel] = courriels()
    assert courriel["Subject"] == "Votre mot de passe a changé"
    assert "Mot de passe oublié ?" in texte(courriel)


def test_changer_demande_le_mot_de_passe_actuel(client, celine, courriels):
    client.force_login(celine)
    reponse = changer(client, actuel="faux")
    assert "old_password" in reponse.context["form"].errors
    assert courriels() == []


def test_le_mot_de_passe_actuel_ne_se_devine_pas_en_insistant(client, celine):
    client.force_login(celine)
    for _ in range(10):
        assert changer(client, actuel="faux").status_code == 200
    reponse = client.get(changer(client).url)
    assert "Trop d&#x27;essais. Réessayez après" in reponse.content.decode()
    celine.refresh_from_db()
    assert celine.check_password("portail-famille")

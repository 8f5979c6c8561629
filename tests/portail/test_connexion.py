"""Entrer et sortir."""

import datetime as dt
import re

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client

from portail import regles
from tests import fabriques

pytestmark = pytest.mark.django_db
REFUS = (
    "L'adresse e-mail ou le mot de passe ne correspond pas. Vérifiez les deux ; "
    "« Mot de passe oublié ? » permet d'en choisir un autre."
)


@pytest.fixture
def celine():
    return fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr")).compte


def entrer(client, email="celine@demo.fr", mot_de_passe="portail-famille", **champs):
    return client.post("/connexion/", {"email": email, "mot_de_passe": mot_de_passe, "robot": "on"} | champs)


def test_la_page_dit_les_mots_du_tutoriel(client):
    fabriques.commune()
    page = client.get("/connexion/").content.decode()
    for mot in [
        "Mairie de Migné-Auxances",
        "Bienvenue dans votre Espace Famille",
        "Adresse e-mail",
        "Votre mot de passe",
        "Rester connecté",
        "Je ne suis pas un robot",
        "Se connecter",
        "Mot de passe oublié ?",
        "Créer un nouveau compte",
        "Documents - Informations",
    ]:
        assert mot in page


def test_le_bon_mot_de_passe_mene_a_l_accueil(client, celine):
    reponse = entrer(client)
    assert reponse.url == "/accueil/"
    assert client.session["_auth_user_id"] == str(celine.pk)


def test_casse_et_espaces_de_l_adresse_ne_comptent_pas(client, celine):
    assert entrer(client, "  CELINE@Demo.fr ").status_code == 302


def test_la_session_finit_avec_le_navigateur_sauf_si_l_on_reste_connecte(celine):
    sans, avec = Client(), Client()
    entrer(sans)
    entrer(avec, rester="on")
    assert sans.cookies["sessionid"]["max-age"] == ""
    assert avec.cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_un_mauvais_mot_de_passe_et_une_adresse_inconnue_ont_la_meme_reponse(celine):
    pages = []
    for email in ["celine@demo.fr", "inconnu@demo.fr"]:
        reponse = entrer(Client(), email, "faux")
        assert reponse.context["form"].non_field_errors() == [REFUS]
        pages.append(reponse.content.decode())
    propre = [
        re.sub(r'name="(csrfmiddlewaretoken|affichee)" value="[^"]*"', "", p).replace(e, "X")
        for p, e in zip(pages, ["celine@demo.fr", "inconnu@demo.fr"], strict=True)
    ]
    assert propre[0] == propre[1]
    assert "faux" not in pages[0]


def test_un_compte_ferme_n_entre_pas(client):
    fabriques.compte(email="ferme@demo.fr", is_active=False)
    assert entrer(client, "ferme@demo.fr").context["form"].non_field_errors() == [REFUS]


def test_la_case_du_robot_est_demandee(client, celine):
    reponse = client.post("/connexion/", {"email": "celine@demo.fr", "mot_de_passe": "portail-famille"})
    assert reponse.context["form"].errors == {"robot": ["Cochez « Je ne suis pas un robot »."]}
    assert 'value="celine@demo.fr"' in reponse.content.decode()
    assert "_auth_user_id" not in client.session


def test_huit_essais_faux_mettent_la_connexion_en_pause_et_la_page_dit_jusqu_a_quand(client, celine):
    with time_machine.travel(dt.datetime(2026, 9, 1, 8, 20, tzinfo=dt.UTC), tick=False):
        for _ in range(7):
            assert entrer(client, mot_de_passe="faux").status_code == 200
        for essai in ["faux", "portail-famille"]:
            reponse = entrer(client, mot_de_passe=essai)
            assert reponse.status_code == 429
            assert "Connexion en pause jusqu&#x27;à 10 h 35" in reponse.content.decode().replace(
                "jusqu'à", "jusqu&#x27;à"
            )
    with time_machine.travel(dt.datetime(2026, 9, 1, 8, 34, tzinfo=dt.UTC), tick=False):
        assert entrer(client).status_code == 429
    with time_machine.travel(dt.datetime(2026, 9, 1, 8, 35, 1, tzinfo=dt.UTC), tick=False):
        assert entrer(client).status_code == 302


def test_aucun_journal_ne_garde_le_mot_de_passe_tape(client, celine):
    entrer(client, mot_de_passe="presque-le-bon")
    essai = AccessAttempt.objects.get()
    assert essai.username == "celine@demo.fr"
    assert "presque-le-bon" not in str(vars(essai))


def test_la_pause_d_une_adresse_ne_bloque_pas_le_voisin(client, celine):
    fabriques.compte(email="voisin@demo.fr")
    for _ in range(8):
        entrer(client, mot_de_passe="faux")
    assert entrer(client, "voisin@demo.fr").status_code == 302


@pytest.mark.parametrize(
    ("adresse", "visiteur"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),  # un serveur qui écoute en IPv6 voit ainsi les IPv4
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("", ""),
        ("inconnu", ""),
    ],
)
def test_un_visiteur_est_son_ipv4_ou_son_reseau_ipv6(adresse, visiteur):
    assert regles.reseau(adresse) == visiteur


def test_changer_d_adresse_dans_son_reseau_ipv6_ne_rend_pas_d_essais(celine):
    for n in range(8):
        reponse = entrer(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"), mot_de_passe="faux")
    assert reponse.status_code == 429
    assert AccessAttempt.objects.get().ip_address == "2001:db8:1:2::"
    assert entrer(Client(REMOTE_ADDR="2001:db8:1:2:ffff::1")).status_code == 429
    assert entrer(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 302


def test_beaucoup_de_comptes_essayes_de_tout_un_reseau_ipv6_finissent_par_un_refus(client):
    for n in range(60):
        assert entrer(Client(REMOTE_ADDR=f"2001:db8::{n:x}"), f"p{n}@demo.fr", "faux").status_code == 200
    assert entrer(Client(REMOTE_ADDR="2001:db8::ffff"), "p60@demo.fr", "faux").status_code == 429
    assert entrer(Client(REMOTE_ADDR="2001:db8:0:1::1"), "p61@demo.fr", "faux").status_code == 200


def test_essayer_beaucoup_d_adresses_depuis_le_meme_endroit_finit_par_un_refus(client):
    for n in range(60):
        assert entrer(client, f"p{n}@demo.fr", "faux").status_code == 200
    reponse = entrer(client, "p60@demo.fr", "faux")
    assert reponse.status_code == 429
    assert reponse.context["form"].non_field_errors()[0].startswith("Trop d'essais depuis votre connexion à internet.")


@pytest.mark.parametrize("suite", ["/mes-donnees/", "/factures/?page=2"])
def test_on_arrive_ou_l_on_allait(client, celine, suite):
    assert entrer(client, next=suite).url == suite


@pytest.mark.parametrize(
    "suite", ["https://piege.example/", "//piege.example", "javascript:alert(1)", "\\\\piege", "abc", "a:b", "?x"]
)
def test_une_suite_qui_sort_du_portail_est_ignoree(client, celine, suite):
    assert entrer(client, next=suite).url == "/accueil/"


def test_deja_connecte_la_page_mene_a_l_accueil(client, celine):
    client.force_login(celine)
    assert client.get("/connexion/").url == "/accueil/"


def test_la_deconnexion_se_fait_par_un_bouton_pas_par_un_lien(client, celine):
    client.force_login(celine)
    assert client.get("/deconnexion/").status_code == 405
    assert client.post("/deconnexion/").url == "/connexion/"
    assert "_auth_user_id" not in client.session


def test_l_administration_envoie_a_la_meme_porte(client, celine):
    reponse = client.get("/admin/", follow=True)
    assert reponse.redirect_chain[-1][0] == "/connexion/?next=/admin/"
    client.force_login(celine)
    assert client.get("/admin/", follow=True).status_code == 403


def test_la_racine_mene_a_l_accueil(client):
    assert client.get("/").url == "/accueil/"
    assert client.get("/accueil/").url == "/connexion/?next=/accueil/"

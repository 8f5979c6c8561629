"""« Je ne suis pas un robot » : avec la preuve la porte est grande, sans elle elle est étroite, jamais fermée."""

import base64
import datetime as dt
import json
import urllib.error

import altcha
import pytest
import time_machine
from django.test import Client

from tests import fabriques

from .outils import COORDONNEES, INFOS

pytestmark = pytest.mark.django_db
HUIT_HEURES = dt.datetime(2026, 9, 1, 6, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _verification(settings):
    settings.ALTCHA_VERIFICATION_ENABLED = True
    fabriques.compte(email="celine@demo.fr")


def resoudre(client):
    """Ce que fait robot.js : demander un défi, chercher le nombre, rendre la preuve."""
    defi = client.get("/connexion/defi/").json()
    solution = altcha.solve_challenge(defi["challenge"], defi["salt"], defi["algorithm"], defi["max_number"], 0)
    preuve = {nom: defi[nom] for nom in ("algorithm", "challenge", "salt", "signature")} | {"number": solution.number}
    return base64.b64encode(json.dumps(preuve).encode()).decode()


def affichee(client):
    return client.get("/connexion/").context["form"]["affichee"].value()


def entrer(client, email="celine@demo.fr", mot_de_passe="portail-famille", **champs):
    return client.post("/connexion/", {"email": email, "mot_de_passe": mot_de_passe, "robot": "on"} | champs)


VITE = ["C'était trop rapide pour nous : attendez deux secondes et validez de nouveau."]


def refus(reponse):
    return reponse.context["form"].non_field_errors()


def test_avec_la_preuve_on_entre_tout_de_suite(client):
    assert entrer(client, preuve=resoudre(client)).status_code == 302


def test_une_preuve_sert_une_fois(client):
    preuve = resoudre(client)
    assert entrer(Client(), preuve=preuve).status_code == 302
    assert refus(entrer(Client(), preuve=preuve)) == VITE


@pytest.mark.parametrize("preuve", ["n'importe quoi", base64.b64encode(b"{}").decode(), "é", "x" * 3999])
def test_une_preuve_inventee_ne_vaut_rien(client, preuve):
    assert refus(entrer(client, preuve=preuve)) == VITE


def test_sans_preuve_un_humain_entre_apres_deux_secondes(client):
    with time_machine.travel(HUIT_HEURES, tick=False) as heure:
        quand = affichee(client)
        heure.shift(1)
        assert refus(entrer(client, affichee=quand)) == VITE
        heure.shift(2)
        assert entrer(client, affichee=quand).status_code == 302


def test_sans_page_affichee_par_nous_on_n_entre_pas(client):
    for quand in ["", "page:1abc:faux"]:
        assert refus(entrer(client, affichee=quand)) == VITE


def test_sans_preuve_les_essais_d_une_adresse_ip_se_comptent(client):
    with time_machine.travel(HUIT_HEURES, tick=False) as heure:
        quand = affichee(client)
        heure.shift(5)
        for n in range(10):
            assert entrer(client, f"p{n}@demo.fr", "faux", affichee=quand).status_code == 200
        reponse = entrer(client, affichee=quand)
        assert reponse.status_code == 429
        assert refus(reponse) == [
            "Trop d'essais depuis votre connexion à internet, sans la vérification automatique. "
            "Réessayez après 08 h 15, ou activez JavaScript."
        ]
        assert entrer(client, preuve=resoudre(client)).status_code == 302  # la preuve, elle, passe toujours


def test_sans_preuve_les_essais_sur_une_adresse_e_mail_se_comptent_d_ou_qu_ils_viennent():
    with time_machine.travel(HUIT_HEURES, tick=False) as heure:
        quand = affichee(Client())
        heure.shift(5)
        for n in range(5):
            reponse = entrer(Client(REMOTE_ADDR=f"192.0.2.{n}"), mot_de_passe="faux", affichee=quand)
            assert reponse.status_code == 200
        assert entrer(Client(REMOTE_ADDR="192.0.2.9"), affichee=quand).status_code == 429


def test_sans_preuve_les_adresses_d_un_reseau_ipv6_n_en_font_qu_une():
    with time_machine.travel(HUIT_HEURES, tick=False) as heure:
        quand = affichee(Client())
        heure.shift(5)
        for n in range(10):
            reponse = entrer(Client(REMOTE_ADDR=f"2001:db8::{n}"), f"p{n}@demo.fr", "faux", affichee=quand)
            assert reponse.status_code == 200
        assert entrer(Client(REMOTE_ADDR="2001:db8::a"), "p10@demo.fr", affichee=quand).status_code == 429
        assert entrer(Client(REMOTE_ADDR="2001:db8:1::a"), "p10@demo.fr", affichee=quand).status_code == 200


def test_le_champ_piege_rempli_trahit_le_robot(client):
    assert refus(entrer(client, preuve=resoudre(client), reponse_libre="http://spam")) == [
        "Une vérification contre les robots a échoué. Rechargez la page et recommencez."
    ]


def test_le_champ_piege_est_invisible_et_hors_du_clavier(client):
    page = client.get("/connexion/").content.decode()
    piege = page[page.index('<div class="piege" aria-hidden="true">') :]
    assert 'tabindex="-1"' in piege[: piege.index("</div>")]
    assert 'autocomplete="off"' in piege[: piege.index("</div>")]


def test_la_creation_de_compte_a_la_meme_porte(client):
    client.post("/compte/creer/", INFOS)
    client.post("/compte/creer/coordonnees/", COORDONNEES)
    etroite = client.post("/compte/creer/recapitulatif/", {"robot": "on"})
    assert refus(etroite) == VITE
    grande = client.post("/compte/creer/recapitulatif/", {"robot": "on", "preuve": resoudre(client)})
    assert grande.url == "/compte/creer/boite-aux-lettres/"


# --- reCAPTCHA, si la commune a donné ses clés ----------------------------------------------------------------------
@pytest.fixture
def google(settings, monkeypatch):
    """Une commune qui a choisi Google ; ``google(reponse)`` dit ce que Google répondra, ou l'erreur du réseau."""
    settings.RECAPTCHA = True
    settings.RECAPTCHA_PUBLIC_KEY, settings.RECAPTCHA_PRIVATE_KEY = "publique", "privee"

    def repondre(reponse):
        def submit(recaptcha_response, private_key, remoteip):
            assert (recaptcha_response, private_key) == ("jeton", "privee")
            if isinstance(reponse, Exception):
                raise reponse
            return type("Reponse", (), {"is_valid": reponse})

        monkeypatch.setattr("django_recaptcha.client.submit", submit)

    return repondre


def test_google_d_accord_on_entre(client, google):
    google(True)
    assert entrer(client, preuve="jeton").status_code == 302


@pytest.mark.parametrize(
    "panne",
    [False, urllib.error.URLError("pas de réseau"), TimeoutError(), ValueError("pas du JSON"), KeyError("success")],
)
def test_google_injoignable_la_page_le_supporte_et_l_humain_passe_plus_lentement(client, google, panne):
    google(panne)
    with time_machine.travel(HUIT_HEURES, tick=False) as heure:
        quand = affichee(client)
        assert refus(entrer(client, preuve="jeton", affichee=quand)) == VITE
        heure.shift(3)
        assert entrer(client, preuve="jeton", affichee=quand).status_code == 302


def test_rien_ne_part_chez_google_avant_la_case_et_la_page_le_dit(client, google):
    page = client.get("/connexion/").content.decode()
    assert "https://www.google.com" not in page
    assert "fait appel à Google (reCAPTCHA)" in page
    assert 'data-cle="publique"' in page

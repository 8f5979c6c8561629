"""Quand la base manque : dire la vérité, avec le code qui la dit aux machines aussi."""

import pytest
from django.db import connection
from django.test import Client

from tests import fabriques as f

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def base_muette():
    """La vraie base, à une adresse où personne ne répond."""
    hote = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nulle/part"
    yield
    connection.close()
    connection.settings_dict["HOST"] = hote


@pytest.fixture
def client():
    client = Client(raise_request_exception=False)
    client.force_login(f.famille().compte)
    return client


@pytest.mark.parametrize("adresse", ["/accueil/", "/reservations/ouvertures/1/file/", "/reservations/"])
def test_une_base_muette_repond_503_dit_que_le_rang_est_garde_et_quand_reessayer(client, adresse, request):
    request.getfixturevalue("base_muette")
    reponse = client.get(adresse)
    texte = reponse.content.decode()
    assert (reponse.status_code, reponse["Retry-After"]) == (503, "20")
    assert "votre rang est gardé" in texte
    assert "cela ne veut pas dire que c'est complet" in texte
    assert '<meta http-equiv="refresh" content="20">' in texte
    assert "Complet" not in texte


def test_un_envoi_que_la_base_n_a_pas_recu_ne_se_renvoie_pas_tout_seul(client, request):
    request.getfixturevalue("base_muette")
    reponse = client.post("/reservations/ouvertures/1/", {"voeu": "1-1"})
    assert reponse.status_code == 503
    assert 'http-equiv="refresh"' not in reponse.content.decode()
    assert "Rien ne se réserve deux fois" in reponse.content.decode()


def test_la_base_revenue_la_meme_page_s_ouvre(client, request):
    hote = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nulle/part"
    assert client.get("/accueil/").status_code == 503
    connection.close()
    connection.settings_dict["HOST"] = hote
    assert client.get("/accueil/").status_code == 200


def test_une_erreur_a_nous_reste_une_500(client, settings):
    settings.ROOT_URLCONF = "tests.portail.test_panne"
    assert client.get("/cassee/").status_code == 500


# --- L'adresse de cet essai -----------------------------------------------------------------------------------------
from django.urls import path  # noqa: E402

from portail.urls import handler500  # noqa: E402, F401


def cassee(request):
    raise RuntimeError("un défaut du portail")


urlpatterns = [path("cassee/", cassee)]

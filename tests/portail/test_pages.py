"""Les pages que la loi demande, et ce que toute page promet."""

import re

import pytest

from tests import fabriques

pytestmark = pytest.mark.django_db


def test_les_mentions_disent_qui_publie(client):
    fabriques.commune(
        siret="21860158900017", mentions="Directrice de la publication : Mme le Maire.\nhttps://hebergeur.fr"
    )
    page = client.get("/mentions-legales/").content.decode()
    for mot in [
        "Mairie de Migné-Auxances",
        "21860158900017",
        "Directrice de la publication",
        "AGPL-3.0",
        'href="https://hebergeur.fr"',
        "Ni mesure d'audience",
    ]:
        assert mot in page


def test_sans_mentions_saisies_la_page_le_dit(client):
    fabriques.commune()
    assert "n'a pas encore complété cette partie" in client.get("/mentions-legales/").content.decode()


def test_l_accessibilite_est_dite_honnetement(client):
    fabriques.commune()
    page = client.get("/accessibilite/").content.decode()
    for mot in [
        "Accessibilité : non conforme",
        "aucun audit n'a encore été fait",
        "Défenseur des droits",
        "05.49.51.92.25",
    ]:
        assert mot in page


@pytest.mark.parametrize(
    "chemin", ["/connexion/", "/compte/creer/", "/mot-de-passe/oublie/", "/mot-de-passe/envoye/", "/mentions-legales/",
               "/accessibilite/", "/compte/ouvrir/faux/", "/email/confirmer/faux/"]
)  # fmt: skip
def test_une_page_a_un_seul_titre_aucun_style_ni_script_en_ligne_et_ne_se_garde_pas(client, chemin):
    fabriques.commune()
    reponse = client.get(chemin)
    page = reponse.content.decode()
    assert page.count("<h1") == 1
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|<style", page)
    assert "no-store" in reponse["Cache-Control"]
    assert "unsafe-inline" not in reponse["Content-Security-Policy"]

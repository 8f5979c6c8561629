"""« Je ne suis pas un robot » : la preuve d'altcha, calculée par un vrai navigateur sous notre politique stricte."""

import re

import pytest
from playwright.sync_api import expect

from portail.forms import robots

from . import parent

pytestmark = pytest.mark.django_db(transaction=True)


def test_le_navigateur_prouve_et_le_serveur_n_accepte_que_cela(celine, navigateurs, monkeypatch):
    """Le passage lent est fermé : sans une preuve juste et neuve, on n'entre pas."""
    monkeypatch.setattr(robots, "SANS_PREUVE_PAR_IP", 0)
    page = navigateurs.ouvrir()
    reponse = page.goto("/connexion/")
    politique = reponse.headers["content-security-policy"]
    assert "unsafe" not in politique
    page.get_by_label("Adresse e-mail").fill("celine@exemple.fr")
    page.locator("[name=mot_de_passe]").fill("portail-famille")
    page.get_by_label("Je ne suis pas un robot").check()
    expect(page.locator("[name=preuve]")).to_have_value(re.compile(".{50}"), timeout=15_000)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/accueil/")


def test_sans_preuve_ni_patience_on_n_entre_pas(celine, navigateurs, monkeypatch):
    monkeypatch.setattr(robots, "SANS_PREUVE_PAR_IP", 0)
    page = navigateurs.ouvrir("sans_js")
    page.goto("/connexion/")
    page.get_by_label("Adresse e-mail").fill("celine@exemple.fr")
    page.locator("[name=mot_de_passe]").fill("portail-famille")
    parent.cocher_je_ne_suis_pas_un_robot(page)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_text("Trop d'essais").first.wait_for()
    navigateurs.fautes.clear()  # le refus (422) se lit aussi dans la console

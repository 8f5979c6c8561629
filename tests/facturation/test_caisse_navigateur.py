"""Au guichet : le régisseur compte sa caisse, explique l'écart, clôt. Avec et sans script."""

from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation import actions
from facturation.models import Journee
from tests import fabriques as f

from .test_contester_navigateur import entrer, sans_faute

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("avec_script", [True, False])
def test_un_regisseur_clot_sa_journee_de_caisse(new_context, live_server, avec_script):
    f.commune()
    foyer, regie = f.famille(), f.agent("Régie")
    actions.encaisser(foyer, D("30"), "especes", regie, timezone.now())
    page = new_context(java_script_enabled=avec_script, viewport={"width": 360, "height": 800}).new_page()
    entrer(page, live_server, regie).goto(live_server.url + reverse("admin:facturation_journee_add"))
    expect(page.get_by_text("la caisse doit contenir 30,00")).to_be_visible()
    if avec_script:
        sans_faute(page, ".finances")
    page.get_by_label("Espèces comptées").fill("28,00")
    page.get_by_role("button", name="Clore la journée").click()
    expect(page.get_by_role("alert")).to_contain_text("il manque 2,00")
    page.get_by_label("Raison de l'écart").fill("Rendu de monnaie")
    page.get_by_role("button", name="Clore la journée").click()
    expect(page.get_by_text("Il manque 2,00\u00a0€ : Rendu de monnaie")).to_be_visible()
    if avec_script:
        sans_faute(page, ".finances")
    assert Journee.objects.get().ecart == D("-2")

"""Les finances dans un vrai navigateur : au téléphone, sans JavaScript, en clair et en sombre."""

import datetime as dt
import re
from decimal import Decimal as D

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation import actions
from facturation.models import Facture, Reglement
from tests import fabriques
from tests.conftest import travailler

from .test_vues import un_mois
from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def celine():
    fabriques.commune(voies_recours="Deux mois devant le tribunal administratif.")
    foyer = fabriques.famille()
    un_mois(foyer)
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    actions.emettre_avoir(facture, D("1"), "Sortie de classe", None, timezone.now())
    actions.encaisser(foyer, D("2"), "cheque", None, timezone.now(), facture=facture)
    return foyer


def ouvrir(page, serveur, compte, adresse):
    client = Client()
    client.force_login(compte)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": serveur.url}])
    page.goto(serveur.url + adresse)
    return page


def adresses_de(foyer):
    facture = foyer.factures.get()
    return [
        reverse("facturation:situation"), reverse("facturation:factures"),
        reverse("facturation:facture", args=[facture.pk]), reverse("facturation:prestations") + "?mois=2026-09",
        reverse("facturation:prestations"),
    ]  # fmt: skip


@pytest.mark.parametrize("sombre", [False, True])
def test_axe_ne_trouve_rien_a_redire_et_rien_ne_deborde_a_320_pixels(live_server, new_context, celine, sombre):
    page = new_context(
        viewport={"width": 320, "height": 640}, color_scheme="dark" if sombre else "light", reduced_motion="reduce"
    ).new_page()
    for adresse in adresses_de(celine):
        ouvrir(page, live_server, celine.compte, adresse)
        fautes = [(f["id"], [n["html"][:120] for n in f["nodes"]]) for f in Axe().run(page).response["violations"]]
        assert fautes == [], adresse
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, adresse


def test_un_parent_trouve_sans_javascript_pourquoi_un_repas_coute_ce_qu_il_coute(live_server, sans_js, celine):
    page = ouvrir(sans_js, live_server, celine.compte, reverse("facturation:situation"))
    expect(page.get_by_role("heading", name="Vous devez")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Facture de septembre 2026")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Facture septembre 2026")
    expect(page.get_by_text("Sortie de classe")).to_be_visible()
    page.get_by_role("link", name="Voir jour par jour").click()
    page.get_by_label("Enfant", exact=True).select_option("Lina LA STAR")
    page.get_by_role("button", name="Afficher").click()
    vendredi = page.get_by_role("row", name=re.compile("Lina Repas")).last
    vendredi.get_by_role("link", name="Pourquoi : raison 2").click()
    expect(page.locator("#raison-2")).to_contain_text("2e enfant (−10 %), absence non excusée par écrit")


def test_la_regie_facture_un_mois_puis_encaisse(live_server, page):
    fabriques.commune()
    foyer = fabriques.famille()
    fabriques.tarif(debut=dt.date(2020, 1, 1))
    passe = (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=3)
    fabriques.reservation(fabriques.enfant(foyer), fabriques.seance(fabriques.activite(), passe))
    regie = fabriques.agent("Régie")
    ouvrir(page, live_server, regie, reverse("admin:facturation_facturation_add"))
    page.get_by_role("button", name="Regarder").click()
    page.get_by_role("button", name="Émettre 1 facture").click()
    expect(page.get_by_role("heading", name="En attente")).to_be_visible()
    travailler()
    # La page se recharge seule, par sa balise meta.
    expect(page.get_by_role("heading", name="Émission terminée")).to_be_visible(timeout=15000)
    page.goto(live_server.url + reverse("admin:facturation_reglement_add"))
    page.get_by_label("Famille, parent").fill("la star")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Famille LA STAR").click()
    page.get_by_role("button", name="Enregistrer le règlement").click()
    expect(page.get_by_text("Chèque de 3,60").or_(page.get_by_text("chèque de 3,60")).first).to_be_visible()
    assert Reglement.objects.get().montant == D("3.60")

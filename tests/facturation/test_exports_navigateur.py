"""La régie exporte d'un navigateur, avec et sans script : la période, la carte, le fichier, les recettes."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation.models import Export, Facturation
from tests import fabriques as f
from tests.conftest import travailler

from .exports import PIEGE, coder, lire_csv
from .test_contester_navigateur import entrer, sans_faute

EN_CSV = re.compile("^CSV ?, Factures$")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("avec_script", [True, False])
def test_un_regisseur_fait_un_export_le_prend_et_lit_les_recettes(new_context, live_server, avec_script):
    f.commune()
    coder()
    regie, maintenant = f.agent("Régie"), timezone.now()
    f.facture(f.famille(), emise_le=maintenant, destinataire=PIEGE)
    Facturation.objects.update(terminee_le=maintenant)
    jour = f"{timezone.localdate():%Y-%m-%d}"
    page = new_context(java_script_enabled=avec_script, viewport={"width": 360, "height": 800}).new_page()
    entrer(page, live_server, regie).goto(live_server.url + reverse("admin:facturation_export_add"))
    page.get_by_label("Du", exact=True).fill(jour)
    page.get_by_label("Au", exact=True).fill("2020-01-01")
    page.get_by_role("button", name=EN_CSV).click()
    expect(page.get_by_role("alert")).to_contain_text("finit avant de commencer")
    if avec_script:
        sans_faute(page, ".finances")
    page.get_by_label("Au", exact=True).fill(jour)
    page.get_by_role("button", name=EN_CSV).click()
    expect(page.get_by_role("heading", name="D'où il vient")).to_be_visible()
    if avec_script:
        sans_faute(page, ".finances")
    with page.expect_download() as attendu:
        page.get_by_role("link", name="Prendre le fichier").click()
    with open(attendu.value.path(), "rb") as pris:
        titres, rangee = lire_csv(pris.read())
    assert dict(zip(titres, rangee, strict=True))["Destinataire"] == f"'{PIEGE}"
    assert attendu.value.suggested_filename == Export.objects.get().nom_du_fichier
    for nom in ("recettes", "heures"):
        page.goto(f"{live_server.url}{reverse(f'admin:facturation_{nom}')}?debut=2026-09-01&fin={jour}")
        expect(page.get_by_role("button", name="En ODS")).to_be_visible()
        if avec_script:
            sans_faute(page, ".finances")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360 if avec_script else True
    page.get_by_role("button", name="En ODS").click()
    expect(page.get_by_role("heading", name="Ses colonnes")).to_be_visible()


@pytest.mark.parametrize("avec_script", [True, False])
def test_un_regisseur_suit_un_export_long_et_prend_son_fichier(new_context, live_server, avec_script, monkeypatch):
    monkeypatch.setattr("facturation.actions.exports_longs.TOUT_DE_SUITE", 0)
    f.commune()
    regie, maintenant = f.agent("Régie"), timezone.now()
    f.facture(f.famille(), emise_le=maintenant)
    Facturation.objects.update(terminee_le=maintenant)
    page = new_context(java_script_enabled=avec_script, viewport={"width": 360, "height": 800}).new_page()
    entrer(page, live_server, regie).goto(live_server.url + reverse("admin:facturation_export_add"))
    for champ in ("Du", "Au"):
        page.get_by_label(champ, exact=True).fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_role("button", name=EN_CSV).click()
    expect(page.get_by_role("heading", name="Votre export se prépare…")).to_be_visible()
    if avec_script:
        sans_faute(page, ".finances")
    travailler()
    # La page se recharge d'elle-même, et mène à l'export.
    expect(page.get_by_text("Il est gardé une semaine")).to_be_visible()
    if avec_script:
        sans_faute(page, ".finances")
    with page.expect_download() as attendu:
        page.get_by_role("link", name="Prendre le fichier").click()
    with open(attendu.value.path(), "rb") as pris:
        assert len(lire_csv(pris.read())) == Export.objects.get().lignes + 1 == 2
    assert attendu.value.suggested_filename == Export.objects.get().nom_du_fichier

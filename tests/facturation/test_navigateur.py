"""Les finances dans un vrai navigateur : au téléphone, sans JavaScript, en clair et en sombre."""

import datetime as dt
import re
from decimal import Decimal as D

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation import actions
from facturation.models import Facture, Reglement, Tarif
from tests import fabriques
from tests.conftest import travailler
from tests.navigateur import ouvrir

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


def sans_faute(page, quoi):
    """Axe sur notre contenu, en clair et en sombre, et rien ne déborde au téléphone."""
    page.evaluate("stop()")  # une page qui se recharge seule ne disparaît pas sous l'examen
    for sombre in ("light", "dark"):
        page.emulate_media(color_scheme=sombre)
        trouvees = Axe().run(page, context={"include": [["#content"]]}).response["violations"]
        assert [(f["id"], [n["html"][:120] for n in f["nodes"]]) for f in trouvees] == [], (quoi, sombre)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), quoi


def test_la_regie_compare_un_projet_puis_corrige_une_facture_au_telephone(live_server, new_context):
    fabriques.commune()
    foyer, midi, tarif = fabriques.famille(), fabriques.activite(), fabriques.tarif(debut=dt.date(2020, 1, 1))
    annee = timezone.localdate().year
    mois = (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=3)
    fabriques.annee(nom="En cours", debut=dt.date(annee - 1, 1, 1), fin=dt.date(annee + 1, 7, 1))
    fabriques.reservation(fabriques.enfant(foyer), fabriques.seance(midi, mois))
    actions.facturer(mois, None, timezone.now())
    page = new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce").new_page()
    regie = fabriques.agent("Régie")
    ouvrir(page, live_server, regie, reverse("admin:facturation_tarif_reconduire", args=[tarif.pk]))
    page.get_by_label("Nom").fill("Projet")
    page.get_by_label("Valable à partir du").fill(f"{annee + 1}-09-01")
    page.get_by_label("Un projet, à comparer").check()
    page.get_by_role("button", name="Préparer le tarif").click()
    expect(page.locator("svg[role=img]")).to_be_visible()
    projet = Tarif.objects.get(projet=True)
    projet.tranches.filter(jusqu_a=None).update(prix=D("5.00"))
    page.goto(live_server.url + reverse("admin:facturation_tarif_et_si", args=[projet.pk]))
    page.get_by_role("button", name="Comparer").click()
    expect(page.get_by_text("1 foyer paierait plus, 0 moins, 0 pareil")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("sans quotient connu 1 3,60.€ 5,00.€ .1,40.€"))).to_be_visible()
    sans_faute(page, "et si")
    foyer.quotients.create(valeur=742, debut=mois.replace(day=1), preuve="attestation CAF")
    page.goto(live_server.url + reverse("admin:facturation_corrections"))
    sans_faute(page, "quotients tardifs")
    page.get_by_role("link", name=re.compile("^Famille LA STAR ?, relire")).click()
    sans_faute(page, "un quotient tardif")
    page.get_by_role("button", name=re.compile("Émettre l'avoir de 0,75")).click()
    expect(page.get_by_text("Quotient familial reçu après coup (QF 742) : 1 prestation revue")).to_be_visible()
    assert Facture.objects.get().total == D("3.60")

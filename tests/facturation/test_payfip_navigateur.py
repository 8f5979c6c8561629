"""Un parent paie sa facture au téléphone, avec et sans JavaScript, par le simulateur et ses vraies notifications."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from facturation.models import Paiement, Reglement, solde_de
from tests import fabriques as f

from .conftest import partir
from .test_navigateur import ouvrir

pytestmark = pytest.mark.django_db(transaction=True)
Etat = Paiement.Etat


@pytest.fixture
def chez(foyer, live_server, settings):
    """Ouvre la facture du foyer dans cette page."""
    settings.ADRESSE = live_server.url
    adresse = reverse("facturation:facture", args=[foyer.facture.pk])
    return lambda page: ouvrir(page, live_server, foyer.compte, adresse)


def payer(page, bouton):
    """De la facture, ou d'un paiement manqué, au guichet, puis le bouton que l'on y choisit."""
    page.get_by_role("button", name=re.compile("Payer 28,50")).click()
    expect(page.get_by_role("heading", name="Paiement d'essai")).to_be_visible()
    page.get_by_role("button", name=bouton).click()


@pytest.mark.parametrize("avec_js", [True, False], ids=["au téléphone", "sans JavaScript"])
def test_payer_lire_son_recu_puis_vouloir_payer_encore(chez, foyer, new_context, avec_js):
    page = chez(new_context(viewport={"width": 360, "height": 740}, java_script_enabled=avec_js).new_page())
    payer(page, "Payer par carte")
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est payé")
    recu = page.get_by_role("region", name="Reçu")
    for mot in ("28,50", foyer.facture.reference, "payé par carte", Paiement.objects.get().refdet, "A55A"):
        expect(recu).to_contain_text(mot)
    assert (Reglement.objects.count(), solde_de(foyer)) == (1, 0)
    # Relire son reçu, revenir en arrière : rien ne se paie deux fois.
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est payé")
    page.get_by_role("link", name="La facture").click()
    expect(page.get_by_text("Il ne reste rien à payer.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Payer"))).to_have_count(0)
    page.get_by_role("link", name="Le reçu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est payé")
    reponse = entrer(foyer.compte).post(reverse("facturation:payer", args=[foyer.facture.pk]), follow=True)
    assert "déjà réglée" in reponse.content.decode()
    assert Paiement.objects.count() == 1


@pytest.mark.parametrize("avec_js", [True, False], ids=["au téléphone", "sans JavaScript"])
def test_refuse_puis_abandonne_puis_paye_sans_rien_perdre(chez, foyer, new_context, avec_js):
    page = chez(new_context(viewport={"width": 360, "height": 740}, java_script_enabled=avec_js).new_page())
    payer(page, "Carte refusée")
    expect(page.get_by_role("heading", level=1)).to_have_text("Le paiement est refusé")
    expect(page.get_by_text("Carte refusée : rien n'est débité.")).to_contain_text("La facture reste à payer.")
    payer(page, "Abandonner")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rien n'est payé")
    expect(page.get_by_text("Vous avez quitté le paiement avant la fin")).to_be_visible()
    assert (Reglement.objects.count(), solde_de(foyer)) == (0, foyer.facture.total)
    payer(page, "Payer par prélèvement")
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est payé")
    assert sorted(Paiement.objects.values_list("etat", flat=True)) == ["abandonne", "paye", "refuse"]
    assert solde_de(foyer) == 0
    refuse = Paiement.objects.get(etat=Etat.REFUSE)
    page.goto(page.url.partition("/facturation/")[0] + reverse("facturation:paiement", args=[refuse.refdet]))
    expect(page.get_by_text("La facture a été payée depuis.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Payer"))).to_have_count(0)


def test_revenu_sans_avoir_paye_le_parent_reprend_et_sa_page_attend_pour_lui(chez, foyer, service, telephone):
    """La page qui attend se relit seule : le résultat arrive pendant que le parent la regarde."""
    page = chez(telephone)
    page.get_by_role("button", name=re.compile("Payer 28,50")).click()
    expect(page.get_by_role("heading", name="Paiement d'essai")).to_be_visible()
    chez(page)
    expect(page.get_by_role("button", name=re.compile("Payer 28,50"))).to_have_count(0)
    page.get_by_role("link", name="Où en est-il").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On attend la réponse")
    expect(page.get_by_role("link", name="Reprendre le paiement")).to_be_visible()
    service.payer(Paiement.objects.get().idop, "P", "sans")
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est payé", timeout=15_000)


def test_sans_javascript_la_page_qui_attend_se_recharge(chez, foyer, service, live_server, sans_js):
    paiement = partir(foyer)
    page = ouvrir(sans_js, live_server, foyer.compte, reverse("facturation:paiement", args=[paiement.refdet]))
    expect(page.get_by_role("heading", level=1)).to_have_text("On attend la réponse")
    service.payer(paiement.idop, "A", "sans")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rien n'est payé", timeout=15_000)


def test_une_autre_famille_ne_voit_ni_la_facture_ni_le_paiement(foyer, service):
    paiement, voisine = partir(foyer), entrer(f.famille(nom="VOISINE").compte)
    for adresse in (reverse("facturation:facture", args=[foyer.facture.pk]),
                    reverse("facturation:paiement", args=[paiement.refdet])):  # fmt: skip
        assert voisine.get(adresse).status_code == 404
    assert voisine.post(reverse("facturation:payer", args=[foyer.facture.pk])).status_code == 404
    assert Paiement.objects.get().etat == Etat.EN_COURS


@pytest.mark.parametrize("sombre", [False, True], ids=["clair", "sombre"])
def test_axe_ne_trouve_rien_sur_aucun_etat_et_rien_ne_deborde(foyer, service, live_server, new_context, sombre):
    page = new_context(
        viewport={"width": 320, "height": 640}, color_scheme="dark" if sombre else "light", reduced_motion="reduce"
    ).new_page()
    for resultat, scenario in (("", ""), ("R", ""), ("A", ""), ("P", "inconnu"), ("P", "")):
        Paiement.objects.filter(etat__in=[Etat.EN_COURS, Etat.DOUTE]).update(etat=Etat.SANS_SUITE)
        paiement = partir(foyer)
        if resultat:
            service.scenario = scenario
            service.payer(paiement.idop, resultat, "sans")
        ouvrir(page, live_server, foyer.compte, reverse("facturation:paiement", args=[paiement.refdet]))
        fautes = [(faute["id"], faute["nodes"][0]["html"][:120]) for faute in Axe().run(page).response["violations"]]
        assert fautes == [], (resultat, scenario)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def entrer(compte):
    client = Client()
    client.force_login(compte)
    return client

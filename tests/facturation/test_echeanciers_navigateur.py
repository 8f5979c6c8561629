"""Au téléphone, avec et sans script : demander à payer en plusieurs fois, la régie compose, la famille suit."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation.models import DemandeEcheancier, Echeancier, Regie, installer_niveaux
from tests import fabriques as f
from tests.navigateur import entrer, sans_faute

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def celine():
    f.commune()
    installer_niveaux()
    Regie.objects.create()
    foyer = f.famille()
    f.facture(foyer, "90", echeance=timezone.localdate() - dt.timedelta(days=20))
    return foyer


def demander(page, serveur, compte, examiner):
    entrer(page, serveur, compte)
    page.goto(serveur.url + reverse("facturation:situation"))
    page.get_by_role("link", name="Payer en plusieurs fois").click()
    expect(page.get_by_role("heading", name="Demander un échéancier")).to_be_visible()
    examiner(page)
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page).to_have_title(re.compile("^Erreur"))
    examiner(page)
    page.get_by_label(re.compile("combien de mois")).select_option("3")
    page.get_by_label(re.compile("se passe")).fill("Je change d'emploi, mon salaire arrive en janvier.")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_text("Attend la mairie")).to_be_visible()
    examiner(page)


def accorder(page, serveur):
    """La régie ouvre la demande depuis sa première page, garde la proposition et l'accorde."""
    entrer(page, serveur, f.agent("Régie"))
    page.goto(serveur.url + reverse("admin:index"))
    page.get_by_role("link", name=re.compile("1 Échéanciers demandés")).click()
    page.locator("#result_list a", has_text="LA STAR").first.click()
    expect(page.get_by_text("Je change d'emploi")).to_be_visible()
    page.get_by_role("link", name="Composer l'échéancier").click()
    page.get_by_role("button", name="Proposer les échéances").click()
    expect(page.get_by_label("Échéance 3, montant")).to_have_value("30,00")
    page.get_by_label(re.compile("Votre mot")).fill("Bon courage.")
    page.get_by_role("button", name="Accorder l'échéancier").click()
    expect(page.get_by_text("La famille est prévenue.")).to_be_visible()


def test_au_telephone_de_la_demande_a_l_echeancier(live_server, telephone, page, celine):
    demander(telephone, live_server, celine.compte, sans_faute)
    accorder(page, live_server)
    sans_faute(page, {"include": [["#content"]]})
    telephone.reload()
    expect(telephone.get_by_text("Acceptée")).to_be_visible()
    telephone.get_by_role("link", name="Voir l'échéancier").click()
    expect(telephone.get_by_text(re.compile("Prochaine échéance : 30,00"))).to_be_visible()
    expect(telephone.get_by_text("Bon courage.")).to_be_visible()
    sans_faute(telephone)


def test_sans_javascript_aussi(live_server, sans_js, celine):
    sans_js.set_viewport_size({"width": 360, "height": 740})
    demander(sans_js, live_server, celine.compte, lambda page: None)
    accorder(sans_js, live_server)
    [plan] = Echeancier.objects.all().situes(timezone.localdate())
    assert [echeance.montant for echeance in plan.prevues] == [30, 30, 30]
    assert DemandeEcheancier.objects.get().echeancier == plan

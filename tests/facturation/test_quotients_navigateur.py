"""Au téléphone : un parent récupère son quotient après un refus ; la régie lit un fichier de rejets. Et sans script."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation import actions
from facturation.models import Prelevement, Regie
from familles.models import Quotient
from tests import fabriques as f

from .banque import camt054
from .test_contester_navigateur import entrer, sans_faute
from .test_quotients import SIRET, service  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
IBAN = "FR7630006000011234567890189"
SAISIE = {"nom": "La Star", "prenoms": "Céline Marie", "naissance": "1988-03-14"}
MAIRIE = {"include": [["#content"]]}


@pytest.fixture
def foyer(service):  # noqa: F811
    f.commune(siret=SIRET, ics="FR72ZZZ123456")
    Regie.objects.create(api_particulier=True, iban=IBAN, sepa_bic="AGRIFRPP")
    return f.famille()


def test_le_quotient_puis_les_rejets_sur_un_telephone(live_server, telephone, foyer, tmp_path):
    parcourir(telephone, live_server, foyer, tmp_path, sans_faute)


def test_le_quotient_puis_les_rejets_sans_javascript(live_server, sans_js, foyer, tmp_path):
    sans_js.set_viewport_size({"width": 360, "height": 740})
    parcourir(sans_js, live_server, foyer, tmp_path, lambda page, contexte=None: None)


def parcourir(page, serveur, foyer, dossier, examiner):
    recuperer(page, serveur, foyer, examiner)
    lire_les_rejets(page, serveur, foyer, dossier, examiner)


def recuperer(page, serveur, foyer, examiner):
    entrer(page, serveur, foyer.compte)
    page.goto(serveur.url + reverse("facturation:situation"))
    page.get_by_role("link", name="Mon quotient").click()
    expect(page.get_by_text("La mairie ne connaît pas votre quotient")).to_be_visible()
    examiner(page)
    page.get_by_role("link", name="Récupérer mon quotient").click()
    for nom, valeur in (SAISIE | {"nom": "Personne"}).items():
        page.locator(f"[name={nom}]").fill(valeur)
    page.get_by_label("France").check()
    page.get_by_label("Code du lieu").fill("86194")
    page.get_by_label("J'ai lu").check()
    page.get_by_role("button", name="Demander mon quotient").click()
    expect(page.get_by_text("ne trouvent de dossier d'allocataire")).to_be_visible()
    expect(page.get_by_label("Prénoms")).to_have_value("Céline Marie")
    expect(page.get_by_label("Date de naissance")).to_have_value("1988-03-14")
    expect(page.get_by_role("link", name="Envoyer plutôt mon attestation")).to_be_visible()
    examiner(page)
    page.locator("[name=nom]").fill("La Star")
    page.get_by_role("button", name="Demander mon quotient").click()
    expect(page.get_by_text("Votre quotient est de 698")).to_be_visible()
    examiner(page)
    assert Quotient.objects.get().famille == foyer


def lire_les_rejets(page, serveur, foyer, dossier, examiner):
    aujourdhui = timezone.localdate()
    mandat = actions.signer_mandat(foyer, "Celine LA STAR", IBAN, dt.date(2026, 9, 1))
    facture = f.facture(foyer, total="28.50", rum=mandat.rum, preleve_le=aujourdhui)
    actions.remettre_lot(actions.preparer_lot(aujourdhui, None, timezone.now()), None, timezone.now())
    fichier = dossier / "retours.xml"
    reference = facture.prelevements.get().reference
    fichier.write_bytes(camt054([(reference, "AM04", "28.50"), ("AUTRE", "AC04", "3.00")], jour=aujourdhui.isoformat()))
    entrer(page, serveur, f.agent("Régie"))
    page.goto(serveur.url + reverse("admin:facturation_prelevement_rejets"))
    examiner(page, MAIRIE)
    page.get_by_label("Fichier des rejets").set_input_files(fichier)
    page.get_by_role("button", name="Lire le fichier").click()
    expect(page.get_by_text("la provision du compte était insuffisante (AM04)")).to_be_visible()
    expect(page.get_by_text("Pas à nous").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    examiner(page, MAIRIE)
    page.get_by_role("button", name="Écrire ce rejet").click()
    expect(page.get_by_text("1 rejet écrit")).to_be_visible()
    assert Prelevement.objects.get().etat == "rejete"

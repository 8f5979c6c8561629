"""Au téléphone : un parent signe son mandat ; la régie prépare, remet, et saisit un rejet que le parent lit."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation.models import Mandat, Prelevement, Regie
from tests import fabriques as f

from .test_contester_navigateur import entrer, sans_faute

pytestmark = pytest.mark.django_db(transaction=True)
IBAN = "FR7630006000011234567890189"


@pytest.fixture
def foyer():
    f.commune(nom="Mairie de Migné-Auxances", ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP")
    return f.famille()


def test_du_mandat_au_rejet_sur_un_telephone(live_server, telephone, foyer, courriels):
    parcourir(telephone, live_server, foyer, courriels, sans_faute)


def test_du_mandat_au_rejet_sans_javascript(live_server, sans_js, foyer, courriels):
    sans_js.set_viewport_size({"width": 360, "height": 740})
    parcourir(sans_js, live_server, foyer, courriels, lambda page, contexte=None: None)


def parcourir(page, serveur, foyer, courriels, examiner):
    signer(page, serveur, foyer, courriels, examiner)
    demain = timezone.localdate() + dt.timedelta(days=1)
    facture = f.facture(foyer, total="28.50", rum=Mandat.objects.get().rum, preleve_le=demain)
    prelever(page, serveur, f.agent("Régie"), lambda page: examiner(page, {"include": [["#content"]]}))
    entrer(page, serveur, foyer.compte)
    page.goto(serveur.url + reverse("facturation:facture", args=[facture.pk]))
    expect(page.get_by_text("La banque a rejeté le prélèvement")).to_contain_text("provision du compte")
    expect(page.get_by_text("Cette somme reste à payer")).to_be_visible()
    examiner(page)
    page.goto(serveur.url + reverse("facturation:mandat"))
    page.get_by_text("Révoquer ce mandat").click()
    page.get_by_role("button", name="Révoquer mon mandat").click()
    expect(page.get_by_text("vous ne serez plus prélevé")).to_be_visible()


def signer(page, serveur, foyer, courriels, examiner):
    entrer(page, serveur, foyer.compte)
    page.goto(serveur.url + reverse("facturation:situation"))
    page.get_by_role("link", name="Le prélèvement").click()
    examiner(page)
    page.get_by_label("Titulaire du compte").fill("Celine LA STAR")
    page.get_by_label("IBAN").fill(IBAN[:-1] + "8")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Recevoir le code").click()
    expect(page.get_by_text("IBAN n'est pas valide").first).to_be_visible()
    examiner(page)
    page.get_by_label("IBAN").fill("FR76 3000 6000 0112 3456 7890 189")
    page.get_by_role("button", name="Recevoir le code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signer le mandat")
    examiner(page)
    code = re.search(r"code : (\d{6})", courriels()[-1].get_body(("plain",)).get_content())[1]
    page.get_by_label("Code reçu par courriel").fill(code)
    page.get_by_role("button", name="Signer").click()
    expect(page.get_by_text("Votre mandat est signé")).to_be_visible()
    expect(page.get_by_text("FR76 •••• •••• 0189")).to_be_visible()
    examiner(page)


def prelever(page, serveur, regie, examiner):
    entrer(page, serveur, regie)
    page.goto(serveur.url + reverse("admin:facturation_lotdeprelevements_add"))
    examiner(page)
    page.get_by_role("button", name="Préparer 1 prélèvement").click()
    examiner(page)
    with page.expect_download() as pris:
        page.get_by_role("link", name="Prendre le fichier").click()
    assert b"<CtrlSum>28.50</CtrlSum>" in pris.value.path().read_bytes()
    page.get_by_role("button", name="Le fichier est remis").click()
    expect(page.get_by_role("heading", name="Lot remis")).to_be_visible()
    examiner(page)
    page.get_by_role("link", name=Prelevement.objects.get().reference).click()
    page.get_by_label("Motif donné par la banque").select_option("AM04")
    page.get_by_role("button", name="Enregistrer le rejet").click()
    expect(page.get_by_text("Rejeté le")).to_be_visible()
    examiner(page)
    page.goto(serveur.url + reverse("admin:index"))
    page.get_by_role("link", name=re.compile("1 Prélèvements rejetés")).click()
    expect(page.get_by_text(Prelevement.objects.get().reference)).to_be_visible()

"""Mes documents dans un vrai navigateur : au téléphone, sans JavaScript, et à l'aide d'axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse

from documents.models import Information, Piece
from familles.models import Famille
from tests import fabriques as f
from tests.commune import fichiers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def foyer():
    f.commune()
    foyer = f.famille(statut=Famille.Statut.EN_CREATION)
    foyer.hugo = f.enfant(foyer)
    foyer.livret = f.type_piece(nom="Livret de famille")
    return foyer


def entrer(page, live_server, compte):
    client = Client()
    client.force_login(compte)
    biscuit = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([biscuit | {"url": live_server.url}])


def test_sans_javascript_un_parent_envoie_son_document_puis_son_dossier(sans_js, live_server, foyer):
    entrer(sans_js, live_server, foyer.compte)
    sans_js.goto(live_server.url + reverse("documents:liste"))
    sans_js.get_by_role("link", name="Envoyer le document : Livret de famille").click()
    recto = {"name": "recto.jpg", "mimeType": "image/jpeg", "buffer": fichiers.image()}
    verso = {"name": "verso.heic", "mimeType": "image/heic", "buffer": fichiers.image("HEIF")}
    sans_js.get_by_label("Choisir des photos ou un PDF").set_input_files([recto, verso])
    sans_js.get_by_role("button", name="Envoyer", exact=True).click()
    assert "« Livret de famille » est envoyé" in sans_js.get_by_role("main").inner_text()
    assert Piece.objects.get().pages == 2
    with sans_js.expect_download() as telechargement:
        sans_js.get_by_role("link", name="Télécharger Livret de famille").click()
    assert telechargement.value.suggested_filename == "recto.pdf"
    sans_js.get_by_role("button", name="Envoyer mon dossier à la mairie").click()
    assert Famille.objects.get(pk=foyer.pk).statut == "a_valider"


def test_un_refus_prend_le_focus_et_mene_au_champ(telephone, live_server, foyer):
    entrer(telephone, live_server, foyer.compte)
    telephone.goto(live_server.url + reverse("documents:envoyer", args=[foyer.livret.pk, 0]))
    faux = {"name": "rib.pdf", "mimeType": "application/pdf", "buffer": b"MZ" + b"\0" * 99}
    telephone.get_by_label("Choisir des photos ou un PDF").set_input_files(faux)
    telephone.get_by_role("button", name="Envoyer", exact=True).click()
    resume = telephone.locator(".resume-erreurs")
    assert "se dit un PDF mais son contenu est autre chose" in resume.inner_text()
    assert resume.evaluate("e => e === document.activeElement")
    assert Axe().run(telephone).response["violations"] == []


def test_chaque_page_est_propre_et_tient_dans_360_pixels(telephone, live_server, foyer):
    f.piece(foyer.livret, foyer, etat="refusee", motif="La photo est floue.")
    reglement = Information.objects.create(titre="Règlement", texte="À lire.", publique=True, publiee_le=f.RENTREE)
    public = [reverse("documents:informations"), reverse("documents:information", args=[reglement.pk])]
    prive = [reverse("documents:liste"), reverse("documents:envoyer", args=[foyer.livret.pk, 0])]

    def verifier(adresses):
        for adresse in adresses:
            telephone.goto(live_server.url + adresse)
            assert Axe().run(telephone).response["violations"] == [], adresse
            assert telephone.evaluate("document.documentElement.scrollWidth <= innerWidth"), adresse

    verifier(public)
    entrer(telephone, live_server, foyer.compte)
    verifier(prive + public)

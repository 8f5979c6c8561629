"""Le jour d'ouverture dans un vrai navigateur : au téléphone, sans JavaScript, et pour tous les yeux."""

import datetime as dt

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse

from reservations.actions import deposer_voeux, suivre, tirer_au_sort
from reservations.models import Ouverture, Reservation, Voeu
from tests import fabriques as f

from .ouverture import AVANT, NEUF_HEURES, PENDANT_LES_VOEUX, UNE_SECONDE, Decor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def decor(transactional_db):
    f.commune()
    return Decor()


@pytest.fixture
def ouvrir(live_server, decor):
    """Ouvre une page de l'ouverture, connecté comme ce foyer."""

    def ouvrir(page, foyer, nom="ouverture", suite=""):
        client = Client()
        client.force_login(foyer.compte)
        temoin = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([temoin])
        page.goto(live_server.url + reverse(f"reservations:{nom}", args=[decor.ouverture.pk]) + suite)
        return page

    return ouvrir


def fautes(page):
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


def test_au_telephone_les_voeux_se_touchent_et_se_gardent(telephone, ouvrir, decor):
    foyer = decor.foyer("Hugo", "Lina")
    with time_machine.travel(PENDANT_LES_VOEUX):
        page = ouvrir(telephone, foyer)
        cases = page.locator("label.voeu")
        assert cases.count() == 6
        assert cases.first.bounding_box()["height"] >= 44
        cases.nth(0).tap()
        cases.nth(4).tap()
        bouton = page.get_by_role("button", name="Garder mes vœux")
        assert bouton.bounding_box()["y"] + bouton.bounding_box()["height"] <= 740  # sous le pouce
        bouton.tap()
        page.get_by_text("2 vœux gardés").wait_for()
        assert page.locator("label.voeu :checked").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Voeu.objects.count() == 2


def test_sans_javascript_de_la_file_a_la_reservation(sans_js, ouvrir, decor, courriels):
    foyer, premier = decor.foyer(), decor.foyer()
    Ouverture.objects.update(a_la_fois=1)
    deposer_voeux(decor.ouverture, foyer, decor.tout(foyer, 2), PENDANT_LES_VOEUX)
    with time_machine.travel(NEUF_HEURES, tick=False):
        suivre(decor.ouverture.pk, premier.compte, NEUF_HEURES - UNE_SECONDE)
        suivre(decor.ouverture.pk, premier.compte, NEUF_HEURES)
        page = ouvrir(sans_js, foyer, "file")
        assert "vous êtes le prochain" in page.locator("#file").inner_text()
    Ouverture.objects.update(a_la_fois=2)
    with time_machine.travel(NEUF_HEURES + 5 * UNE_SECONDE, tick=False):
        page.wait_for_url("**/ouvertures/*/", timeout=20_000)  # la page s'est rechargée d'elle-même
        assert page.locator("label.voeu :checked").count() == 2
        page.get_by_role("button", name="Réserver les jours cochés").click()
        assert "2 réservations enregistrées" in page.locator("main").inner_text()
    assert Reservation.objects.filter(famille=foyer, etat="reservee").count() == 2


def test_la_file_avance_sans_recharger_et_dit_la_panne(page, ouvrir, decor):
    foyer, premier = decor.foyer(), decor.foyer()
    Ouverture.objects.update(a_la_fois=1)
    with time_machine.travel(NEUF_HEURES, tick=False):
        suivre(decor.ouverture.pk, premier.compte, NEUF_HEURES - UNE_SECONDE)
        suivre(decor.ouverture.pk, premier.compte, NEUF_HEURES)
        ouvrir(page, foyer, "file")
        assert page.locator(".file-nombre").inner_text() == "2e"
        assert not page.locator("[data-panne]").is_visible()
        page.route("**/file/", lambda route: route.abort())  # le portail ne répond plus
        page.locator("[data-panne]").wait_for(state="visible", timeout=20_000)
        assert "Votre rang est gardé" in page.locator("[data-panne]").inner_text()
        assert page.locator(".file-nombre").inner_text() == "2e"
        page.unroute("**/file/")
        Ouverture.objects.update(a_la_fois=2)
        page.wait_for_url("**/ouvertures/*/", timeout=40_000)
    assert "C'est à vous" in page.locator("main").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [320, 1280])
def test_chaque_page_de_l_ouverture_est_accessible(new_context, ouvrir, decor, theme, largeur):
    navigateur = new_context(viewport={"width": largeur, "height": 900}, color_scheme=theme)
    foyer, autre = decor.foyer("Hugo", "Lina"), decor.foyer()
    for petit in autre.petits:
        f.reservation(petit, decor.seances[0])
    f.reservation(f.enfant(autre), decor.seances[0])
    f.reservation(foyer.petits[0], decor.seances[1])
    f.reservation(foyer.petits[1], decor.seances[1], etat="attente")
    Ouverture.objects.update(a_la_fois=1)
    trouvees = {}

    def voir(nom, instant, page_de="ouverture", suite=""):
        page = navigateur.new_page()  # la file se recharge d'elle-même : elle couperait l'arrivée de la suivante
        with time_machine.travel(instant, tick=False):
            ouvrir(page, foyer, page_de, suite)
            trouvees[nom] = fautes(page)
            if page.evaluate("document.documentElement.scrollWidth") > largeur:
                trouvees[nom].append("déborde")
        page.close()

    voir("les vœux", PENDANT_LES_VOEUX)
    voir("vérifier avant", PENDANT_LES_VOEUX, "verifier")
    voir("la salle d'attente", AVANT, "file")
    suivre(decor.ouverture.pk, autre.compte, AVANT)
    Ouverture.objects.update(a_la_fois=2)
    voir("son tour", NEUF_HEURES, "file")
    voir("la file", NEUF_HEURES + dt.timedelta(minutes=10), "file")  # son temps est passé
    Ouverture.objects.update(mode="tirage")
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    voir("le tirage", NEUF_HEURES)
    voir("vérifier", NEUF_HEURES, "verifier", f"?seance={decor.seances[2].pk}&numero=100000")
    assert {nom: quoi for nom, quoi in trouvees.items() if quoi} == {}
    assert len(trouvees) == 7

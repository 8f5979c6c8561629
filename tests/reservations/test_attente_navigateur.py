"""La liste d'attente dans un vrai navigateur : au doigt, sans JavaScript, et lue par tous."""

import re

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from reservations.actions import annuler
from tests import fabriques as f
from tests.reservations.attente import JEUDI, LUNDI, Decor, texte

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def jeudi():
    with time_machine.travel(JEUDI):
        yield


@pytest.fixture
def decor(transactional_db):
    """Un accueil du soir complet ; un enfant attend déjà, et Hugo voudrait venir."""
    f.commune()
    decor = Decor()
    decor.occupants = decor.remplir()
    decor.premier, decor.hugo = decor.enfants(2)
    decor.attendre(decor.premier)
    decor.hugo.prenom = "Hugo"
    decor.hugo.save()
    return decor


@pytest.fixture
def ouvrir(live_server, client, decor):
    """Ouvre une page connectée comme la mère de Hugo."""
    client.force_login(decor.compte(decor.hugo))
    session = client.cookies["sessionid"].value

    def ouvrir(page, adresse):
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(live_server.url + adresse)
        return page

    return ouvrir


def semaine(decor):
    return reverse("reservations:planning_enfant", args=[decor.hugo.pk]) + f"?jour={LUNDI}"


def liberer(decor):
    """Les deux occupants s'en vont : la place de Hugo vient."""
    for petit in decor.occupants:
        annuler(decor.reservation(petit), None, "Parti", JEUDI)


def fautes(page):
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


def test_au_telephone_on_attend_puis_on_prend_la_place_depuis_l_accueil(telephone, ouvrir, decor):
    page = ouvrir(telephone, semaine(decor))
    page.get_by_role("link", name=re.compile("Me mettre sur la liste")).tap()
    page.get_by_role("button", name="Mettre Hugo sur la liste").tap()
    page.get_by_text("Hugo est 2e sur la liste d'attente.").wait_for()
    assert fautes(page) == []
    liberer(decor)
    ouvrir(page, "/accueil/")
    assert fautes(page) == []
    page.get_by_role("link", name="Répondre").tap()
    bouton = page.get_by_role("button", name="Prendre la place")
    assert bouton.bounding_box()["height"] >= 44
    bouton.tap()
    page.get_by_text("La place est à Hugo : c'est réservé.").wait_for()
    assert decor.etat(decor.hugo) == "reservee"


def test_sans_javascript_le_lien_du_courriel_suffit(sans_js, live_server, decor, courriels):
    decor.attendre(decor.hugo, 1)
    liberer(decor)
    ecrits = {c["To"]: c for c in courriels() if "à confirmer" in c["Subject"]}
    adresse = re.search(r"/reservations/place/\S+", texte(ecrits[decor.compte(decor.hugo).email]))[0]
    sans_js.goto(live_server.url + adresse)
    sans_js.get_by_role("button", name="Prendre la place").click()
    assert "La place est à Hugo" in sans_js.locator("h1").inner_text()
    sans_js.go_back()
    sans_js.reload()
    assert "La place est à Hugo" in sans_js.locator("h1").inner_text()
    assert decor.etat(decor.hugo) == "reservee"


def test_sans_javascript_on_entre_et_l_on_sort_au_clavier(sans_js, ouvrir, decor):
    page = ouvrir(sans_js, reverse("reservations:attente", args=[decor.hugo.pk, decor.seance.pk]))
    page.get_by_role("button", name="Mettre Hugo sur la liste").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Quitter la liste").focus()
    assert decor.file() == [decor.premier, decor.hugo]
    page.keyboard.press("Enter")
    page.get_by_text("Hugo n'est plus sur la liste d'attente.").wait_for()
    assert decor.file() == [decor.premier]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [320, 1280])
def test_chaque_etat_de_la_liste_est_accessible_et_ne_deborde_pas(
    new_context, ouvrir, live_server, decor, courriels, theme, largeur
):
    page = new_context(viewport={"width": largeur, "height": 800}, color_scheme=theme).new_page()
    liste, vues = reverse("reservations:attente", args=[decor.hugo.pk, decor.seance.pk]), []

    def examiner(adresse):
        ouvrir(page, adresse)
        vues.append(page.locator("main").inner_text())
        assert fautes(page) == [], adresse
        assert page.evaluate("document.documentElement.scrollWidth") <= largeur, adresse

    examiner(liste)
    for rang, petit in enumerate([decor.hugo, *decor.enfants(14)], 1):
        decor.attendre(petit, rang)
    examiner(liste)
    examiner(semaine(decor))
    liberer(decor)
    mien = next(c for c in courriels() if "Hugo" in c["Subject"] and "à confirmer" in c["Subject"])
    lien = re.search(r"/reservations/place/\S+", texte(mien))[0]
    for adresse in (liste, semaine(decor), "/accueil/", lien, lien.replace(".", ".x")):
        examiner(adresse)
    page.goto(live_server.url + lien)
    page.get_by_role("button", name="Non merci").click()
    examiner(lien)
    for dit in ("Complet", "+ 4", "2e sur la liste", "À vous", "Une place vous attend", "Non merci",
                "Ce lien n'est pas entier", "C'est noté"):  # fmt: skip
        assert any(dit in vue for vue in vues), dit


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_la_page_de_la_mairie_est_accessible(new_context, live_server, client, decor, theme):
    liberer(decor)
    for rang, petit in enumerate(decor.enfants(3)):
        f.reservation(petit, decor.seance, etat="attente", modifiee_le=JEUDI.replace(minute=rang))
    client.force_login(f.agent("Direction"))
    page = new_context(viewport={"width": 360, "height": 800}, color_scheme=theme).new_page()
    temoin = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([temoin])
    page.goto(live_server.url + reverse("admin:reservations_seance_attente", args=[decor.seance.pk]))
    resultats = Axe().run(page, context=".mairie").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in resultats] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

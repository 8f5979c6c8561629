"""Un parent inscrit ses enfants dans un vrai navigateur : au téléphone, sans script, au clavier ; axe relit."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from commune.regles import jour_de_paris
from inscriptions.models import Inscription
from tests import fabriques as f
from tests.navigateur import ouvrir

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hugo():
    f.commune()
    jour = jour_de_paris(timezone.now())
    f.annee(debut=jour - dt.timedelta(days=60), fin=jour + dt.timedelta(days=200))
    foyer = f.famille()
    petit = f.enfant(foyer)
    petit.foyer = foyer
    return petit


@pytest.mark.parametrize("appareil", ["telephone", "sans_js"])
def test_cocher_pour_la_fratrie_et_arriver_au_planning(live_server, request, hugo, appareil):
    lina = f.enfant(hugo.foyer, prenom="Lina", ecole=hugo.ecole)
    f.activite(site=hugo.ecole, nom="Restauration", validation_automatique=True)
    page = ouvrir(request.getfixturevalue(appareil), live_server, hugo.foyer.compte, reverse("inscriptions:liste"))
    for prenom in ("Hugo", "Lina"):
        page.get_by_role("group", name=f"Activités ouvertes à {prenom}").get_by_label("Restauration").check()
    page.get_by_role("button", name="Demander l'inscription").click()
    expect(page.get_by_text("Inscription acceptée : Restauration pour Hugo et Restauration pour Lina.")).to_be_visible()
    assert set(Inscription.objects.values_list("enfant", "etat")) == {(hugo.pk, "validee"), (lina.pk, "validee")}
    page.wait_for_url(f"**{reverse('reservations:planning')}")


def test_au_clavier_seul(live_server, page, hugo):
    f.activite(site=hugo.ecole, nom="Restauration")
    ouvrir(page, live_server, hugo.foyer.compte, reverse("inscriptions:enfant", args=[hugo.pk]))
    page.get_by_label("Restauration").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Demande envoyée à la mairie")).to_be_visible()
    assert Inscription.objects.get().etat == "demandee"


@pytest.mark.parametrize("sombre", [False, True])
def test_axe_ne_trouve_rien_a_redire(live_server, new_context, hugo, sombre):
    midi = f.activite(site=hugo.ecole, nom="Restauration", validation_automatique=True)
    inscription = f.inscription(hugo, midi)
    for etat in ("demandee", "attente", "refusee"):
        f.inscription(hugo, f.activite(site=hugo.ecole, nom=etat), etat=etat, motif="Parce que.")
    f.activite(site=hugo.ecole, nom="Piscine", inscriptions_max=3, presentation="Dans le grand bain.")
    f.activite(site=hugo.ecole, nom="Sieste", age_max=5)
    page = new_context(
        viewport={"width": 320, "height": 640}, color_scheme="dark" if sombre else "light", reduced_motion="reduce"
    ).new_page()
    enfant = reverse("inscriptions:enfant", args=[hugo.pk])
    adresses = [reverse("inscriptions:liste"), f"{enfant}?terminees"]
    terminer = reverse("reservations:fin_inscription", args=[inscription.pk])
    adresses += [reverse("inscriptions:recu", args=[inscription.pk]), terminer]
    for adresse in adresses:
        ouvrir(page, live_server, hugo.foyer.compte, adresse)
        assert fautes_axe(page) == [], adresse
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, adresse
    aujourd_hui, passee = jour_de_paris(timezone.now()), {"limite_annulation": timezone.now()}
    for jours, limite in ((1, passee), (30, {})):  # une réservation que la limite garde, une qui s'annulera
        f.reservation(hugo, f.seance(midi, aujourd_hui + dt.timedelta(days=jours), **limite))
    page.goto(live_server.url + terminer)
    page.get_by_label("Dernier jour").fill(aujourd_hui.isoformat())
    page.get_by_role("button", name="Voir ce qui sera annulé").click()
    expect(page.get_by_role("button", name="Terminer l'inscription et annuler 1 réservation")).to_be_visible()
    expect(page.get_by_text("1 réservation ne s'annule plus : la limite est passée")).to_be_visible()
    assert fautes_axe(page) == []
    page.goto(live_server.url + enfant)
    page.get_by_role("button", name="Demander l'inscription").click()
    expect(page.get_by_text("Cochez au moins une activité.")).to_be_visible()
    assert fautes_axe(page) == []
    f.type_piece(nom="Livret de famille")
    page.goto(live_server.url + enfant)
    assert fautes_axe(page) == []


def fautes_axe(page):
    fautes = Axe().run(page).response["violations"]
    return [(faute["id"], [noeud["html"][:120] for noeud in faute["nodes"]]) for faute in fautes]

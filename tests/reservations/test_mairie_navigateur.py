"""L'événement et le planning de la mairie dans un vrai navigateur : grand écran, téléphone, sans JavaScript."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from reservations.models import Evenement, Mouvement, Reservation, Seance
from tests import fabriques as f

LUNDI, MARDI = dt.date(2026, 9, 7), dt.date(2026, 9, 8)
ECRANS = {
    "un grand écran": {"viewport": {"width": 1280, "height": 860}},
    "un téléphone": {"viewport": {"width": 360, "height": 740}},
    "sans JavaScript": {"viewport": {"width": 1280, "height": 860}, "java_script_enabled": False},
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def jeudi():
    """Il est 18 h à Paris, le jeudi 3 septembre 2026."""
    with time_machine.travel(f.a_paris(2026, 9, 3, 18)):
        yield


@pytest.fixture
def ecole(transactional_db):
    """Desnos et sa cantine, Hugo réservé lundi, Lina rien ; une place, pour voir ce qui déborde."""
    f.commune()
    site = f.ecole(nom="Desnos")
    midi = f.activite(site=site, nom="Restauration", capacite=1)
    f.seance(midi, LUNDI)
    f.seance(midi, MARDI)
    for prenom, classe in (("Hugo", "cm1"), ("Lina", "cp")):
        f.inscription(f.enfant(f.famille(nom=prenom.upper()), prenom=prenom, ecole=site, classe=classe), midi)
    hugo = site.enfants.get(prenom="Hugo")
    f.reservation(hugo, midi.seances.get(jour=LUNDI))
    return site


@pytest.fixture(params=ECRANS, ids=list(ECRANS))
def page(request, new_context, live_server, client, ecole):
    client.force_login(f.agent("Périscolaire"))
    contexte = new_context(**ECRANS[request.param], base_url=live_server.url)
    contexte.add_cookies([
        {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    ])  # fmt: skip
    return contexte.new_page()


def etats():
    colonnes = ["enfant__prenom", "seance__jour", "etat"]
    return {(prenom, jour): etat for prenom, jour, etat in Reservation.objects.values_list(*colonnes)}


def test_une_greve_se_prepare_se_relit_s_applique_et_se_leve(page, ecole):
    page.goto(reverse("admin:reservations_evenement_add"))
    page.get_by_label("Nature").select_option("grève")
    page.get_by_label("Libellé").fill("Grève du personnel")
    for champ in ("du", "au"):
        page.locator(f"input[name={champ}]").fill("07/09/2026")
    page.get_by_label("Desnos", exact=True).check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()

    page.get_by_text("Lundi 7 septembre : grève du personnel, pas d'accueil (Desnos)").wait_for()
    assert Seance.objects.get(jour=LUNDI).ouverte
    page.get_by_role("button", name="Appliquer et prévenir les familles").click()
    page.get_by_text("C'est fait : 1 réservation annulée").wait_for()
    assert not Seance.objects.get(jour=LUNDI).ouverte
    assert etats() == {("Hugo", LUNDI): "annulee"}

    page.get_by_role("link", name="Lever l'événement…").click()
    page.get_by_role("button", name="Lever l'événement et prévenir les familles").click()
    page.get_by_text("L'événement est levé : 1 réservation rendue.").wait_for()
    assert etats() == {("Hugo", LUNDI): "reservee"}
    assert Evenement.objects.get().etat == "levé"


def test_la_grille_se_coche_refuse_puis_s_enregistre_sciemment(page, ecole):
    page.goto(f"{reverse('admin:reservations_planning')}?site={ecole.pk}&jour={LUNDI}")
    page.get_by_role("checkbox", name="LINA Lina lundi 7").check()
    page.get_by_role("checkbox", name="HUGO Hugo mardi 8").check()
    page.get_by_label("Raison").fill("Au téléphone")
    page.get_by_role("button", name="Enregistrer et prévenir").click()

    page.get_by_text("cochez « au-delà des places »").wait_for()
    assert etats() == {("Hugo", LUNDI): "reservee"}
    assert page.get_by_role("checkbox", name="HUGO Hugo mardi 8").is_checked()
    assert page.get_by_label("Raison").input_value() == "Au téléphone"
    page.get_by_label("au-delà des places", exact=True).check()
    page.get_by_role("button", name="Enregistrer et prévenir").click()

    page.get_by_text("2 réservations, reçu").wait_for()
    assert etats() == {("Hugo", LUNDI): "reservee", ("Hugo", MARDI): "reservee", ("Lina", LUNDI): "reservee"}
    assert set(Mouvement.objects.values_list("origine", "motif")) == {("mairie", "Au téléphone")}


def test_entree_dans_la_recherche_cherche_et_n_enregistre_rien(page, ecole):
    f.enfant(f.famille(), prenom="Zoé", nom="PETIT", classe="ce1")
    page.goto(f"{reverse('admin:reservations_planning')}?site={ecole.pk}&jour={LUNDI}")
    page.get_by_role("checkbox", name="LINA Lina mardi 8").check()
    page.get_by_label("Raison").fill("Par courrier")
    page.get_by_label("Un enfant de plus").fill("zoe")
    page.get_by_label("Un enfant de plus").press("Enter")
    page.get_by_role("button", name="Zoé PETIT, CE1").click()
    page.get_by_role("checkbox", name="PETIT Zoé mardi 8").wait_for()
    assert page.get_by_role("checkbox", name="LINA Lina mardi 8").is_checked()
    assert etats() == {("Hugo", LUNDI): "reservee"}
    page.get_by_label("Raison").press("Enter")
    page.get_by_text("1 réservation, reçu").wait_for()
    assert etats() == {("Hugo", LUNDI): "reservee", ("Lina", MARDI): "reservee"}


@pytest.mark.parametrize("page", ["un grand écran"], indirect=True)
def test_le_planning_s_imprime_sans_ses_gestes(page, ecole):
    page.add_init_script("window.print = () => { document.body.dataset.imprime = 'oui' }")
    page.goto(f"{reverse('admin:reservations_planning')}?site={ecole.pk}&jour={LUNDI}")
    page.get_by_role("button", name="Imprimer").click()
    assert page.locator("body").get_attribute("data-imprime") == "oui"
    page.emulate_media(media="print")
    for garde in ("semaine du 7", "HUGO Hugo", "LINA Lina"):
        assert page.get_by_text(garde).locator("visible=true").count(), garde
    for retire in (".filtres", ".gestes", ".planning-gestes", "#nav-sidebar"):
        assert not page.locator(retire).first.is_visible(), retire
    fond = page.locator("td input:checked").first.evaluate("e => getComputedStyle(e, '::before').content")
    assert fond == '"✕"', "une coche sans fond se lit encore sur le papier"

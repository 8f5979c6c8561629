"""Le planning dans un vrai navigateur : au clavier, au doigt, sans JavaScript, et lu par tous."""

import datetime as dt

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from presences.models import Pointage
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def jeudi():
    """Il est 18 h à Paris, le jeudi 3 septembre 2026."""
    with time_machine.travel(f.a_paris(2026, 9, 3, 18)):
        yield


class Decor:
    """Hugo, son accueil du matin et sa cantine, la semaine du 7 septembre."""

    def __init__(self):
        f.commune()
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer)
        site = self.hugo.ecole
        self.matin = f.activite(
            site=site, nom="Matin", genre="matin", heure_debut=dt.time(7, 30), heure_fin=dt.time(8, 30)
        )
        self.cantine = f.activite(site=site, nom="Restauration", ordre=1)
        self.seances = {}
        for activite in (self.matin, self.cantine):
            f.inscription(self.hugo, activite)
            for n in (0, 1, 3, 4):
                self.seances[activite.nom, n] = f.seance(activite, LUNDI + dt.timedelta(days=n))


@pytest.fixture
def decor(transactional_db):
    return Decor()


@pytest.fixture
def ouvrir(live_server, client, decor):
    """Ouvre une page du planning de Hugo, connecté comme sa mère."""
    client.force_login(decor.foyer.compte)
    session = client.cookies["sessionid"].value

    def ouvrir(page, nom="planning_enfant", args=None, suite=f"?jour={LUNDI}"):
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(live_server.url + reverse(f"reservations:{nom}", args=args or [decor.hugo.pk]) + suite)
        return page

    return ouvrir


def reservees():
    return sorted(
        (nom, jour.isoweekday())
        for nom, jour in Reservation.objects.reservees().values_list("seance__activite__nom", "seance__jour")
    )


def vise(page):
    """Le nom accessible de ce qui a le focus : « Hugo Restauration 12 h – 13 h 30 lundi 7 septembre »."""
    nom = page.evaluate("""() => (document.activeElement.getAttribute("aria-labelledby") ?? "").split(" ")
        .map((id) => document.getElementById(id)?.textContent).join(" ")""")
    return " ".join(nom.replace("\u00a0", " ").split())


# --- Au clavier -----------------------------------------------------------------------------------------------------
def test_au_clavier_les_fleches_se_deplacent_et_espace_coche(page, ouvrir, decor, courriels):
    ouvrir(page)
    page.locator(f"#c{decor.hugo.pk}-{decor.seances['Matin', 0].pk} input").focus()
    page.keyboard.press("ArrowDown")
    assert vise(page).startswith("Hugo Restauration")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # saute le mercredi, où rien n'a lieu
    assert "jeudi 10 septembre" in vise(page)
    page.keyboard.press("Space")
    page.keyboard.press("End")
    assert "vendredi 11 septembre" in vise(page)
    page.keyboard.press("Home")
    assert "lundi 7 septembre" in vise(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # le bord ne fait rien
    assert vise(page).startswith("Hugo Matin")
    page.keyboard.press("Enter")  # descend, n'enregistre pas
    assert vise(page).startswith("Hugo Restauration")
    assert reservees() == []
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 2 réservations"

    while page.evaluate("document.activeElement.textContent.trim()") != "Enregistrer":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("2 réservations enregistrées").wait_for()
    assert reservees() == [("Restauration", 1), ("Restauration", 4)]
    assert len(courriels()) == 1


def test_annuler_rend_la_page_comme_elle_etait(page, ouvrir, decor):
    f.reservation(decor.hugo, decor.seances["Restauration", 0])
    ouvrir(page)
    page.locator(f"#c{decor.hugo.pk}-{decor.seances['Restauration', 0].pk}").click()
    page.locator(f"#c{decor.hugo.pk}-{decor.seances['Restauration', 1].pk}").click()
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 1 réservation, 1 annulation"
    page.get_by_role("link", name="Annuler").click()
    assert page.locator("[data-compte]").inner_text() == "Rien à enregistrer"
    assert page.locator(f"#c{decor.hugo.pk}-{decor.seances['Restauration', 0].pk} input").is_checked()
    assert reservees() == [("Restauration", 1)]


def test_partir_sans_enregistrer_previent(page, ouvrir, decor):
    ouvrir(page)
    demandes = []
    page.on("dialog", lambda dialogue: (demandes.append(dialogue.type), dialogue.dismiss()))
    page.locator(f"#c{decor.hugo.pk}-{decor.seances['Restauration', 0].pk}").click()
    page.get_by_role("link", name="Semaine suivante").click()
    page.wait_for_timeout(300)
    assert demandes == ["beforeunload"]
    assert f"jour={LUNDI}" in page.url


# --- Les dernières heures -------------------------------------------------------------------------------------------
def test_les_dernieres_heures_se_comptent_et_une_case_passee_ne_se_coche_plus(page, ouvrir, decor):
    """Deux limites le même jour : chaque case compte la sienne, puis ne peut plus que revenir en arrière."""
    a_dix_heures_du_soir = f.a_paris(2026, 9, 6, 22)
    matin, midi = decor.seances["Matin", 0], decor.seances["Restauration", 0]
    matin.limite_reservation = matin.limite_annulation = f.a_paris(2026, 9, 6, 23)
    matin.save()
    f.reservation(decor.hugo, midi)
    page.clock.install(time=a_dix_heures_du_soir)
    with time_machine.travel(a_dix_heures_du_soir):
        ouvrir(page)
    case, reservee = (page.locator(f"#c{decor.hugo.pk}-{s.pk}") for s in (matin, midi))
    limite = case.locator(".case-limite")
    assert "encore 1 h 00" in limite.inner_text()
    assert "encore 2 h 00" in reservee.locator(".case-limite").inner_text()
    case.click()
    case.click()
    assert page.locator("[data-compte]").inner_text() == "Rien à enregistrer"
    page.clock.fast_forward("30:00")
    assert "encore 30 min" in limite.inner_text()
    page.clock.fast_forward("31:00")
    assert limite.inner_text() == "limite passée"
    assert case.locator("input").get_attribute("aria-disabled") == "true"
    case.dispatch_event("click")  # Playwright attendrait qu'elle se permette
    case.locator("input").press("Space")
    page.get_by_role("button", name="Toute la semaine : Matin").click()
    assert not case.locator("input").is_checked()
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 3 réservations", "les autres jours"
    reservee.click()
    assert not reservee.locator("input").is_checked()
    page.clock.fast_forward("02:00:00")
    reservee.dispatch_event("click")
    assert reservee.locator("input").is_checked(), "décochée à temps, elle peut revenir"
    reservee.dispatch_event("click")
    assert reservee.locator("input").is_checked(), "mais ne s'annule plus"


def test_ce_qui_reste_possible_hors_delai_se_coche_encore(page, ouvrir, decor):
    a_dix_heures_du_soir = f.a_paris(2026, 9, 6, 22)
    matin = decor.seances["Matin", 0]
    matin.limite_reservation, matin.apres_limite = f.a_paris(2026, 9, 6, 23), "supplement"
    matin.save()
    page.clock.install(time=a_dix_heures_du_soir)
    with time_machine.travel(a_dix_heures_du_soir):
        ouvrir(page)
    page.clock.fast_forward("01:01:00")
    case = page.locator(f"#c{decor.hugo.pk}-{matin.pk}")
    assert case.locator(".case-limite").inner_text() == "limite passée"
    case.click()
    assert case.locator("input").is_checked()


# --- Au doigt -------------------------------------------------------------------------------------------------------
def test_au_telephone_on_reserve_en_touchant_les_jours(telephone, ouvrir, decor, courriels):
    page = ouvrir(telephone)
    page.locator("thead label", has_text="JEU.").tap()  # un jour à la fois
    assert not page.locator(f"#c{decor.hugo.pk}-{decor.seances['Restauration', 4].pk}").is_visible()
    page.get_by_text("Toute la semaine", exact=True).tap()
    for n in (3, 4):
        case = page.locator(f"#c{decor.hugo.pk}-{decor.seances['Restauration', n].pk}")
        assert case.bounding_box()["height"] >= 44
        case.tap()
    barre = page.locator(".planning-actions")
    assert barre.bounding_box()["y"] + barre.bounding_box()["height"] <= 740  # sous le pouce, sans défiler
    page.get_by_role("button", name="Enregistrer").tap()
    page.get_by_text("2 réservations enregistrées").wait_for()
    assert reservees() == [("Restauration", 4), ("Restauration", 5)]


@pytest.mark.parametrize("nom", ["planning_enfant", "planning_mois", "planning_annee", "periode", "journal"])
def test_rien_ne_deborde(page, ouvrir, decor, nom):
    f.enfant(decor.foyer, prenom="Lina-Rose")
    ouvrir(page, nom)
    for largeur in (320, 360, 768, 1280):
        page.set_viewport_size({"width": largeur, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= largeur


# --- Sans JavaScript ------------------------------------------------------------------------------------------------
def test_sans_javascript_la_meme_page_enregistre_et_nomme_ses_refus(sans_js, ouvrir, decor, courriels):
    mardi, vendredi = decor.seances["Restauration", 1], decor.seances["Restauration", 4]
    page = ouvrir(sans_js)
    page.locator(f"#c{decor.hugo.pk}-{mardi.pk}").click()
    page.locator(f"#c{decor.hugo.pk}-{vendredi.pk}").click()
    vendredi.capacite = 0  # la dernière place part pendant que l'on choisit
    vendredi.save()
    page.get_by_role("button", name="Enregistrer").click()
    assert "1 case refusée : rien n'est encore enregistré" in page.locator("#refus").inner_text()
    assert "Complet, il n'y a plus de place." in page.locator(f"#c{decor.hugo.pk}-{vendredi.pk}").inner_text()
    assert page.locator(f"#c{decor.hugo.pk}-{mardi.pk} input").is_checked()
    assert reservees() == []
    page.get_by_role("button", name="Enregistrer").click()
    assert "1 réservation enregistrée" in page.locator("main").inner_text()
    assert reservees() == [("Restauration", 2)]


def test_sans_javascript_une_periode_se_voit_puis_s_enregistre(sans_js, ouvrir, decor, courriels):
    page = ouvrir(sans_js, "periode", suite="?du=2026-09-07&au=2026-09-11")
    for jour in ("mardi", "jeudi", "vendredi"):
        page.get_by_label(f"Restauration, {jour}").check()
    page.get_by_role("button", name="Voir ce qui sera fait").click()
    assert "3 réservations" in page.locator("main").inner_text()
    page.get_by_role("button", name="Enregistrer 3 réservations").click()
    assert reservees() == [("Restauration", 2), ("Restauration", 4), ("Restauration", 5)]


# --- Lu par tous ----------------------------------------------------------------------------------------------------
def tous_les_etats(decor):
    """Une semaine où chaque état d'une case se montre au moins une fois, vue le mardi 8 à midi."""
    hors_delai = f.activite(site=decor.hugo.ecole, nom="Soir", ordre=2, heure_debut=dt.time(16),
                            heure_fin=dt.time(19))  # fmt: skip
    f.inscription(decor.hugo, hors_delai)
    f.seance(hors_delai, LUNDI + dt.timedelta(days=1), apres_limite="supplement")
    f.seance(hors_delai, LUNDI + dt.timedelta(days=3), capacite=0, apres_limite="supplement")
    f.seance(hors_delai, LUNDI + dt.timedelta(days=4), ouverte=False, motif="Grève")
    f.reservation(decor.hugo, decor.seances["Matin", 1])
    f.reservation(decor.hugo, decor.seances["Restauration", 3])
    f.reservation(decor.hugo, decor.seances["Matin", 3], etat="attente")
    f.reservation(decor.hugo, decor.seances["Restauration", 4], famille=f.famille())
    f.excuse(f.reservation(decor.hugo, decor.seances["Restauration", 0]))
    f.excuse(f.reservation(decor.hugo, decor.seances["Restauration", 1]), etat="refusee", reponse="Trop tard")
    Pointage.objects.create(
        enfant=decor.hugo, seance=f.reservation(decor.hugo, f.seance(hors_delai, LUNDI)).seance, etat="present",
        recu_le=f.a_paris(2026, 9, 7, 16),
    )  # fmt: skip
    f.jour_ferme(LUNDI + dt.timedelta(days=5), libelle="Fête de la commune", motif="ferie")


def fautes(page):
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [360, 1280])
def test_chaque_etat_d_une_case_est_accessible(new_context, ouvrir, decor, theme, largeur):
    tous_les_etats(decor)
    page = new_context(viewport={"width": largeur, "height": 900}, color_scheme=theme).new_page()
    with time_machine.travel(f.a_paris(2026, 9, 8, 12)):
        ouvrir(page)
        page.locator(".mot-present").wait_for()
    mots = {mot.strip() for mot in page.locator(".case-mot").all_inner_texts()} - {""}
    assert {"Trop tard", "Excuse envoyée", "Excuse refusée", "Réservé", "En attente", "Complet", "Présent"} <= mots
    page.locator("label.case").first.click()
    assert fautes(page) == []


@pytest.mark.parametrize("nom", ["planning_mois", "planning_annee", "periode", "journal"])
def test_les_autres_pages_sont_accessibles(page, ouvrir, decor, nom):
    tous_les_etats(decor)
    for reservation in Reservation.objects.all():
        Mouvement.objects.create(
            reservation=reservation, apres="reservee", origine="parent", instant=f.a_paris(2026, 9, 3), motif="Essai"
        )
    assert fautes(ouvrir(page, nom)) == []


def test_le_recu_l_excuse_l_apercu_et_le_refus_sont_accessibles(page, ouvrir, decor):
    ouvrir(page)
    lundi = decor.seances["Restauration", 0]
    page.locator(f"#c{decor.hugo.pk}-{lundi.pk}").click()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Voir le reçu").click()
    assert fautes(page) == []
    with time_machine.travel(f.a_paris(2026, 9, 7, 8)):
        ouvrir(page, "excuser", args=[Reservation.objects.get().pk], suite="")
    assert fautes(page) == []
    ouvrir(page, "periode", suite="?du=2026-09-07&au=2026-09-11")
    page.get_by_label("Restauration, mardi").check()
    page.get_by_role("button", name="Voir ce qui sera fait").click()
    assert fautes(page) == []
    ouvrir(page)
    mardi = decor.seances["Restauration", 1]
    page.locator(f"#c{decor.hugo.pk}-{mardi.pk}").click()
    mardi.capacite = 0
    mardi.save()
    page.get_by_role("button", name="Enregistrer").click()
    assert page.locator("#refus").is_visible()
    assert fautes(page) == []

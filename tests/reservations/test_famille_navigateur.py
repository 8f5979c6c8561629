"""La semaine de la famille dans un vrai navigateur : au doigt en douze touches, au clavier, sans JavaScript."""

import datetime as dt

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from reservations.models import Mouvement, Reservation
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
ECOLE = (0, 1, 3, 4)
PAGE = f"/reservations/?jour={LUNDI}"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def samedi():
    """Il est 18 h à Paris, le samedi 5 septembre 2026 : on vient réserver la semaine qui suit."""
    with time_machine.travel(f.a_paris(2026, 9, 5, 18)):
        yield


class Fratrie:
    """Hugo, Lina et Tom, chacun à la cantine et à l'accueil du matin, les deux premiers à celui du soir."""

    def __init__(self, aller):
        f.commune()
        self.aller = aller
        self.foyer = f.famille()
        self.foyer.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation")
        self.enfants, self.seances = {}, {}
        sites = {}
        for prenom, ne, classe in (("Hugo", 2016, "cm1"), ("Lina", 2019, "cp"), ("Tom", 2022, "ps")):
            site = sites.setdefault(classe, f.ecole())
            petit = self.enfants[prenom] = f.enfant(
                self.foyer, prenom=prenom, date_naissance=dt.date(ne, 5, 1), ecole=site, classe=classe
            )
            for nom, genre, heure in (("Matin", "matin", 7), ("Restauration", "midi", 12), ("Soir", "soir", 16)):
                if (prenom, nom) == ("Tom", "Soir"):
                    continue
                activite = f.activite(site=site, nom=nom, genre=genre, heure_debut=dt.time(heure),
                                      heure_fin=dt.time(heure + 1), ordre=heure)  # fmt: skip
                f.inscription(petit, activite)
                for semaine in range(4):
                    for n in ECOLE:
                        jour = LUNDI + dt.timedelta(days=n + 7 * semaine)
                        self.seances[prenom, nom, n + 7 * semaine] = f.seance(activite, jour)
        for genre in ("midi", "matin", "soir"):
            f.tarif(genre=genre)

    def case(self, page, prenom, nom, n):
        return page.locator(f"#c{self.enfants[prenom].pk}-{self.seances[prenom, nom, n].pk}")

    def reserver(self, *cases):
        for prenom, nom, n in cases:
            f.reservation(self.enfants[prenom], self.seances[prenom, nom, n])


@pytest.fixture
def fratrie(transactional_db, live_server, client):
    session = None

    def aller(page, adresse):
        nonlocal session
        if session is None:
            client.force_login(decor.foyer.compte)
            session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(live_server.url + adresse)
        return page

    decor = Fratrie(aller)
    return decor


def reservees():
    return sorted(
        (prenom, nom, (jour - LUNDI).days)
        for prenom, nom, jour in Reservation.objects.reservees().values_list(
            "enfant__prenom", "seance__activite__nom", "seance__jour"
        )
    )


def midis(*prenoms, jours=ECOLE):
    return sorted((prenom, "Restauration", n) for prenom in prenoms for n in jours)


def fautes(page):
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


# --- Au doigt -------------------------------------------------------------------------------------------------------
def test_de_l_accueil_la_semaine_de_trois_enfants_se_reserve_en_douze_touches_au_plus(telephone, fratrie, courriels):
    from portail.actions import accepter, installer_textes
    from portail.models import TexteConsentement

    installer_textes()
    accepter(fratrie.foyer.compte, TexteConsentement.objects.get(), f.a_paris(2026, 9, 1), "192.0.2.1")
    page, touches = fratrie.aller(telephone, reverse("accueil")), 0

    def toucher(quoi):
        nonlocal touches
        touches += 1
        assert quoi.bounding_box()["height"] >= 36
        quoi.tap()

    toucher(page.get_by_role("navigation").get_by_role("link", name="Planning", exact=True))
    page.locator("#semaine", has_text="7 – 13 septembre 2026").wait_for()
    rangees = page.get_by_role("button", name="Toute la semaine")
    expect(rangees).to_have_count(8)  # le script les ajoute : à compter avant lui, on n'en toucherait aucune
    for n in range(8):
        toucher(rangees.nth(n))
        expect(rangees.nth(n)).to_have_attribute("aria-pressed", "true")
    toucher(page.get_by_role("button", name="Enregistrer"))
    page.get_by_text("32 réservations enregistrées").wait_for()
    assert touches <= 12
    assert len(reservees()) == 32
    assert len(courriels()) == 1


def test_la_semaine_suivante_se_recopie_en_trois_touches(telephone, fratrie):
    fratrie.reserver(*midis("Hugo", "Lina"))
    page = fratrie.aller(telephone, f"/reservations/?jour={LUNDI + dt.timedelta(days=7)}")
    page.get_by_role("button", name="Comme la semaine d'avant").tap()
    page.get_by_text("8 jours cochés.").wait_for()
    page.get_by_role("button", name="Enregistrer").tap()
    page.get_by_text("8 réservations enregistrées").wait_for()
    assert reservees() == sorted([*midis("Hugo", "Lina"), *midis("Hugo", "Lina", jours=[n + 7 for n in ECOLE])])


def test_au_telephone_un_jour_a_la_fois_montre_tout_en_toutes_lettres(telephone, fratrie):
    page = fratrie.aller(telephone, PAGE)
    mardi, jeudi = fratrie.case(page, "Hugo", "Restauration", 1), fratrie.case(page, "Hugo", "Restauration", 3)
    mardi.tap()
    page.locator("thead label", has_text="JEU.").tap()
    assert (jeudi.is_visible(), mardi.is_visible()) == (True, False)
    jeudi.tap()
    page.get_by_text("Toute la semaine", exact=True).tap()
    assert mardi.locator("input").is_checked()
    assert jeudi.locator("input").is_checked()
    assert "2 réservations" in page.locator("[data-compte]").inner_text()
    assert "jeudi 10 septembre · modifiable" in page.locator("[data-case]").inner_text().replace("\u00a0", " ")


# --- Au clavier -----------------------------------------------------------------------------------------------------
def test_au_clavier_majuscule_et_les_fleches_choisissent_espace_coche_tout(page, fratrie):
    fratrie.aller(page, PAGE)
    fratrie.case(page, "Hugo", "Restauration", 0).locator("input").focus()
    for touche in ("ArrowRight", "ArrowRight", "ArrowDown"):  # lundi → mardi → jeudi ; puis le soir
        page.keyboard.press(f"Shift+{touche}")
    page.keyboard.press("Space")
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 6 réservations"
    page.keyboard.press("Escape")
    page.keyboard.press("Space")  # seule, la case se décoche
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 5 réservations"
    page.keyboard.press("ArrowDown")  # de Hugo à Lina
    assert fratrie.case(page, "Lina", "Matin", 3).locator("input").evaluate("e => e === document.activeElement")
    while page.evaluate("document.activeElement.textContent.trim()") != "Enregistrer":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("5 réservations enregistrées").wait_for()
    assert reservees() == [
        ("Hugo", "Restauration", 0), ("Hugo", "Restauration", 1), ("Hugo", "Restauration", 3),
        ("Hugo", "Soir", 0), ("Hugo", "Soir", 1),
    ]  # fmt: skip


def test_au_clavier_seul_depuis_le_haut_de_la_page(page, fratrie):
    """Personne ne pose le curseur : on y vient par la tabulation, comme sans souris."""
    fratrie.aller(page, PAGE)
    page.get_by_role("button", name="Toute la semaine").first.wait_for()
    premiere = fratrie.case(page, "Hugo", "Matin", 0).locator("input")
    for _ in range(60):
        page.keyboard.press("Tab")
        if premiere.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Enregistrer":
            break
    page.keyboard.press("Enter")
    page.get_by_text("2 réservations enregistrées").wait_for()
    assert reservees() == [("Hugo", "Matin", 0), ("Hugo", "Restauration", 0)]


def test_a_la_souris_majuscule_coche_de_la_derniere_case_a_celle_ci(page, fratrie):
    fratrie.aller(page, PAGE)
    fratrie.case(page, "Hugo", "Restauration", 0).locator("input").click()
    fratrie.case(page, "Hugo", "Soir", 3).locator("input").click(modifiers=["Shift"])
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 6 réservations"
    fratrie.case(page, "Hugo", "Restauration", 3).locator("input").click(modifiers=["Shift"])  # le jeudi se décoche
    assert page.locator("[data-compte]").inner_text() == "À enregistrer : 4 réservations"
    assert page.locator(".choisie").count() == 0


# --- Le prix --------------------------------------------------------------------------------------------------------
def test_le_prix_suit_ce_que_l_on_coche_et_dit_pourquoi(page, fratrie):
    fratrie.aller(page, PAGE)
    page.get_by_text("telle qu'elle est réservée").wait_for()
    fratrie.case(page, "Hugo", "Restauration", 0).click()
    fratrie.case(page, "Lina", "Restauration", 0).click()
    page.locator("#prix-change", has_text="+ 5,70").wait_for()
    page.get_by_text("Le détail, et pourquoi").click()
    assert "tranche 2 (QF 742" in page.locator("#prix").inner_text().replace("\u00a0", " ")
    assert reservees() == []


def test_sans_javascript_le_prix_est_une_page_qui_garde_les_coches(sans_js, fratrie):
    page = fratrie.aller(sans_js, PAGE)
    fratrie.case(page, "Hugo", "Restauration", 0).click()
    page.get_by_role("button", name="Voir le prix de ce qui est coché").click()
    assert "2,85" in page.locator("main").inner_text()
    page.get_by_role("button", name="Revenir au planning").click()
    assert fratrie.case(page, "Hugo", "Restauration", 0).locator("input").is_checked()
    page.get_by_role("button", name="Voir le prix de ce qui est coché").click()
    page.get_by_role("button", name="Enregistrer").click()
    assert reservees() == [("Hugo", "Restauration", 0)]


def test_sans_javascript_le_prix_dit_ce_qui_est_encore_possible_hors_delai(sans_js, fratrie):
    seance = fratrie.seances["Hugo", "Restauration", 0]
    seance.limite_reservation, seance.apres_limite = f.a_paris(2026, 9, 5, 12), "supplement"
    seance.save()
    page = fratrie.aller(sans_js, PAGE)
    page.get_by_role("button", name="Voir le prix de ce qui est coché").click()
    dit = page.locator("main").inner_text().replace("\u00a0", " ")
    assert "Hugo, Restauration du lundi 7 septembre : 2,85 €" in dit


# --- Deux onglets, défaire, la semaine type -------------------------------------------------------------------------
def test_deux_onglets_ne_se_defont_pas_l_un_l_autre(page, fratrie):
    fratrie.aller(page, PAGE)
    autre = fratrie.aller(page.context.new_page(), PAGE)
    fratrie.case(page, "Hugo", "Restauration", 0).click()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("1 réservation enregistrée").wait_for()
    fratrie.case(autre, "Lina", "Restauration", 0).click()
    autre.get_by_role("button", name="Enregistrer").click()
    autre.get_by_text("un autre écran avait changé : Hugo, Restauration du lundi 7 septembre (réservé)").wait_for()
    assert reservees() == midis("Hugo", "Lina", jours=[0])


def defaire_un_enregistrement(page, fratrie):
    fratrie.aller(page, PAGE)
    fratrie.case(page, "Hugo", "Restauration", 0).click()
    fratrie.case(page, "Tom", "Matin", 1).click()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Annuler cet enregistrement").click()
    assert "2 annulations" in page.locator("main").inner_text()
    assert reservees() == [("Hugo", "Restauration", 0), ("Tom", "Matin", 1)]
    page.get_by_role("button", name="Tout remettre comme avant").click()
    page.get_by_text("2 annulations enregistrées").wait_for()
    assert reservees() == []


def test_un_enregistrement_se_defait_en_deux_touches(page, fratrie):
    defaire_un_enregistrement(page, fratrie)


def test_sans_javascript_un_enregistrement_se_defait_aussi(sans_js, fratrie):
    defaire_un_enregistrement(sans_js, fratrie)
    assert Mouvement.objects.filter(motif__startswith="annule l'enregistrement").count() == 2


def semaine_type(page, fratrie):
    """Toutes les semaines, lundi et jeudi, pour Hugo et Lina, sur quatre semaines ; un jour est complet."""
    complet = fratrie.seances["Lina", "Restauration", 7]
    complet.capacite = 0
    complet.save()
    fratrie.aller(page, reverse("reservations:periode_famille"))
    for prenom in ("Hugo", "Lina"):
        for jour in ("lundi", "jeudi"):
            page.get_by_label(f"{prenom}, Restauration, {jour}").check()
    page.get_by_role("button", name="Toute l'année").click()
    page.get_by_role("button", name="Voir ce qui sera fait").click()
    main = page.locator("main").inner_text().replace("\u00a0", " ")
    assert "15 réservations" in main
    assert "complet le lun. 14 septembre" in main
    page.get_by_role("button", name="Enregistrer 15 réservations").click()
    page.get_by_text("15 réservations enregistrées").wait_for()
    assert ("Lina", "Restauration", 7) not in reservees()
    assert len(reservees()) == 15


def test_la_semaine_type_se_pose_sur_l_annee(page, fratrie):
    semaine_type(page, fratrie)


def test_sans_javascript_la_semaine_type_se_pose_aussi(sans_js, fratrie):
    semaine_type(sans_js, fratrie)


@pytest.mark.parametrize("avec", ["page", "sans_js"])
def test_les_jours_d_un_enfant_se_recopient_sur_les_autres(request, avec, fratrie):
    page = fratrie.aller(request.getfixturevalue(avec), PAGE)
    for n in (0, 3):
        fratrie.case(page, "Hugo", "Restauration", n).click()
    page.get_by_role("button", name="Mêmes jours pour les autres que Hugo").click()
    page.get_by_text("4 jours cochés.").wait_for()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("6 réservations enregistrées").wait_for()
    assert reservees() == midis("Hugo", "Lina", "Tom", jours=[0, 3])


# Les jours fermés de l'année de Hugo : la Toussaint et le pont de l'Ascension tombent des lundis et des jeudis.
FERMETURES = [
    (dt.date(2026, 10, 17), dt.date(2026, 11, 1), "Vacances de la Toussaint", "vacances"),
    (dt.date(2027, 5, 6), dt.date(2027, 5, 7), "Pont de l'Ascension", "pont"),
]


def test_la_semaine_type_se_pose_de_la_rentree_a_l_ete_et_saute_les_jours_fermes(page, fratrie):
    for debut, fin, libelle, motif in FERMETURES:
        f.jour_ferme(debut, fin, libelle=libelle, motif=motif)
    midi = fratrie.seances["Hugo", "Restauration", 0].activite
    an, semaines = f.annee(), 0
    for n in range(0, (an.fin - LUNDI).days + 1, 7):
        semaines += 1
        for jour in (LUNDI + dt.timedelta(days=n), LUNDI + dt.timedelta(days=n + 3)):
            ferme = next((libelle for du, au, libelle, _ in FERMETURES if du <= jour <= au), "")
            seance = fratrie.seances.get(("Hugo", "Restauration", (jour - LUNDI).days)) or f.seance(midi, jour)
            if ferme:
                seance.ouverte, seance.motif = False, ferme
                seance.save()
    attendues = 2 * semaines - 5  # deux lundis et deux jeudis de la Toussaint, le jeudi de l'Ascension
    fratrie.aller(page, reverse("reservations:periode", args=[fratrie.enfants["Hugo"].pk]))
    for jour in ("lundi", "jeudi"):
        page.get_by_label(f"Restauration, {jour}").check()
    page.get_by_role("button", name="Toute l'année").click()
    page.get_by_role("button", name="Voir ce qui sera fait").click()
    dit = page.locator("main").inner_text().replace("\u00a0", " ")
    assert f"{attendues} réservations" in dit
    assert "5 jours fermés sautés" in dit
    page.get_by_role("button", name=f"Enregistrer {attendues} réservations").click()
    page.get_by_text(f"{attendues} réservations enregistrées").wait_for()
    jours = {LUNDI + dt.timedelta(days=n) for _, _, n in reservees()}
    assert len(jours) == attendues > 75
    assert max(jours) > dt.date(2027, 6, 20)
    assert not any(du <= jour <= au for jour in jours for du, au, _, _ in FERMETURES)


# --- Lu par tous ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [360, 1280])
def test_la_famille_la_semaine_type_et_l_apercu_sont_accessibles(new_context, fratrie, theme, largeur):
    page = new_context(viewport={"width": largeur, "height": 900}, color_scheme=theme).new_page()
    fratrie.aller(page, PAGE)
    page.get_by_text("telle qu'elle est réservée").wait_for()
    fratrie.case(page, "Hugo", "Restauration", 0).click()
    assert fautes(page) == []
    if largeur == 360:
        page.locator("thead label", has_text="JEU.").click()
        assert fautes(page) == []
        page.get_by_text("Toute la semaine", exact=True).click()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Annuler cet enregistrement").click()
    assert fautes(page) == []
    fratrie.aller(page, reverse("reservations:periode_famille"))
    assert fautes(page) == []
    page.get_by_label("Hugo, Restauration, lundi").check()
    page.get_by_role("button", name="Voir ce qui sera fait").click()
    assert fautes(page) == []


# Le mot d'une case à cocher est peint par la feuille de style : axe ne mesure pas son contraste, ceci oui.
MOTS_PEINTS = """() => {
  const toile = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const clarte = (couleurs) => {
    for (const couleur of couleurs) { toile.fillStyle = couleur; toile.fillRect(0, 0, 1, 1); }
    const [r, v, b] = [...toile.getImageData(0, 0, 1, 1).data]
      .map((n) => n / 255).map((n) => (n <= .04045 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * v + .0722 * b + .05;
  };
  return [...document.querySelectorAll(".famille label.case .case-mot:empty")].map((mot) => {
    const fonds = [], peint = getComputedStyle(mot, "::before");
    for (let e = mot; e; e = e.parentElement) fonds.unshift(getComputedStyle(e).backgroundColor);
    const [fond, encre] = [clarte(fonds), clarte([...fonds, peint.color])];
    return [peint.content.match(/"([^"]*)"/)[1], Math.max(fond, encre) / Math.min(fond, encre)];
  });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [360, 1280])
def test_chaque_etat_d_une_case_est_accessible(new_context, live_server, settings, theme, largeur):
    settings.DEMO = True
    f.commune()
    page = new_context(viewport={"width": largeur, "height": 900}, color_scheme=theme).new_page()
    page.goto(f"{live_server.url}/dessin/")
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    peints = page.evaluate(MOTS_PEINTS)
    for etat in ("libre", "reserve"):
        page.locator(f".famille label.case-{etat}:not(.case-refuse)").first.click()
    peints += page.evaluate(MOTS_PEINTS)
    assert {mot for mot, _ in peints} == {
        "Libre", "À réserver", "Réservé", "À annuler", "Hors délai", "Une place pour vous",
    }  # fmt: skip
    assert [(mot, contraste) for mot, contraste in peints if contraste < 4.5] == []
    mots = {mot.strip() for mot in page.locator(".famille .case-mot").all_inner_texts()}
    assert {"Trop tard", "Complet", "En attente", "Pas encore ouvert", "Suspendu", "Fermé", "Excusé", "Excuse envoyée",
            "Excuse refusée", "Réservé par l'autre foyer", "Chez l'autre foyer"} <= mots  # fmt: skip
    assert Axe().run(page, ".famille").response["violations"] == []


def test_rien_ne_deborde(page, fratrie):
    for adresse in (PAGE, reverse("reservations:periode_famille")):
        fratrie.aller(page, adresse)
        for largeur in (320, 360, 768, 1280):
            page.set_viewport_size({"width": largeur, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") <= largeur

"""L'agent, dans un vrai navigateur : un toucher sur un téléphone, le réseau qui manque, une autre tablette."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from commune.regles import jour_de_paris
from familles.models import PersonneAutorisee
from presences import actions
from presences.models import Geste, Pointage
from tests import fabriques as f
from tests import navigateur
from tests.presences.outils import attendu, remplir, service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nadia():
    f.commune()
    return f.agent("Agents", prenom="Nadia", nom="PETIT")


@pytest.fixture
def seance():
    return service(jour_de_paris(timezone.now()))


def ouvrir(page, serveur, compte, adresse=None):
    return navigateur.ouvrir(page, serveur, compte, adresse or reverse("presences:jour"))


def ligne(page, enfant):
    return page.locator(f"#e-{enfant.pk}")


def test_un_toucher_suffit_et_la_page_ne_se_recharge_pas(live_server, telephone, nadia, seance):
    hugo = attendu(seance, "Hugo")
    remplir(seance, 20)
    fautes = []
    telephone.on("pageerror", lambda e: fautes.append(str(e)))
    telephone.on("console", lambda m: fautes.append(m.text) if m.type == "error" else None)
    page = ouvrir(telephone, live_server, nadia)
    page.evaluate("window.temoin = true")
    ligne(page, hugo).get_by_role("button", name="Présent").tap()
    expect(ligne(page, hugo).get_by_role("button", name="Présent")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#compte")).to_contain_text("1 présent sur 21")
    assert page.evaluate("window.temoin"), "la page n'a pas été rechargée"
    ligne(page, hugo).get_by_role("button", name="Absent").tap()
    expect(page.locator("#compte")).to_contain_text("1 absent")
    ligne(page, hugo).get_by_role("button", name="Effacer").tap()
    expect(page.locator("#compte")).to_contain_text("21 à pointer")
    assert list(Geste.objects.order_by("pk").values_list("apres", flat=True)) == ["present", "absent", ""]
    assert Geste.objects.exclude(instant_appareil=None).count() == 3, "chaque geste porte l'heure de l'appareil"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert fautes == []


def test_dix_touchers_plus_vite_que_le_reseau_sont_tous_gardes(live_server, telephone, nadia, seance):
    enfants = [attendu(seance, f"Enfant{n}") for n in range(10)]
    page = ouvrir(telephone, live_server, nadia)
    page.evaluate("document.querySelectorAll('.geste-present').forEach((b) => b.click())")
    page.evaluate(f"document.querySelector('#g-{enfants[0].pk}-absent').click()")  # on se ravise, avant toute réponse
    expect(page.locator("#compte")).to_contain_text("1 absent")
    expect(page.locator("#compte")).to_contain_text("9 présents sur 10")
    assert Pointage.objects.presents().count() == 9
    assert Pointage.objects.get(enfant=enfants[0]).etat == "absent"


def test_un_toucher_pendant_que_la_ligne_se_remplace_ne_recharge_pas_la_page(live_server, telephone, nadia, seance):
    hugo = attendu(seance, "Hugo")
    page = ouvrir(telephone, live_server, nadia)
    page.evaluate(f"""
        window.lameme = true;
        document.addEventListener("htmx:afterRequest", () => document.querySelector("#g-{hugo.pk}-absent").click(),
                                  {{once: true}});
        document.querySelector("#g-{hugo.pk}-present").click();
    """)
    expect(page.locator("#compte")).to_contain_text("1 absent")
    assert page.evaluate("window.lameme")
    assert Pointage.objects.get().etat == "absent"


def test_une_reponse_en_retard_ne_recouvre_pas_le_compte_d_une_plus_recente(live_server, telephone, nadia, seance):
    hugo, lina = attendu(seance, "Hugo"), attendu(seance, "Lina")
    page = ouvrir(telephone, live_server, nadia)
    retenues = []

    def en_retard(route):
        retenues.append((route, route.fetch()))  # le serveur a répondu ; la réponse traîne en chemin

    page.route(f"**{reverse('presences:pointer', args=[seance.pk, hugo.pk])}*", en_retard)
    ligne(page, hugo).get_by_role("button", name="Présent").tap()
    ligne(page, lina).get_by_role("button", name="Absent").tap()
    expect(page.locator("#compte")).to_contain_text("1 absent")
    (route, reponse), *_ = retenues
    route.fulfill(response=reponse)
    expect(ligne(page, hugo).get_by_role("button", name="Présent")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#compte")).to_contain_text("1 présent sur 2")
    expect(page.locator("#compte")).to_contain_text("1 absent")


def test_les_boutons_sont_larges_comme_un_doigt(live_server, telephone, nadia, seance):
    attendu(seance, "Hugo")
    page = ouvrir(telephone, live_server, nadia)
    for bouton in page.locator(".geste").all():
        boite = bouton.bounding_box()
        assert min(boite["width"], boite["height"]) >= 44


def test_sans_reseau_la_ligne_le_dit_et_un_second_toucher_passe(live_server, telephone, nadia, seance):
    hugo = attendu(seance, "Hugo")
    page = ouvrir(telephone, live_server, nadia)
    page.context.set_offline(True)
    ligne(page, hugo).get_by_role("button", name="Présent").tap()
    expect(ligne(page, hugo).get_by_role("alert")).to_contain_text("Pas enregistré")
    page.context.set_offline(False)
    ligne(page, hugo).get_by_role("button", name="Présent").tap()
    expect(page.locator("#compte")).to_contain_text("1 présent")
    assert Pointage.objects.get().etat == "present"


def test_ce_qu_une_autre_tablette_pointe_arrive_tout_seul(live_server, telephone, nadia, seance):
    hugo = attendu(seance, "Hugo")
    page = ouvrir(telephone, live_server, nadia)
    actions.pointer(hugo, seance, "absent", f.agent("Agents", prenom="Sami"), timezone.now())
    page.evaluate("htmx.trigger('[data-nouvelles]', 'nouvelles')")
    expect(ligne(page, hugo)).to_have_class(re.compile("eleve-absent"))
    expect(page.locator("#compte")).to_contain_text("Tout le monde est pointé")


@pytest.mark.parametrize("temoin", ["sessionid", None], ids=["session finie", "témoins effacés"])
def test_la_session_finie_ramene_aussitot_a_la_connexion(live_server, telephone, nadia, seance, temoin):
    hugo = attendu(seance, "Hugo")
    page = ouvrir(telephone, live_server, nadia)
    page.context.clear_cookies(name=temoin)
    ligne(page, hugo).get_by_role("button", name="Présent").tap()
    page.wait_for_url("**/connexion/**", timeout=10_000)  # sans attendre la question des vingt secondes


def test_filtrer_en_tapant_sans_accent(live_server, telephone, nadia, seance):
    elodie, hugo = attendu(seance, "Élodie"), attendu(seance, "Hugo")
    page = ouvrir(telephone, live_server, nadia)
    page.get_by_label("Nom ou prénom").fill("elo")
    expect(ligne(page, elodie)).to_be_visible()
    expect(ligne(page, hugo)).to_be_hidden()
    page.get_by_label("Nom ou prénom").fill("xyz")
    expect(page.get_by_text("Aucun enfant de la liste ne porte ce nom.")).to_be_visible()


def test_sans_script_tout_se_pointe_aussi(live_server, sans_js, nadia, seance):
    hugo, lina = attendu(seance, "Hugo"), attendu(seance, "Lina")
    page = ouvrir(sans_js, live_server, nadia)
    ligne(page, hugo).get_by_role("button", name="Absent").click()
    expect(page.locator("#compte")).to_contain_text("1 absent")
    page.get_by_role("link", name="Ajouter un enfant").click()
    f.enfant(prenom="Zélie", nom="AUGER", ecole=seance.activite.site)
    page.get_by_label("Nom ou prénom").fill("zelie")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_label("Raison").fill("Appel de 8 h")
    page.get_by_role("button", name="Ajouter à la liste").click()
    expect(page.get_by_text("Zélie AUGER est sur la liste")).to_be_visible()
    assert dict(Pointage.objects.values_list("enfant__prenom", "etat")) == {"Hugo": "absent", "Zélie": "present"}
    assert not Pointage.objects.filter(enfant=lina).exists()


def test_au_clavier_le_foyer_reste_sur_le_bouton(live_server, page, nadia, seance):
    hugo = attendu(seance, "Hugo")
    ouvrir(page, live_server, nadia)
    ligne(page, hugo).get_by_role("button", name="Présent").focus()
    page.keyboard.press("Space")
    expect(page.locator("#compte")).to_contain_text("1 présent")
    assert page.evaluate("document.activeElement.id") == f"g-{hugo.pk}-present"


@pytest.mark.parametrize("sombre", [False, True])
def test_axe_ne_trouve_rien_a_redire(live_server, new_context, nadia, seance, sombre):
    hugo = attendu(seance, "Hugo", sante={"pai": "x", "allergies": "y", "regime": "sans_porc", "panier_repas": True})
    remplir(seance, 12)
    paul = hugo.familles.get().adultes.create(civilite="m", nom="DUPONT", prenom="Paul")
    PersonneAutorisee.objects.create(enfant=hugo, adulte=paul, interdit=True)
    actions.pointer(hugo, seance, "present", nadia, timezone.now())
    page = new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark" if sombre else "light", reduced_motion="reduce"
    ).new_page()
    fiche = reverse("presences:enfant", args=[seance.pk, hugo.pk])
    adresses = [
        reverse("presences:jour"), reverse("presences:jour") + "?jour=2026-11-22", fiche,
        reverse("presences:ajouter", args=[seance.pk]) + "?q=prenom", reverse("presences:effectifs"),
        reverse("presences:ecarts"),
    ]  # fmt: skip
    for adresse in adresses:
        ouvrir(page, live_server, nadia, adresse)
        assert fautes_axe(page) == [], adresse
    page.goto(live_server.url + fiche)
    page.get_by_role("button", name="Lire sa fiche sanitaire").click()
    assert fautes_axe(page) == []


def fautes_axe(page):
    return [
        (faute["id"], [noeud["html"][:120] for noeud in faute["nodes"]])
        for faute in Axe().run(page).response["violations"]
    ]

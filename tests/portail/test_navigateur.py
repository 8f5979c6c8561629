"""Les deux premières étapes dans un vrai navigateur : téléphone, clavier, sans JavaScript, lecteur d'écran."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from familles.models import Famille
from portail import actions
from portail.models import Compte, Consentement
from tests import fabriques

from .outils import COORDONNEES, MOT_DE_PASSE, lien

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def adresse(live_server, settings):
    settings.ALTCHA_VERIFICATION_ENABLED = True  # la vraie preuve, calculée par le vrai script
    fabriques.commune()
    actions.installer_textes()
    return live_server.url


@pytest.fixture
def celine(adresse):
    compte = fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr")).compte
    actions.accepter(compte, actions.texte_en_vigueur(timezone.now()), timezone.now(), "192.0.2.1")
    return compte


def entrer(page, adresse, email="celine@demo.fr"):
    page.goto(f"{adresse}/connexion/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Votre mot de passe", exact=False).first.fill("portail-famille")
    page.get_by_label("Je ne suis pas un robot").check()
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)


def sans_obstacle(page):
    page.evaluate("document.querySelector('.reglure')?.remove()")  # axe ne mesure pas devant un dégradé
    fautes = Axe().run(page).response["violations"]
    assert [(f["id"], [n["html"] for n in f["nodes"]]) for f in fautes] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    assert page.locator("h1").count() == 1
    assert page.title().endswith("Migné-Auxances")


def creer(page, adresse):
    page.goto(f"{adresse}/connexion/")
    page.get_by_role("link", name="Créer un nouveau compte").click()
    page.get_by_label("Mme").check()
    page.get_by_label("Nom", exact=False).first.fill("la star")
    page.get_by_label("Prénom").fill("celine")
    page.locator("[name=email]").fill("Celine@Exemple.fr")
    page.locator("[name=confirmation]").fill("celine@exemple.fr")
    page.get_by_role("button", name="Étape suivante").click()
    for champ, valeur in COORDONNEES.items():
        page.locator(f"[name={champ}]").fill(valeur)
    page.get_by_role("button", name="Étape précédente").click()
    assert page.locator("[name=nom]").input_value() == "la star"
    page.get_by_role("button", name="Étape suivante").click()
    assert page.locator("[name=telephone]").input_value() == "0612345678"
    page.get_by_role("button", name="Étape suivante").click()
    page.get_by_label("Je ne suis pas un robot").check()


def finir(page, adresse, chemin):
    page.goto(adresse + chemin)
    page.locator("[name=new_password1]").fill(MOT_DE_PASSE)
    page.locator("[name=new_password2]").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Ouvrir mon Espace Famille").click()
    page.wait_for_url("**/consentement/**")
    page.get_by_role("button", name="J'accepte").click()
    page.wait_for_url("**/accueil/")
    assert str(Famille.objects.get()) == "Famille LA STAR"
    assert Consentement.objects.get().adresse_ip == "127.0.0.1"


def test_du_telephone_on_cree_son_compte_et_l_on_consent(telephone, adresse, courriels):
    creer(telephone, adresse)
    telephone.get_by_role("button", name="Créer mon compte").click()
    telephone.wait_for_url("**/boite-aux-lettres/")
    finir(telephone, adresse, lien(courriels()[0]))


def test_sans_javascript_tout_se_fait_aussi(sans_js, adresse, courriels):
    creer(sans_js, adresse)
    time.sleep(3.1)  # sans preuve, un temps humain
    sans_js.get_by_role("button", name="Créer mon compte").click()
    sans_js.wait_for_url("**/boite-aux-lettres/")
    finir(sans_js, adresse, lien(courriels()[0]))
    sans_js.get_by_role("button", name="Déconnexion").click()
    sans_js.wait_for_url("**/connexion/")
    sans_js.get_by_label("Adresse e-mail").fill("celine@exemple.fr")
    sans_js.locator("[name=mot_de_passe]").fill(MOT_DE_PASSE)
    sans_js.get_by_label("Je ne suis pas un robot").check()
    time.sleep(3.1)
    sans_js.get_by_role("button", name="Se connecter").click()
    sans_js.wait_for_url("**/accueil/")


def test_le_navigateur_calcule_une_preuve_que_le_serveur_accepte(page, adresse, celine):
    """Aussitôt rempli, aussitôt envoyé : sans preuve juste, ce serait trop rapide."""
    fautes = []
    page.on("console", lambda message: fautes.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda erreur: fautes.append(str(erreur)))
    entrer(page, adresse)
    assert page.url.endswith("/accueil/")
    assert fautes == []


def test_la_connexion_se_fait_au_clavier_seul(page, adresse, celine):
    page.goto(f"{adresse}/connexion/")
    ordre = []
    for _ in range(30):
        page.keyboard.press("Tab")
        nom = page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")
        ordre.append(nom)
        if nom == "email":
            page.keyboard.type("celine@demo.fr")
        elif nom == "mot_de_passe":
            page.keyboard.type("portail-famille")
        elif nom == "robot":
            page.keyboard.press("Space")
        elif nom == "Se connecter":
            page.keyboard.press("Enter")
            break
    assert "reponse_libre" not in ordre
    page.wait_for_url("**/accueil/")


def test_un_refus_se_lit_d_abord_et_ce_qui_est_tape_reste(page, adresse, celine):
    page.goto(f"{adresse}/connexion/")
    page.get_by_label("Adresse e-mail").fill("celine@demo.fr")
    page.locator("[name=mot_de_passe]").fill("faux")
    page.get_by_label("Je ne suis pas un robot").check()
    page.get_by_role("button", name="Se connecter").click()
    resume = page.locator(".resume-erreurs")
    resume.wait_for()
    assert "L'adresse e-mail ou le mot de passe ne correspond pas." in resume.inner_text()
    assert page.evaluate("document.activeElement.className") == "resume-erreurs"
    assert page.title().startswith("Erreur : ")
    assert page.get_by_label("Adresse e-mail").input_value() == "celine@demo.fr"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("largeur", [320, 1280])
def test_aucune_page_ne_fait_obstacle_ni_ne_deborde(new_context, adresse, celine, theme, largeur):
    page = new_context(viewport={"width": largeur, "height": 800}, color_scheme=theme).new_page()
    for chemin in ["/connexion/", "/compte/creer/", "/mot-de-passe/oublie/", "/mot-de-passe/envoye/",
                   "/compte/ouvrir/faux/", "/mentions-legales/", "/accessibilite/"]:  # fmt: skip
        page.goto(adresse + chemin)
        sans_obstacle(page)
    page.goto(f"{adresse}/compte/creer/")
    page.get_by_role("button", name="Étape suivante").click()
    sans_obstacle(page)  # la page et ses refus
    creer(page, adresse)
    sans_obstacle(page)
    page.goto(adresse + "/connexion/")
    entrer(page, adresse)
    for chemin in ["/mes-donnees/", "/mes-donnees/retirer/", "/mes-donnees/demander/", "/email/changer/",
                   "/mot-de-passe/changer/"]:  # fmt: skip
        page.goto(adresse + chemin)
        sans_obstacle(page)
    Compte.objects.update(texte_accepte=None)
    page.goto(f"{adresse}/consentement/")
    sans_obstacle(page)


def test_les_pages_des_liens_recus_ne_font_pas_obstacle(page, adresse, celine, courriels):
    actions.envoyer_lien_mot_de_passe(celine.email, adresse)
    actions.demander_changement_email(celine, "neuve@demo.fr", adresse, timezone.now())
    champs = COORDONNEES | {"civilite": "mme", "nom": "x", "prenom": "y", "email": "z@demo.fr"}
    actions.demander_compte(champs, adresse, timezone.now())
    for courriel in courriels():
        page.goto(adresse + lien(courriel))
        sans_obstacle(page)


def test_la_page_de_la_pause_ne_fait_pas_obstacle(page, adresse, celine, settings):
    settings.AXES_FAILURE_LIMIT = 1
    page.goto(f"{adresse}/connexion/")
    page.get_by_label("Adresse e-mail").fill("celine@demo.fr")
    page.locator("[name=mot_de_passe]").fill("faux")
    page.get_by_label("Je ne suis pas un robot").check()
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("heading", name="Connexion en pause jusqu'à").wait_for()
    sans_obstacle(page)

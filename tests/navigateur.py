"""Entrer dans le portail avec un vrai navigateur, et regarder ce que chaque page doit à tous."""

from axe_playwright_python.sync_playwright import Axe
from django.test import Client

TOUT = {"resultTypes": ["violations"]}
COULEURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


def entrer(page, serveur, compte):
    """La page d'un navigateur où ce compte est connecté ; celui d'avant en est sorti."""
    client = Client()
    client.force_login(compte)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": serveur.url}])
    return page


def ouvrir(page, serveur, compte, adresse):
    entrer(page, serveur, compte).goto(serveur.url + adresse)
    return page


def sans_faute(page, contexte=None):
    """Axe, en clair puis, pour ce qui en dépend, en sombre ; et rien ne déborde d'un petit téléphone."""
    for mode, regles in (("light", TOUT), ("dark", COULEURS)):
        page.emulate_media(color_scheme=mode, reduced_motion="reduce")
        resultat = Axe().run(page, context=contexte, options=regles)
        assert [(v["id"], v["nodes"][0]["html"][:150]) for v in resultat.response["violations"]] == [], mode
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

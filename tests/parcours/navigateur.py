"""Un navigateur surveillé : aucune erreur de console, aucun refus de la politique de sécurité, aucun débordement."""

import os
import re
from itertools import count
from pathlib import Path

CAPTURES = os.environ.get("CAPTURES")  # un dossier : chaque page regardée y laisse son image
ECRANS = {
    "ordinateur": {"viewport": {"width": 1280, "height": 900}},
    "telephone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "sans_js": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
}
_rang = count(1)


class Navigateurs:
    """Les navigateurs d'un essai : ``fautes`` est ce que leurs consoles ont dit de mal."""

    def __init__(self, new_context, adresse, horloge):
        self._new_context, self._adresse, self._horloge = new_context, adresse, horloge
        self.fautes = []

    def ouvrir(self, ecran="ordinateur"):
        """Une page neuve, sans session. ``page.ecran`` et ``page.vues`` (les chemins visités) l'accompagnent."""
        contexte = self._new_context(base_url=self._adresse, reduced_motion="reduce", **ECRANS[ecran])
        contexte.set_default_timeout(15_000)
        return self._surveiller(contexte.new_page(), ecran)

    def autre_onglet(self, page):
        """Un second onglet du même navigateur : la même session."""
        return self._surveiller(page.context.new_page(), page.ecran)

    def _surveiller(self, page, ecran):
        page.ecran, page.vues, page.horloge = ecran, [], self._horloge
        page.on("console", lambda dit: self._noter(page, dit.text) if dit.type in ("error", "warning") else None)
        page.on("pageerror", lambda erreur: self._noter(page, str(erreur)))
        page.on("framenavigated", lambda cadre: self._suivre(page, cadre))
        return page

    def _suivre(self, page, cadre):
        if cadre == page.main_frame:
            page.vues.append(chemin(cadre.url))

    def _noter(self, page, texte):
        if "preloaded using link preload" in texte:
            return  # la police a mis plus de quelques secondes à servir : la machine est chargée, la page n'y peut rien
        self.fautes.append(f"{page.ecran} {chemin(page.url)} : {texte}")


def chemin(url):
    return re.sub(r"^\w+://[^/]+", "", url).split("#")[0]


def regarder(page, nom):
    """La page tient dans l'écran, porte un titre et un seul, en français, et n'est pas une erreur."""
    page.wait_for_load_state()
    if CAPTURES:
        Path(CAPTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{CAPTURES}/{page.ecran}-{next(_rang):03}-{nom}.png", full_page=True, caret="initial")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{nom} déborde : {page.url}"
    assert page.evaluate("document.documentElement.lang").startswith("fr"), page.url
    assert page.locator("h1").count() == 1, page.url


def champ(page, nom):
    """Le champ de texte que son étiquette nomme exactement, comme l'annonce un lecteur d'écran."""
    return page.get_by_role("textbox", name=nom, exact=True)


def dit(page, texte):
    """La page dit ``texte``, quelque part où on le lit."""
    page.get_by_text(texte).filter(visible=True).first.wait_for()

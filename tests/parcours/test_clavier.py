"""La connexion et le planning sans souris : Tab, flèches, espace, entrée ; et l'on voit toujours où l'on est."""

import pytest

from reservations.models import Reservation

from .navigateur import dit
from .parent import enregistrees

pytestmark = pytest.mark.django_db(transaction=True)

# Le focus se voit par un contour ou une ombre, sur l'élément ou sur la carte cliquable qui le contient.
# Un champ de date s'arrête plusieurs fois : le jour, le mois, l'année, puis son calendrier, que le navigateur dessine.
SE_VOIT = """() => {
  const ici = document.activeElement, encore = ici === window.avant;
  window.avant = ici;
  if (encore && ici.type === "date") return true;
  return [ici, ici.closest("label"), ici.parentElement].filter(Boolean).some((e) => {
    const style = getComputedStyle(e);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  });
}"""
NOM = """() => {
  const ici = document.activeElement, etiquette = ici.labels?.[0];
  const par = ici.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent);
  const nom = ici.ariaLabel || par?.join(" ") || etiquette?.textContent || ici.textContent || "";
  return nom.replace(/\\s+/g, " ").trim();
}"""


def aller_jusqu_a(page, *mots):
    """Tab, encore Tab, jusqu'à l'élément qui porte ce nom ; chaque arrêt se voit."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(SE_VOIT), f"focus invisible : {page.evaluate(NOM)}"
        nom = page.evaluate(NOM)
        if all(mot in nom for mot in mots):
            return
    raise AssertionError(f"{mots} ne s'atteint pas au clavier")


def test_se_connecter_puis_reserver_au_clavier_seul(celine, navigateurs):
    page = navigateurs.ouvrir()
    page.goto("/connexion/")
    aller_jusqu_a(page, "Adresse e-mail")
    page.keyboard.type("celine@exemple.fr")
    aller_jusqu_a(page, "Votre mot de passe")
    page.keyboard.type("portail-famille")
    aller_jusqu_a(page, "Je ne suis pas un robot")
    page.keyboard.press("Space")
    aller_jusqu_a(page, "Se connecter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accueil/")

    aller_jusqu_a(page, "Planning de Hugo")
    page.keyboard.press("Enter")
    dit(page, "9 – 15 novembre 2026")
    aller_jusqu_a(page, "Semaine suivante")
    page.keyboard.press("Enter")
    dit(page, "16 – 22 novembre 2026")
    aller_jusqu_a(page, "Restauration", "lundi 16 novembre")
    page.keyboard.press("Space")
    for fleche, activite, jour in [
        ("ArrowDown", "Accueil du soir", "lundi 16 novembre"),
        ("ArrowRight", "Accueil du soir", "mardi 17 novembre"),
        ("ArrowUp", "Restauration", "mardi 17 novembre"),
    ]:
        page.keyboard.press(fleche)
        nom = page.evaluate(NOM)
        assert activite in nom
        assert jour in nom
        assert page.evaluate(SE_VOIT)
    page.keyboard.press("Space")
    dit(page, "À enregistrer : 2 réservations")
    aller_jusqu_a(page, "Enregistrer")
    page.keyboard.press("Enter")
    dit(page, "2 réservations enregistrées.")
    assert enregistrees() == ["Restauration le 16/11", "Restauration le 17/11"]
    assert Reservation.objects.count() == 2

"""Ce que fait un agent à la cantine, sur sa tablette."""

from .navigateur import dit, regarder
from .parent import se_connecter, telecharger_pdf


def ouvrir_la_liste_du_midi(page):
    se_connecter(page, "agent@demo.fr", "portail-famille")
    page.wait_for_url("**/presences/")
    regarder(page, "agent-sites")
    page.get_by_role("link", name="Primaire de Limbre").click()
    dit(page, "Restauration")
    dit(page, "mardi 17")
    hugo = page.locator(".eleve", has_text="LA STAR")
    for mot in ["Hugo", "Allergie", "sans porc"]:
        assert mot.lower() in hugo.inner_text().lower(), hugo.inner_text()
    regarder(page, "agent-liste")


def pointer_present(page):
    page.get_by_role("button", name="Présent").click()
    page.get_by_role("button", name="Présent", pressed=True).wait_for()
    dit(page, "Tout le monde est pointé")


def imprimer_la_liste(page):
    lu = telecharger_pdf(page, page.get_by_role("link", name="Imprimer", exact=True))
    for mot in ["Restauration", "LA STAR Hugo", "06 12 34 56 78", "Signature", "CM1"]:
        assert mot.lower() in lu.lower(), (mot, lu)

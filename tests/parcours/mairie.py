"""Ce que fait la mairie dans l'administration : la direction vérifie et décide, la régie facture et encaisse."""

from .navigateur import dit, regarder
from .parent import se_connecter


def prendre_son_poste(page, email):
    se_connecter(page, email, "portail-famille")
    page.wait_for_url("**/admin/")
    regarder(page, f"mairie-{email.split('@')[0]}")


def ouvrir_ce_qui_attend(page, pile, combien):
    """La première page de la mairie dit combien attendent, et y mène."""
    page.goto("/admin/")
    lien = page.locator(".piles a", has_text=pile)
    assert str(combien) in lien.inner_text().split(), lien.inner_text()
    lien.click()


# --- Les dossiers -----------------------------------------------------------------------------------------------
def verifier_les_pieces(page, combien):
    """L'une après l'autre, l'image à côté de la décision, sans revenir à la liste."""
    ouvrir_ce_qui_attend(page, "Pièces à vérifier", combien)
    regarder(page, "mairie-pieces")
    page.get_by_role("link", name="Vérifier l'une après l'autre").click()
    for rang in range(combien):
        reste = combien - rang
        dit(page, f"{reste} pièces à vérifier" if reste > 1 else "1 pièce à vérifier")
        voir_le_document(page)
        regarder(page, f"mairie-piece-{rang}")
        page.get_by_role("button", name="Valider").click()
    dit(page, "Il n'y a plus de pièce à vérifier.")
    regarder(page, "mairie-pieces-verifiees")


def voir_le_document(page):
    """L'image s'affiche vraiment, ou le PDF a son cadre."""
    image = page.locator(".verification-vue img")
    if image.count():
        assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 500
    else:
        assert page.locator(".verification-vue iframe").is_visible()


def valider_le_dossier(page):
    ouvrir_ce_qui_attend(page, "Dossiers à valider", 1)
    dit(page, "4 / 4")
    regarder(page, "mairie-dossiers")
    page.get_by_role("button", name="Valider le dossier de la Famille LA STAR").click()
    dit(page, "dossier validé")


# --- Les inscriptions et les excuses ----------------------------------------------------------------------------
def accepter_la_demande(page):
    ouvrir_ce_qui_attend(page, "Demandes d'inscription", 1)
    regarder(page, "mairie-demandes")
    page.get_by_role("link", name="Décider").click()
    dit(page, "Rien ne s'y oppose")
    regarder(page, "mairie-demande")
    page.get_by_role("button", name="Accepter").click()
    dit(page, "La famille est prévenue.")


def accepter_l_excuse(page):
    ouvrir_ce_qui_attend(page, "Excuses à décider", 1)
    regarder(page, "mairie-excuses")
    page.get_by_role("link", name="Hugo LA STAR").first.click()
    dit(page, "Hugo est malade, il reste à la maison.")
    regarder(page, "mairie-excuse")
    page.get_by_role("button", name="Accepter").click()
    dit(page, "La famille est prévenue.")


# --- La régie ---------------------------------------------------------------------------------------------------
def regarder_puis_emettre_novembre(page):
    """L'aperçu dit le total avant que rien ne soit écrit ; l'ouvrier fait le reste."""
    page.goto("/admin/")
    page.get_by_role("link", name="Facturation du mois").first.click()
    regarder(page, "regie-facturations")
    page.goto("/admin/facturation/facturation/add/")
    page.get_by_label("Mois à facturer").select_option("Novembre 2026")
    page.get_by_role("button", name="Regarder").click()
    dit(page, "12,40 €")
    regarder(page, "regie-apercu")
    page.get_by_role("button", name="Émettre 1 facture").click()
    dit(page, "En attente")
    regarder(page, "regie-emission")


def constater_l_emission(page):
    page.reload()
    dit(page, "Émission terminée")
    dit(page, "12,40 €")
    regarder(page, "regie-emise")


def encaisser_un_cheque(page, reference):
    page.goto("/admin/facturation/reglement/add/")
    page.get_by_label("Famille, parent, enfant, ou numéro de facture").fill("célîne")
    page.get_by_role("button", name="Chercher").click()
    regarder(page, "regie-encaisser-qui")
    page.get_by_role("link", name="Famille LA STAR").click()
    dit(page, "12,40 €")
    page.get_by_label("Moyen").select_option("chèque")
    page.get_by_label("Référence").fill("0004521")
    regarder(page, "regie-encaisser")
    assert reference in page.get_by_label("Pour la facture").locator("option:checked").inner_text()
    page.get_by_role("button", name="Enregistrer le règlement").click()
    dit(page, "enregistré")
    regarder(page, "regie-encaisse")

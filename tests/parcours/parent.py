"""Ce que fait un parent, geste après geste, comme il le lit sur sa page."""

import re

from django.utils import timezone

from portail.actions import accepter, texte_en_vigueur
from reservations.models import Reservation
from tests import fabriques

from . import papiers
from .navigateur import champ, dit, regarder

MOT_DE_PASSE = "quatre mots sans rapport"
EMAIL = "celine@exemple.fr"


def texte(courriel):
    return courriel.get_body(("plain",)).get_content()


def lire_un_courriel(courriels, objet, a=EMAIL):
    """Relève la boîte : un seul courriel de cet objet, rendu en texte, sans rien d'anglais ni de non remplacé."""
    recus = {courriel["Subject"]: texte(courriel) for courriel in courriels() if a in courriel["To"]}
    trouves = [lu for sujet, lu in recus.items() if objet in sujet]
    assert len(trouves) == 1, list(recus)
    assert not re.search(r"{{|{%", trouves[0])
    return trouves[0]


def lien(lu):
    return re.search(r"http://[^/\s]+(/\S+)", lu)[1]


# --- Étape 1 : le compte ----------------------------------------------------------------------------------------
def cocher_je_ne_suis_pas_un_robot(page):
    """Sans script, pas de preuve : la page est plus patiente, et le serveur compte un temps humain."""
    page.get_by_label("Je ne suis pas un robot").check()
    if page.ecran == "sans_js":
        page.horloge.attendre(4)


def creer_son_compte(page):
    page.goto("/connexion/")
    regarder(page, "connexion")
    page.get_by_role("link", name="Créer un nouveau compte").click()
    page.get_by_label("Mme").check()
    champ(page, "Nom").fill("la star")
    champ(page, "Prénom").fill("celine")
    champ(page, "Adresse e-mail").fill("Celine@Exemple.fr")
    champ(page, "Confirmation adresse e-mail").fill(EMAIL)
    regarder(page, "compte-infos")
    page.get_by_role("button", name="Étape suivante").click()
    champ(page, "Adresse").fill("1 rue des Écoles")
    regarder(page, "compte-coordonnees")
    revenir_en_arriere_sans_rien_perdre(page)
    assert champ(page, "Adresse").input_value() == "1 rue des Écoles"
    champ(page, "Téléphone").fill("0612345678")
    page.get_by_role("button", name="Étape suivante").click()
    dit(page, "LA STAR")
    cocher_je_ne_suis_pas_un_robot(page)
    regarder(page, "compte-recapitulatif")
    page.get_by_role("button", name="Créer mon compte").click()
    page.wait_for_url("**/boite-aux-lettres/")
    regarder(page, "compte-boite")


def revenir_en_arriere_sans_rien_perdre(page):
    page.get_by_role("button", name="Étape précédente").click()
    assert champ(page, "Prénom").input_value() == "celine"
    page.get_by_role("button", name="Étape suivante").click()


def choisir_son_mot_de_passe(page, adresse):
    page.goto(adresse)
    page.locator("[name=new_password1]").fill(MOT_DE_PASSE)
    page.locator("[name=new_password2]").fill(MOT_DE_PASSE)
    regarder(page, "mot-de-passe")
    page.get_by_role("button", name="Ouvrir mon Espace Famille").click()
    page.wait_for_url("**/consentement/**")


def se_connecter(page, email=EMAIL, mot_de_passe=MOT_DE_PASSE):
    page.goto("/connexion/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.locator("[name=mot_de_passe]").fill(mot_de_passe)
    cocher_je_ne_suis_pas_un_robot(page)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)


# --- Étape 2 : le consentement ----------------------------------------------------------------------------------
def consentir(page):
    page.goto("/familles/ajouter/")
    assert "/consentement/" in page.url, "rien ne s'ouvre avant la réponse"
    page.goto("/accueil/")
    regarder(page, "consentement")
    page.get_by_role("button", name="J'accepte").click()
    page.wait_for_url("**/accueil/")
    dit(page, "Famille LA STAR")
    regarder(page, "accueil-neuf")


# --- Étape 3 : l'espace -----------------------------------------------------------------------------------------
def ajouter_un_enfant(page):
    page.get_by_role("link", name="Ajouter une personne").first.click()
    regarder(page, "ajouter")
    page.get_by_role("link", name="Un enfant de la famille LA STAR").click()
    assert champ(page, "Nom").input_value() == "LA STAR"
    champ(page, "Prénom").fill("hugo")
    page.get_by_label("Garçon").check()
    page.get_by_label("Date de naissance").fill("2018-02-07")
    regarder(page, "enfant-identite")
    page.get_by_role("button", name="Étape suivante").click()
    page.get_by_label("École").select_option("Primaire de Limbre")
    page.get_by_label("Classe").select_option("CM1")
    regarder(page, "enfant-ecole")
    page.get_by_role("button", name="Étape suivante").click()
    champ(page, "Allergies").fill("Arachide : sirop dans le sac")
    page.get_by_label("Sans porc").check()
    champ(page, "Médecin traitant").fill("Dr Hélène Roy")
    champ(page, "Téléphone du médecin").fill("05 49 00 00 00")
    regarder(page, "enfant-sante")
    page.get_by_role("button", name="Étape précédente").click()
    assert page.get_by_label("Classe").input_value() == "cm1"
    page.get_by_role("button", name="Étape suivante").click()
    assert champ(page, "Allergies").input_value() == "Arachide : sirop dans le sac"
    page.get_by_role("button", name="Étape suivante").click()
    for question in page.get_by_role("group").all():
        question.get_by_label("Oui").check()
    regarder(page, "enfant-autorisations")
    page.get_by_role("button", name="Étape suivante").click()
    regarder(page, "enfant-entourage")
    page.get_by_role("button", name="Ajouter l'enfant").click()
    dit(page, "Hugo LA STAR fait maintenant partie de votre espace famille.")
    regarder(page, "enfant")


def ajouter_une_grand_mere(page):
    page.goto("/accueil/")
    regarder(page, "accueil-un-enfant")
    page.get_by_role("link", name="Ajouter une personne").first.click()
    page.get_by_role("link", name="Un adulte de la famille LA STAR").click()
    page.get_by_label("Mme").check()
    champ(page, "Nom").fill("roy")
    champ(page, "Prénom").fill("monique")
    page.get_by_label("Lien avec les enfants").select_option("grand-parent")
    regarder(page, "adulte-identite")
    page.get_by_role("button", name="Étape suivante").click()
    champ(page, "Téléphone").fill("06 98 76 54 32")
    page.get_by_role("button", name="Étape suivante").click()
    page.get_by_label("Peut venir chercher").check()
    regarder(page, "adulte-enfants")
    page.get_by_role("button", name="Ajouter la personne").click()
    dit(page, "Monique ROY fait maintenant partie de votre espace famille.")
    regarder(page, "adulte")


def envoyer_les_documents_obligatoires(page):
    """Un à un, en photo ou en PDF, jusqu'à ce que le bouton gris devienne un vrai bouton."""
    page.goto("/accueil/")
    dit(page, "Document(s) manquant(s)")
    regarder(page, "accueil-documents-manquants")
    page.goto("/documents/")
    regarder(page, "documents")
    envois = 0
    while (a_envoyer := page.locator(".piece:has(.pastille-obligatoire) a:has-text('Envoyer le document')")).count():
        a_envoyer.first.click()
        nom = page.locator("h1").inner_text()
        regarder(page, f"envoyer-{envois}")
        papier = papiers.pdf(nom[:12]) if envois % 2 else papiers.photo(nom)
        page.get_by_label("Choisir des photos ou un PDF").set_input_files(papier)
        page.get_by_role("button", name="Envoyer", exact=True).click()
        page.wait_for_url("**/documents/**")
        envois += 1
    assert envois == 4, "justificatif, livret, vaccins, assurance"
    regarder(page, "documents-envoyes")
    reprendre_ce_que_l_on_a_envoye(page)


def reprendre_ce_que_l_on_a_envoye(page):
    """Chaque document se retélécharge : une photo redressée, ou le PDF de ses pages."""
    for lien_du_papier in page.locator(".piece-actions").get_by_role("link", name="Télécharger").all():
        adresse = lien_du_papier.get_attribute("href")
        assert page.request.get(adresse).body()[:4] in (b"%PDF", b"\xff\xd8\xff\xe0"), adresse
        page.vues.append(adresse)


def envoyer_son_dossier(page):
    page.get_by_role("button", name="Envoyer mon dossier à la mairie").click()
    dit(page, "Attendez le courriel de la mairie pour inscrire vos enfants.")
    regarder(page, "accueil-en-attente")


# --- Étape 4 : les inscriptions ---------------------------------------------------------------------------------
def inscrire_a_la_cantine_et_au_soir(page, lien_du_courriel):
    """La restauration est acceptée aussitôt ; l'accueil du soir attend la mairie."""
    page.goto(lien_du_courriel)
    regarder(page, "inscriptions")
    page.get_by_role("checkbox", name=re.compile("^Restauration")).check()
    page.get_by_role("checkbox", name=re.compile("^Accueil du soir")).check()
    page.get_by_role("button", name="Demander l'inscription").click()
    dit(page, "Il reste à réserver les jours")
    regarder(page, "inscriptions-demandees")


# --- Étape 5 : le planning --------------------------------------------------------------------------------------
def case(page, activite, jour):
    """La case à cocher d'une activité un jour : « Hugo Restauration 12 h – 13 h 30 lundi 16 novembre »."""
    return page.get_by_role("checkbox", name=re.compile(f"^Hugo {activite}.* {jour} "))


def ouvrir_le_planning(page):
    """Par le menu ; la page s'ouvre sur cette semaine, la suivante est à un geste."""
    page.goto("/accueil/")
    page.get_by_role("link", name="Planning de Hugo").click()
    regarder(page, "planning")
    page.get_by_role("link", name="Semaine suivante").click()
    dit(page, "16 – 22 novembre 2026")


def enregistrer(page):
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_load_state()


def reserver_la_semaine_prochaine(page):
    ouvrir_le_planning(page)
    for jour in ["lundi 16", "mardi 17", "jeudi 19"]:
        case(page, "Restauration", jour).check()
    case(page, "Accueil du soir", "mardi 17").check()
    regarder(page, "planning-coche")
    enregistrer(page)
    dit(page, "4 réservations enregistrées.")
    regarder(page, "planning-enregistre")
    assert case(page, "Restauration", "jeudi 19").is_checked()
    assert not case(page, "Restauration", "vendredi 20").is_checked()


def lire_son_recu(page):
    page.get_by_role("link", name="Voir le reçu").click()
    dit(page, "Reçu")
    dit(page, "lun. 16, mar. 17, jeu. 19")
    regarder(page, "recu")


def enregistrees():
    """Ce que la base garde : « Restauration le 16/11 »."""
    reservees = Reservation.objects.reservees().select_related("seance__activite").order_by("seance__jour", "seance")
    return [f"{r.seance.activite.nom} le {r.seance.jour:%d/%m}" for r in reservees]


def excuser_l_absence_du_jour(page):
    """Le matin même, la case ne se décoche plus : il reste à écrire."""
    page.goto("/accueil/")
    regarder(page, "accueil-installe")
    page.get_by_role("link", name="Planning de Hugo").click()
    assert case(page, "Restauration", "jeudi 19").count() == 0
    regarder(page, "planning-trop-tard")
    page.get_by_role("link", name=re.compile("^Excuser Hugo Restauration.* jeudi 19 novembre")).click()
    champ(page, "Pourquoi votre enfant est-il absent ?").fill("Hugo est malade, il reste à la maison.")
    page.get_by_label("Justificatif").set_input_files(papiers.photo("Certificat"))
    regarder(page, "excuse")
    page.get_by_role("button", name="Envoyer l'excuse").click()
    dit(page, "Votre excuse est envoyée à la mairie")
    regarder(page, "planning-excuse-envoyee")


# --- Étape 6 : les finances -------------------------------------------------------------------------------------
def lire_sa_facture(page):
    """La page, le PDF et son texte, le détail jour par jour avec ses raisons. Rend la référence de la facture."""
    page.goto("/accueil/")
    dit(page, "12,40 € à régler")
    regarder(page, "accueil-facture")
    page.get_by_role("link", name="Mes factures").first.click()
    regarder(page, "factures")
    page.get_by_role("link", name="Novembre 2026", exact=True).click()
    dit(page, "12,40 €")
    regarder(page, "facture")
    reference = re.search(r"N° (\S+),", page.locator("main").inner_text())[1]
    lu = telecharger_pdf(page, page.get_by_role("link", name="Ouvrir le PDF"))
    attendus = ["novembre 2026", "Mme Celine LA STAR", "Hugo", "12,40 €", "4,00 €", "faute de quotient connu"]
    for mot in [reference, *attendus]:
        assert mot in " ".join(lu.split()), (mot, lu)
    page.get_by_role("link", name="Voir jour par jour").click()
    regarder(page, "prestations")
    dit(page, "la plus haute, faute de quotient connu")
    jours = page.locator("table.prestations tbody th").all_inner_texts()
    assert jours == ["Lundi 16 novembre", "Mardi 17 novembre"], "le jeudi excusé ne se paie pas"
    return reference


def telecharger_pdf(page, lien):
    """Ce que rend le lien au navigateur de la famille, lu comme du texte."""
    reponse = page.request.get(lien.get_attribute("href"))
    assert reponse.headers["content-type"] == "application/pdf"
    page.vues.append(lien.get_attribute("href"))
    return papiers.lire_pdf(reponse.body())


def constater_que_tout_est_paye(page, reference):
    page.goto("/accueil/")
    page.get_by_role("link", name="Ma situation financière").first.click()
    dit(page, "Vous êtes à jour")
    dit(page, "0,00 €")
    regarder(page, "situation")
    page.get_by_role("link", name="Mes factures").first.click()
    page.get_by_role("link", name="Novembre 2026", exact=True).click()
    dit(page, "Il ne reste rien à payer.")
    dit(page, "Payée")
    regarder(page, "facture-payee")


# --- Un autre parent --------------------------------------------------------------------------------------------
def un_autre_parent_ne_trouve_rien(page, vues):
    """Connecté à son propre compte, il tape une à une les adresses qu'a vues l'autre famille."""
    voisin = fabriques.famille(nom="DUPONT", avec_compte=fabriques.compte(email="voisin@exemple.fr"))
    maintenant = timezone.now()
    accepter(voisin.compte, texte_en_vigueur(maintenant), maintenant, "192.0.2.1")
    se_connecter(page, "voisin@exemple.fr", "portail-famille")
    a_quelqu_un = re.compile(r"/(enfants|adultes|factures|pieces|recus)/[0-9a-f]|/excuse/|/envoyer/\d+-[1-9]")
    d_une_famille = sorted(set(filter(a_quelqu_un.search, vues)))
    assert len(d_une_famille) >= 15, d_une_famille
    for adresse in d_une_famille:
        reponse = page.request.get(adresse)
        assert reponse.status == 404, (adresse, reponse.status)
        assert "Hugo" not in reponse.text()

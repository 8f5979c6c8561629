"""Au téléphone : trouver pourquoi une ligne coûte son prix, la contester, voir l'avoir. Avec et sans script."""

import datetime as dt
import re
from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from facturation import actions
from facturation.models import Contestation, Facture, Regie, Reglement, solde_de
from familles.models import Quotient
from presences.models import Pointage
from tests import fabriques as f
from tests.acces import image
from tests.navigateur import entrer, sans_faute

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def celine():
    """Le mois dernier de Hugo et de Lina, facturé hier ; Lina était absente le second jour."""
    f.commune()
    Regie.objects.create(payfip="regie", payfip_client="006382", payfip_saisie="W")
    foyer, aujourdhui = f.famille(), timezone.localdate()
    mois = (aujourdhui.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    Quotient.objects.create(famille=foyer, valeur=742, debut=mois, preuve="attestation CAF")
    f.tarif(debut=mois, ajustements=[("fratrie", "pourcentage", "-10", 2)])
    midi = f.activite(jours=list(range(7)))
    hugo = f.enfant(foyer, date_naissance=dt.date(2014, 2, 7))
    lina = f.enfant(foyer, prenom="Lina", sexe="f", date_naissance=dt.date(2020, 5, 1))
    for n in (2, 3):
        seance = f.seance(midi, mois.replace(day=n))
        for petit in (hugo, lina):
            f.reservation(petit, seance)
            absente = petit == lina and n == 3
            Pointage.objects.create(
                enfant=petit, seance=seance, etat="absent" if absente else "present", recu_le=timezone.now()
            )
    actions.facturer(mois, None, timezone.now() - dt.timedelta(days=1) if aujourdhui.day > 2 else timezone.now())
    return foyer


def trouver_et_contester(page, serveur, celine, examiner):
    """Du tableau des factures à la contestation envoyée ; rend la ligne."""
    entrer(page, serveur, celine.compte)
    page.goto(serveur.url + reverse("facturation:factures"))
    page.locator("main tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Facture")
    # Ce qui sort de l'ordinaire se voit avant d'ouvrir : sur le calendrier, et sur la rangée.
    lina = page.get_by_role("region", name="Lina")
    expect(lina.locator("td.mois-absent")).to_have_text(re.compile("absent"))
    rangee = lina.locator("details").filter(has_text="Repas")
    expect(rangee).to_contain_text("1 absent")
    examiner(page)
    rangee.locator("summary").click()
    jour = rangee.locator("li").filter(has_text="absence non excusée par écrit")
    expect(jour).to_contain_text("2e enfant (−10 %)")
    expect(jour.locator("dd")).to_have_text(["oui", "non", "2,57\u00a0€"])
    examiner(page)
    jour.get_by_role("link", name="Contester cette ligne").click()
    expect(page.get_by_text("absence non excusée par écrit")).to_be_visible()
    examiner(page)
    page.get_by_role("button", name="Envoyer à la mairie").click()
    expect(page).to_have_title(re.compile("^Erreur"))
    examiner(page)
    page.get_by_label(re.compile("semble faux")).fill("Lina était malade, j'avais appelé l'école le matin.")
    piece = {"name": "mot.png", "mimeType": "image/png", "buffer": image().read()}
    page.locator("input[type=file]").last.set_input_files(piece)
    page.get_by_role("button", name="Envoyer à la mairie").click()
    expect(page.get_by_text("La mairie vous répondra avant le")).to_be_visible()
    examiner(page)
    return Contestation.objects.get().ligne


def repondre(page, serveur, regie, geste, mots):
    entrer(page, serveur, regie)
    page.goto(serveur.url + reverse("admin:index"))
    page.get_by_role("link", name=re.compile("1 Lignes contestées")).click()
    page.locator("#result_list a", has_text="Lina").first.click()
    expect(page.get_by_role("heading", name=re.compile("Lina, Repas"))).to_be_visible()
    expect(page.locator(".cote-a-cote dd")).to_have_text(["oui", "non", "2,57\u00a0€", "aucune"])
    page.get_by_label(re.compile("Vos mots")).fill(mots)
    page.get_by_role("button", name=geste).click()


def test_un_parent_au_telephone_conteste_voit_l_avoir_et_paie_le_reste(
    live_server, telephone, page, celine, service, settings
):
    regie, settings.ADRESSE = f.agent("Régie"), live_server.url
    ligne = trouver_et_contester(telephone, live_server, celine, sans_faute)
    repondre(page, live_server, regie, "Accepter et rendre la ligne", "L'école confirme : ligne rendue.")
    expect(page.get_by_text("La famille est prévenue.")).to_be_visible()
    page.goto(live_server.url + reverse("admin:facturation_contestation_change", args=[Contestation.objects.get().pk]))
    sans_faute(page, {"include": [["#content"]]})
    telephone.reload()
    expect(telephone.get_by_text("Contestation acceptée")).to_be_visible()
    expect(telephone.get_by_text("L'école confirme : ligne rendue.")).to_be_visible()
    sans_faute(telephone)
    telephone.goto(live_server.url + reverse("facturation:facture", args=[ligne.facture_id]))
    expect(telephone.get_by_text(re.compile("^Avoir A.*2,57\u00a0€ rendus"))).to_be_visible()
    expect(telephone.get_by_text(re.compile("Il reste 8,27"))).to_be_visible()
    sans_faute(telephone)
    assert Facture.objects.get().total == D("10.84")
    telephone.get_by_role("button", name=re.compile("Payer 8,27")).click()
    expect(telephone.get_by_role("heading", name="Paiement d'essai")).to_be_visible()
    telephone.get_by_role("button", name="Payer par carte").click()
    expect(telephone.get_by_role("heading", level=1)).to_have_text("C'est payé")
    expect(telephone.get_by_role("region", name="Reçu")).to_contain_text("8,27")
    sans_faute(telephone)
    assert Reglement.objects.get().montant == D("8.27")
    assert solde_de(celine) == 0


def test_sans_javascript_aussi_et_un_refus_se_lit(live_server, sans_js, celine):
    sans_js.set_viewport_size({"width": 360, "height": 740})
    ligne = trouver_et_contester(sans_js, live_server, celine, lambda page: None)
    envoyee, regie = Contestation.objects.get(), f.agent("Régie")
    actions.refuser_contestation(envoyee, "Aucun appel n'est noté.", regie, timezone.now())
    sans_js.goto(live_server.url + reverse("facturation:contester", args=[ligne.pk]))
    expect(sans_js.get_by_text("Contestation refusée")).to_be_visible()
    expect(sans_js.get_by_text("Aucun appel n'est noté.")).to_be_visible()
    expect(sans_js.get_by_role("heading", name="Contester à nouveau")).to_be_visible()


def test_les_attestations_se_choisissent_sans_faute_d_axe(live_server, telephone, celine):
    entrer(telephone, live_server, celine.compte)
    telephone.goto(live_server.url + reverse("facturation:situation"))
    telephone.get_by_role("link", name="Mes attestations").click()
    expect(telephone.get_by_role("heading", name="Pour les impôts")).to_be_visible()
    sans_faute(telephone)
    adresse = telephone.get_by_role("form", name="Présence de Lina").get_attribute("action")
    reponse = telephone.request.get(live_server.url + adresse)
    assert reponse.headers["content-type"] == "application/pdf"


def test_une_question_sa_reponse_puis_une_part_rendue_sans_script_et_sans_faute(
    live_server, page, telephone, sans_js, celine, settings
):
    regie, settings.ADRESSE = f.agent("Régie"), live_server.url
    ligne = Facture.objects.get().lignes.get(prenom="Lina", regle__contains="absence")
    actions.contester(ligne, "Lina était malade.", None, celine.compte, timezone.now())
    repondre(page, live_server, regie, "Demander une précision", "Quel jour aviez-vous appelé l'école ?")
    expect(page.get_by_text("La famille est prévenue.")).to_be_visible()
    entrer(telephone, live_server, celine.compte)
    adresse = live_server.url + reverse("facturation:contester", args=[ligne.pk])
    telephone.goto(adresse)
    expect(telephone.get_by_text("En attente de votre réponse")).to_be_visible()
    sans_faute(telephone)
    # Sans script, au téléphone : vide d'abord, puis avec une pièce.
    sans_js.set_viewport_size({"width": 360, "height": 740})
    entrer(sans_js, live_server, celine.compte)
    sans_js.goto(adresse)
    sans_js.get_by_role("button", name="Répondre à la mairie").click()
    expect(sans_js.get_by_role("heading", name="Un point à corriger")).to_be_visible()
    sans_js.get_by_label(re.compile("Votre réponse")).fill("Le jour même, à 8 h.")
    piece = {"name": "mot.png", "mimeType": "image/png", "buffer": image().read()}
    sans_js.locator("input[type=file]").last.set_input_files(piece)
    sans_js.get_by_role("button", name="Répondre à la mairie").click()
    expect(sans_js.get_by_text("La mairie vous répondra avant le")).to_be_visible()
    # La régie lit la réponse et rend une part.
    contestation = Contestation.objects.get()
    entrer(page, live_server, regie)
    page.goto(live_server.url + reverse("admin:facturation_contestation_change", args=[contestation.pk]))
    expect(page.get_by_text("Le jour même, à 8 h.")).to_be_visible()
    sans_faute(page, {"include": [["#content"]]})
    page.get_by_label(re.compile("Vos mots")).fill("Le repas était commandé : la moitié vous est rendue.")
    page.get_by_label(re.compile("Ce que vous rendez")).fill("1,20")
    page.get_by_role("button", name="Accepter en partie").click()
    expect(page.get_by_text("La famille est prévenue.")).to_be_visible()
    telephone.reload()
    expect(telephone.get_by_text("Acceptée en partie : 1,20\u00a0€ sur 2,57\u00a0€")).to_be_visible()
    sans_faute(telephone)
    assert solde_de(celine) == D("9.64")

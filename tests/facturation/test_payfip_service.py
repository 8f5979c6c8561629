"""Le service de PayFiP tel que le portail l'appelle, et son simulateur : SOAP, fautes, page de paiement."""

import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.core.cache import caches
from django.utils import timezone

from facturation import actions, payfip
from facturation.models import Paiement
from facturation.regles import payfip as regles
from facturation.simulateur_payfip import Simulateur

from .conftest import partir

pytestmark = pytest.mark.django_db(transaction=True)
Etat = Paiement.Etat


@pytest.mark.parametrize(
    ("champ", "valeur", "code"),
    [
        ("montant", 99, "M1"), ("montant", 10_000_001, "M3"), ("montant", "douze", "M5"), ("mel", "", "A1"),
        ("mel", "a@b", "A2"), ("refdet", "2026-42", "R3"), ("numcli", "42", "T1"), ("numcli", "999999", "T2"),
        ("numcli", "999998", "T4"), ("saisie", "Z", "S1"), ("urlnotif", "", "N1"), ("urlredirect", "", "D1"),
    ],
)  # fmt: skip
def test_le_service_dit_ce_qui_ne_va_pas(service, champ, valeur, code):
    demande = regles.Demande("006382", "2026", "REF1", "Objet", 2850, "a@bcd.fr", "T", "http://n", "http://r")
    with pytest.raises(payfip.Faute) as faute:
        payfip.creer(demande._replace(**{champ: valeur}))
    assert faute.value.code == code


def test_les_autres_fautes_et_le_nom_du_client(service):
    with pytest.raises(payfip.Faute) as inconnu:
        payfip.interroger("n'existe pas")
    assert inconnu.value.code == "P1"
    assert payfip.client("006382") == "REGIE PERISCOLAIRE DEMONSTRATION"
    for numero, code in (("999999", "T2"), ("999998", "T4")):
        with pytest.raises(payfip.Faute) as faute:
            payfip.client(numero)
        assert faute.value.code == code


@pytest.mark.parametrize(
    ("scenario", "genre"),
    [("faute", "TechIndisponibiliteErreur"), ("dysfonctionnement", "TechDysfonctionnementErreur"),
     ("protocole", "TechProtocolaireErreur")],
)  # fmt: skip
def test_chaque_faute_technique_arrive_a_chaque_operation_et_met_en_doute(foyer, service, scenario, genre):
    demande = regles.Demande("006382", "2026", "REF1", "Objet", 2850, "a@bcd.fr", "T", "http://n", "http://r")
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "sans")
    service.scenario = scenario
    for appel in (lambda: payfip.client("006382"), lambda: payfip.creer(demande),
                  lambda: payfip.interroger(paiement.idop)):  # fmt: skip
        with pytest.raises(payfip.Faute) as faute:
            appel()
        assert faute.value.genre == genre
    assert actions.interroger(paiement, timezone.now()).etat == Etat.DOUTE
    service.scenario = ""
    assert actions.interroger(paiement, timezone.now()).etat == Etat.PAYE


def test_une_operation_deja_utilisee_met_en_doute_sans_rien_encaisser(foyer, service):
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "utilise")
    with pytest.raises(payfip.Faute) as faute:
        payfip.interroger(paiement.idop)
    assert (faute.value.genre, faute.value.code) == ("FonctionnelleErreur", "P3")
    doute = actions.interroger(paiement, timezone.now())
    assert (doute.etat, doute.reglement) == (Etat.DOUTE, None)
    assert "opération déjà utilisée (P3)" in doute.phrase


def test_une_reponse_qui_n_est_pas_du_xml_est_un_service_injoignable(settings, live_server):
    settings.PAYFIP_URL = f"{live_server.url}/connexion/"
    with pytest.raises(payfip.Injoignable):
        payfip.interroger("idop")
    settings.PAYFIP_URL = "http://127.0.0.1:9/"
    with pytest.raises(payfip.Injoignable):
        payfip.interroger("idop")


def test_une_bombe_d_entites_n_est_pas_lue():
    bombe = (
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]>'
        f"<s:Envelope xmlns:s='{payfip.SOAP}'><idOp>&z;</idOp></s:Envelope>"
    )
    assert payfip._lire(bombe.encode()).get("idOp", "") == ""


def test_une_page_de_maintenance_bien_formee_n_est_pas_une_reponse():
    with pytest.raises(payfip.Injoignable):
        payfip._lire(b"<html><body><idOp>A</idOp><resultrans>P</resultrans></body></html>")


def test_le_simulateur_renvoie_le_parent_d_ou_il_vient(service):
    """La page du simulateur, sans navigateur : le bouton mène à l'adresse de retour avec l'idop."""
    idop = service.creer({
        "exer": "2026", "mel": "a@bcd.fr", "montant": "2850", "numcli": "006382", "objet": "Objet", "refdet": "REF1",
        "saisie": "T", "urlnotif": "http://127.0.0.1:9/", "urlredirect": "http://127.0.0.1:9/retour?a=1",
    })  # fmt: skip
    suite = service.payer(idop, "P", "sans")
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(suite).query) == {"a": ["1"], "idop": [idop]}
    assert isinstance(service, Simulateur)


def test_un_service_muet_n_est_pas_rappele_aussitot(foyer, service, monkeypatch):
    """Sans quoi chaque parent qui attend tiendrait dix secondes un processus du portail."""
    monkeypatch.setattr(payfip, "PATIENCE", 0.3)
    service.scenario, service.attente = "muet", 1
    with pytest.raises(payfip.Injoignable):
        payfip.client("006382")
    service.scenario = ""
    with pytest.raises(payfip.Injoignable, match="il y a un instant"):
        payfip.client("006382")
    caches["local"].clear()
    assert payfip.client("006382")


@pytest.mark.parametrize(
    ("scenario", "attendu"),
    [("montant", Etat.DOUTE), ("inconnu", Etat.DOUTE), ("faute", Etat.DOUTE), ("sans", Etat.PAYE),
     ("resultat_tard", Etat.EN_COURS), ("utilise", Etat.DOUTE), ("dysfonctionnement", Etat.DOUTE),
     ("protocole", Etat.DOUTE)],
)
def test_la_page_du_guichet_choisit_ce_qui_tourne_mal(foyer, service, settings, scenario, attendu):
    """Par le formulaire de la page, pour ce paiement-là seulement."""
    paiement = partir(foyer)
    page = urllib.request.urlopen(payfip.page(paiement.idop)).read().decode()
    assert "28,50 €" in page
    assert f"value='{scenario}'" in page
    assert envoyer(settings.PAYFIP_PAGE, paiement.idop, scenario) == 303
    assert actions.interroger(paiement, timezone.now()).etat == attendu
    assert envoyer(settings.PAYFIP_PAGE, paiement.idop, "") == 400  # déjà utilisée


def test_une_operation_expiree_ne_se_paie_plus(foyer, service, settings):
    paiement = partir(foyer)
    assert envoyer(settings.PAYFIP_PAGE, paiement.idop, "expire") == 400
    assert envoyer(settings.PAYFIP_PAGE, "inconnu", "") == 400
    assert actions.interroger(paiement, timezone.now()).etat == Etat.EN_COURS


class SansSuivre(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def envoyer(page, idop, scenario):
    """Le bouton « Payer par carte » de la page ; rend le statut de la réponse."""
    corps = urllib.parse.urlencode({"idop": idop, "resultat": "P", "scenario": scenario}).encode()
    try:
        return urllib.request.build_opener(SansSuivre).open(page, corps).status
    except urllib.error.HTTPError as erreur:
        return erreur.code

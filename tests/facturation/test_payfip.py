"""Payer en ligne : chaque scénario de PayFiP, par de vraies requêtes vers son simulateur."""

import datetime as dt
import threading
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from facturation import actions, payfip
from facturation.models import Paiement, Regie, Reglement, solde_de
from facturation.regles import payfip as regles
from facturation.simulateur_payfip import Simulateur, ouvrir
from tests import fabriques as f

pytestmark = pytest.mark.django_db(transaction=True)
Etat = Paiement.Etat


@pytest.fixture
def service(settings):
    """Un PayFiP d'essai, sur un vrai port."""
    serveur = ouvrir()
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    base = f"http://127.0.0.1:{serveur.server_port}/tpa"
    settings.PAYFIP_URL, settings.PAYFIP_PAGE = f"{base}/services/securite", f"{base}/paiementws.web"
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": directives | {"form-action": [*directives["form-action"], base.removesuffix("/tpa")]}
    }
    yield serveur.simulateur
    serveur.shutdown()
    serveur.server_close()


@pytest.fixture
def foyer(service):
    f.commune()
    Regie.objects.create(cheque_ordre="Régie", payfip="regie", payfip_client="006382", payfip_saisie="W")
    foyer = f.famille()
    foyer.facture = f.facture(foyer, total="28.50")
    return foyer


@pytest.fixture
def celine(foyer):
    client = Client()
    client.force_login(foyer.compte)
    return client


def partir(foyer, notification="http://127.0.0.1:9/rien"):
    paiement, _ = actions.ouvrir_paiement(
        foyer.facture, foyer.compte, timezone.now(), notification, lambda p: f"http://127.0.0.1:9/{p.refdet}"
    )
    return paiement


def relu(paiement):
    return Paiement.objects.get(pk=paiement.pk)


def test_un_paiement_par_carte_solde_la_facture(foyer, service):
    paiement = partir(foyer)
    assert paiement.refdet == f"{foyer.facture.exercice}F{foyer.facture.numero:06d}P{paiement.pk}"
    assert actions.interroger(paiement, timezone.now()).etat == Etat.EN_COURS
    service.payer(paiement.idop, "P")
    conclu = actions.interroger(relu(paiement), timezone.now())
    assert (conclu.etat, conclu.reglement.montant, conclu.reglement.moyen) == (Etat.PAYE, Decimal("28.50"), "payfip")
    assert conclu.autorisation == "A55A"
    assert solde_de(foyer) == 0


@pytest.mark.parametrize(("resultat", "etat"), [("R", Etat.REFUSE), ("Z", Etat.REFUSE), ("A", Etat.ABANDONNE)])
def test_un_refus_ou_un_abandon_ne_solde_rien_et_laisse_recommencer(foyer, service, resultat, etat):
    paiement = partir(foyer)
    service.payer(paiement.idop, resultat)
    assert actions.interroger(relu(paiement), timezone.now()).etat == etat
    assert Reglement.objects.count() == 0
    assert partir(foyer).pk != paiement.pk


def test_un_prelevement_accepte_est_un_paiement(foyer, service):
    paiement = partir(foyer)
    service.payer(paiement.idop, "V")
    assert actions.interroger(relu(paiement), timezone.now()).etat == Etat.PAYE


def test_la_notification_n_est_pas_crue(foyer, service, celine):
    """Forgée, elle nomme un vrai idop que personne n'a payé : le service répond « pas encore », rien ne change."""
    paiement = partir(foyer)
    for methode in (Client().get, Client().post):
        for nom in ("idop", "idOp"):
            assert methode(reverse("facturation:payfip"), {nom: paiement.idop}).status_code == 200
    assert (relu(paiement).etat, Reglement.objects.count()) == (Etat.EN_COURS, 0)
    assert Client().post(reverse("facturation:payfip"), {"idop": "n'existe pas"}).status_code == 200
    assert Client().post(reverse("facturation:payfip")).status_code == 200


def test_sans_notification_la_tache_voit_l_argent(foyer, service):
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "sans")
    assert actions.redemander(timezone.now()) == 1
    assert relu(paiement).etat == Etat.PAYE
    assert actions.redemander(timezone.now() + dt.timedelta(minutes=30)) == 0


def test_la_notification_en_double_et_le_retour_ensemble_n_encaissent_qu_une_fois(foyer, service):
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "sans")

    def demander(n):
        try:
            if n % 3 == 0:
                client = Client()
                client.force_login(foyer.compte)
                return client.get(reverse("facturation:paiement", args=[paiement.refdet])).status_code
            if n % 3 == 1:
                return Client().post(reverse("facturation:payfip"), {"idop": paiement.idop}).status_code
            return 200 if actions.redemander(timezone.now()) >= 0 else 500
        finally:
            connections.close_all()

    with ThreadPoolExecutor(9) as fils:
        assert set(fils.map(demander, range(9))) == {200}
    assert (Reglement.objects.count(), solde_de(foyer)) == (1, 0)


def test_deux_onglets_n_ouvrent_pas_deux_paiements(foyer, service):
    def essayer(_):
        try:
            partir(foyer)
            return "ouvert"
        except ValidationError as refus:
            return refus.code
        finally:
            connections.close_all()

    # Le premier tient la facture le temps de se préparer ; une fois chez PayFiP, l'autre apprend qu'il attend.
    partir(foyer)
    with ThreadPoolExecutor(2) as fils:
        assert list(fils.map(essayer, range(2))) == ["en_cours", "en_cours"]
    assert Paiement.objects.filter(etat=Etat.EN_COURS).count() == 1


def test_un_autre_montant_est_un_doute_que_la_regie_tranche(foyer, service):
    paiement = partir(foyer)
    service.scenario = "montant"
    service.payer(paiement.idop, "P")
    doute = actions.interroger(relu(paiement), timezone.now())
    assert (doute.etat, Reglement.objects.count()) == (Etat.DOUTE, 0)
    assert "montant" in doute.phrase
    regie = f.agent("Régie")
    with pytest.raises(ValidationError, match="vérifié"):
        actions.trancher(doute, True, " ", regie, timezone.now())
    tranche = actions.trancher(doute, True, "Vu sur le relevé du 27", regie, timezone.now())
    assert (tranche.etat, solde_de(foyer)) == (Etat.PAYE, 0)
    with pytest.raises(ValidationError, match="plus en doute"):
        actions.trancher(doute, False, "Une seconde fois", regie, timezone.now())


@pytest.mark.parametrize("scenario", ["inconnu", "faute"])
def test_un_doute_se_leve_de_lui_meme_quand_le_service_repond_bien(foyer, service, scenario):
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "sans")
    service.scenario = scenario
    assert actions.interroger(relu(paiement), timezone.now()).etat == Etat.DOUTE
    service.scenario = ""
    assert actions.redemander(timezone.now() + dt.timedelta(minutes=11)) == 1
    assert relu(paiement).etat == Etat.PAYE


def test_un_service_muet_ne_change_rien_et_le_parent_lit_une_phrase(foyer, service, celine, monkeypatch):
    monkeypatch.setattr(payfip, "PATIENCE", 0.3)
    paiement = partir(foyer)
    service.scenario, service.attente = "muet", 1
    page = celine.get(reverse("facturation:paiement", args=[paiement.refdet])).content.decode()
    assert "On attend la réponse" in page
    assert relu(paiement).etat == Etat.EN_COURS
    autre = f.facture(foyer, total="10.00", mois=dt.date(2026, 10, 1))
    reponse = celine.post(reverse("facturation:payer", args=[autre.pk]), follow=True)
    assert "PayFiP ne répond pas" in reponse.content.decode()
    assert Paiement.objects.get(facture=autre).etat == Etat.SANS_SUITE


def test_un_idop_expire_sans_paiement_finit_sans_suite(foyer, service):
    paiement = partir(foyer)
    service.operations[paiement.idop]["cree"] -= 16 * 60
    maintenant = timezone.now()
    assert actions.interroger(paiement, maintenant + dt.timedelta(minutes=16)).etat == Etat.EN_COURS
    assert actions.interroger(relu(paiement), maintenant + dt.timedelta(minutes=151)).etat == Etat.SANS_SUITE


def test_un_resultat_tardif_est_encaisse(foyer, service):
    """Le service a payé à la quatorzième minute, et ne l'a dit qu'une heure après."""
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "sans")
    assert actions.redemander(timezone.now() + dt.timedelta(minutes=75)) == 1
    assert relu(paiement).etat == Etat.PAYE


def test_un_processus_tue_avant_payfip_ne_bloque_pas_la_facture(foyer, service):
    Paiement.objects.create(
        famille=foyer, facture=foyer.facture, montant=Decimal("28.50"), numcli="006382", refdet="tue",
        cree_le=timezone.now() - dt.timedelta(minutes=20),
    )  # fmt: skip
    partir(foyer)
    actions.redemander(timezone.now())
    assert Paiement.objects.get(refdet="tue").etat == Etat.SANS_SUITE


def test_une_facture_deja_reglee_ou_trop_petite_ne_se_paie_pas(foyer, service):
    actions.encaisser(foyer, Decimal("28.00"), "cheque", None, timezone.now(), facture=foyer.facture)
    with pytest.raises(ValidationError) as petit:
        partir(foyer)
    assert petit.value.code == "montant"
    actions.encaisser(foyer, Decimal("0.50"), "especes", None, timezone.now(), facture=foyer.facture)
    with pytest.raises(ValidationError) as solde:
        partir(foyer)
    assert solde.value.code == "solde"


def test_la_base_refuse_un_paiement_recu_sans_reglement(foyer, service):
    paiement = partir(foyer)
    with pytest.raises(IntegrityError):
        Paiement.objects.filter(pk=paiement.pk).update(etat=Etat.PAYE)


@pytest.mark.parametrize(
    ("champ", "valeur", "code"),
    [
        ("montant", 99, "M1"), ("montant", 10_000_001, "M3"), ("montant", "douze", "M5"), ("mel", "", "A1"),
        ("mel", "a@b", "A2"), ("refdet", "2026-42", "R3"), ("numcli", "42", "T1"), ("numcli", "999999", "T2"),
        ("saisie", "Z", "S1"), ("urlnotif", "", "N1"), ("urlredirect", "", "D1"),
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
    with pytest.raises(payfip.Faute):
        payfip.client("999999")


def test_une_reponse_qui_n_est_pas_du_xml_est_un_service_injoignable(settings, live_server):
    settings.PAYFIP_URL = f"{live_server.url}/connexion/"
    with pytest.raises(payfip.Injoignable):
        payfip.interroger("idop")
    settings.PAYFIP_URL = "http://127.0.0.1:9/"
    with pytest.raises(payfip.Injoignable):
        payfip.interroger("idop")


def test_une_bombe_d_entites_n_est_pas_lue():
    bombe = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a><idOp>&z;</idOp></a>'
    assert payfip._lire(bombe).get("idOp", "") == ""


def test_le_paiement_d_une_autre_famille_n_existe_pas(foyer, service):
    paiement = partir(foyer)
    voisine = Client()
    voisine.force_login(f.famille().compte)
    assert voisine.get(reverse("facturation:paiement", args=[paiement.refdet])).status_code == 404
    assert voisine.post(reverse("facturation:payer", args=[foyer.facture.pk])).status_code == 404


def test_sans_numero_de_client_personne_ne_paie_en_ligne(foyer, celine):
    Regie.objects.update(payfip="")
    page = celine.get(reverse("facturation:facture", args=[foyer.facture.pk])).content.decode()
    assert "Payer 28,50" not in page.replace("\u00a0", " ")
    reponse = celine.post(reverse("facturation:payer", args=[foyer.facture.pk]), follow=True)
    assert "pas ouvert" in reponse.content.decode()


def test_un_parent_paie_de_bout_en_bout_sur_son_telephone(foyer, service, live_server, settings, telephone):
    """Avec la vraie notification, de serveur à serveur, avant le retour."""
    settings.ADRESSE = live_server.url
    page = telephone
    cookie = Client()
    cookie.force_login(foyer.compte)
    session = cookie.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.goto(live_server.url + reverse("facturation:facture", args=[foyer.facture.pk]))
    page.get_by_role("button", name="Payer 28,50").click()
    page.get_by_role("heading", name="Paiement d'essai").wait_for()
    page.get_by_role("button", name="Payer par carte").click()
    page.get_by_role("heading", name="C'est payé").wait_for()
    assert solde_de(foyer) == 0


def test_le_parent_se_ravise_et_reprend_plus_tard(foyer, service, live_server, settings, sans_js):
    settings.ADRESSE = live_server.url
    paiement = partir(foyer, live_server.url + reverse("facturation:payfip"))
    cookie = Client()
    cookie.force_login(foyer.compte)
    page = sans_js
    session = cookie.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.goto(live_server.url + reverse("facturation:facture", args=[foyer.facture.pk]))
    page.get_by_role("link", name="Où en est-il").click()
    page.get_by_role("link", name="Reprendre le paiement").click()
    service.payer(paiement.idop, "A")
    page.goto(live_server.url + reverse("facturation:paiement", args=[paiement.refdet]))
    page.get_by_role("heading", name="Rien n'est payé").wait_for()


def test_le_simulateur_renvoie_le_parent_d_ou_il_vient(service):
    """La page du simulateur, sans navigateur : le bouton mène à l'adresse de retour avec l'idop."""
    idop = service.creer({
        "exer": "2026", "mel": "a@bcd.fr", "montant": "2850", "numcli": "006382", "objet": "Objet", "refdet": "REF1",
        "saisie": "T", "urlnotif": "http://127.0.0.1:9/", "urlredirect": "http://127.0.0.1:9/retour?a=1",
    })  # fmt: skip
    suite = service.payer(idop, "P", "sans")
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(suite).query) == {"a": ["1"], "idop": [idop]}
    assert isinstance(service, Simulateur)

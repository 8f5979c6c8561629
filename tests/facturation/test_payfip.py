"""Payer en ligne : chaque scénario de PayFiP, par de vraies requêtes vers son simulateur."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from facturation import actions, payfip
from facturation.models import Paiement, Regie, Reglement, solde_de
from tests import fabriques as f

from .conftest import partir
from .test_payfip_service import envoyer

pytestmark = pytest.mark.django_db(transaction=True)
Etat = Paiement.Etat


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
    assert Client().post(f"{reverse('facturation:payfip')}?idop={paiement.idop}").status_code == 200
    assert relu(paiement).etat == Etat.EN_COURS
    assert Client().post(reverse("facturation:payfip"), {"idop": "n'existe pas"}).status_code == 200
    assert Client().post(reverse("facturation:payfip")).status_code == 200


@pytest.mark.parametrize("methode", ["get", "post"])
def test_le_retour_n_est_pas_cru_non_plus_et_mene_a_la_page_du_paiement(foyer, service, methode):
    """Par un POST d'un autre site aussi : sans témoin de session ni jeton, le navigateur n'en a pas."""
    paiement = partir(foyer)
    forge = getattr(Client(enforce_csrf_checks=True), methode)
    reponse = forge(reverse("facturation:retour", args=[paiement.refdet]), {"idop": paiement.idop, "resultrans": "P"})
    assert (reponse.status_code, reponse.url) == (302, reverse("facturation:paiement", args=[paiement.refdet]))
    assert (relu(paiement).etat, Reglement.objects.count()) == (Etat.EN_COURS, 0)


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
    """Ensemble : le second arrive pendant que le premier attend encore son idop."""
    service.scenario, service.attente = "muet", 0.8

    def essayer(_):
        try:
            partir(foyer)
            return "ouvert"
        except ValidationError as refus:
            return refus.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as fils:
        assert sorted(fils.map(essayer, range(3))) == ["en_cours", "en_cours", "ouvert"]
    assert (Paiement.objects.count(), len(service.operations)) == (1, 1)


def test_un_autre_montant_est_un_doute_que_la_regie_tranche(foyer, service):
    paiement = partir(foyer)
    service.scenario = "montant"
    service.payer(paiement.idop, "P")
    doute = actions.interroger(relu(paiement), timezone.now())
    assert (doute.etat, Reglement.objects.count()) == (Etat.DOUTE, 0)
    assert doute.phrase.replace("\xa0", " ").endswith("montant 29,50 € au lieu de 28,50 €.")
    assert doute.reponse["montant"] == "2950"
    assert "mel" not in doute.reponse
    regie = f.agent("Régie")
    with pytest.raises(ValidationError, match="vérifié"):
        actions.trancher(doute, True, " ", regie, timezone.now())
    tranche = actions.trancher(doute, True, "Vu sur le relevé du 27", regie, timezone.now(), montant=Decimal("29.50"))
    assert (tranche.etat, tranche.tranche_par, solde_de(foyer)) == (Etat.PAYE, regie, Decimal("-1.00"))
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
    assert Paiement.objects.jamais_ouverts().count() == 1


def test_muet_passe_le_delai_la_regie_le_voit_et_l_argent_arrive_quand_meme(foyer, service, settings):
    """Une fin de semaine sans service, ou sans tâche de fond : rien n'est oublié."""
    paiement, samedi = partir(foyer), timezone.now() + dt.timedelta(days=2)
    service.payer(paiement.idop, "P", "sans")
    ici, settings.PAYFIP_URL = settings.PAYFIP_URL, "http://127.0.0.1:9/"
    assert actions.redemander(samedi) == 1
    assert (relu(paiement).etat, Paiement.objects.en_doute().count()) == (Etat.DOUTE, 1)
    settings.PAYFIP_URL = ici
    caches["local"].clear()
    assert actions.redemander(samedi + dt.timedelta(hours=2)) == 1
    assert (relu(paiement).etat, solde_de(foyer)) == (Etat.PAYE, 0)


def test_un_idop_expire_sans_paiement_finit_sans_suite(foyer, service):
    paiement = partir(foyer)
    service.operations[paiement.idop]["cree"] -= 16 * 60
    maintenant = timezone.now()
    assert actions.interroger(paiement, maintenant + dt.timedelta(minutes=16)).etat == Etat.EN_COURS
    assert actions.interroger(relu(paiement), maintenant + dt.timedelta(minutes=151)).etat == Etat.SANS_SUITE


def test_un_resultat_tardif_est_encaisse(foyer, service, settings):
    """Payé aussitôt, et le service répond « pas encore » pendant deux heures : on attend, puis l'argent est là."""
    paiement, payee = partir(foyer), timezone.now()
    assert envoyer(settings.PAYFIP_PAGE, paiement.idop, "resultat_tard") == 303
    depart, service.horloge = service.horloge, lambda: depart() + passe
    for minutes in (0, 14, 30, 60, 119):
        passe = minutes * 60
        assert actions.redemander(payee + dt.timedelta(minutes=minutes)) == 1
        assert (relu(paiement).etat, Reglement.objects.count()) == (Etat.EN_COURS, 0), minutes
    with pytest.raises(payfip.Faute) as encore:
        payfip.interroger(paiement.idop)
    assert encore.value.code == "P5"
    passe = 130 * 60
    assert actions.redemander(payee + dt.timedelta(minutes=130)) == 1
    assert (relu(paiement).etat, solde_de(foyer)) == (Etat.PAYE, 0)


def test_un_paiement_appris_apres_qu_on_a_renonce_est_encaisse(foyer, service):
    """La notification arrive au bout de trois heures : « sans suite » n'était que notre conclusion."""
    paiement, plus_tard = partir(foyer), timezone.now() + dt.timedelta(hours=3)
    assert actions.interroger(relu(paiement), plus_tard).etat == Etat.SANS_SUITE
    service.payer(paiement.idop, "P", "sans")
    assert Client().post(reverse("facturation:payfip"), {"idOp": paiement.idop}).status_code == 200
    assert (relu(paiement).etat, Reglement.objects.count(), solde_de(foyer)) == (Etat.PAYE, 1, 0)
    Client().post(reverse("facturation:payfip"), {"idOp": paiement.idop})
    assert Reglement.objects.count() == 1


def test_un_doute_ne_s_efface_pas_parce_que_le_service_ne_sait_plus(foyer, service):
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "montant")
    doute = actions.interroger(relu(paiement), timezone.now())
    service.operations.clear()  # « P1 », puis plus rien
    assert actions.interroger(doute, timezone.now()).phrase == doute.phrase
    assert actions.interroger(doute, timezone.now() + dt.timedelta(hours=5)).etat == Etat.DOUTE


def test_un_doute_ne_d_une_reponse_s_ecrit_une_fois_a_la_regie_une_panne_non(foyer, service, courriels):
    regie, paiement = f.agent("Régie", email="regie@exemple.fr"), partir(foyer)
    service.scenario = "faute"
    assert actions.interroger(paiement, timezone.now()).etat == Etat.DOUTE
    assert courriels() == []
    service.scenario = "inconnu"
    service.payer(paiement.idop, "P", "sans")
    for _ in range(3):
        actions.interroger(relu(paiement), timezone.now())
    recus = courriels()
    assert [(c["To"], c["Subject"]) for c in recus] == [(regie.email, "Un paiement en ligne est en doute")]
    assert paiement.refdet in recus[0].get_body(("plain",)).get_content()


def test_un_non_de_la_regie_se_rouvre_si_payfip_dit_ensuite_que_c_est_paye(foyer, service):
    paiement, regie = partir(foyer), f.agent("Régie")
    service.payer(paiement.idop, "P", "inconnu")
    doute = actions.interroger(relu(paiement), timezone.now())
    assert actions.trancher(doute, False, "Rien sur le relevé", regie, timezone.now()).etat == Etat.SANS_SUITE
    service.operations[paiement.idop]["scenario"] = ""
    rouvert = actions.interroger(relu(paiement), timezone.now())
    assert (rouvert.etat, Reglement.objects.count()) == (Etat.DOUTE, 0)
    assert "La régie l'avait tranché sans paiement" in rouvert.phrase
    assert actions.trancher(rouvert, True, "Arrivé le lendemain", regie, timezone.now()).etat == Etat.PAYE
    assert solde_de(foyer) == 0


def test_un_paiement_qui_ne_s_ecrit_pas_n_arrete_pas_les_autres(foyer, service, caplog):
    premier = partir(foyer)
    voisin = f.famille()
    voisin.facture = f.facture(voisin, total="12.00")
    second = partir(voisin)
    Paiement.objects.filter(pk=premier.pk).update(famille=voisin)  # sa facture est d'un autre foyer : refusé
    for paiement in (premier, second):
        service.payer(paiement.idop, "P", "sans")
    assert actions.redemander(timezone.now()) == 2
    assert (relu(premier).etat, relu(second).etat) == (Etat.EN_COURS, Etat.PAYE)
    assert premier.refdet in caplog.text


@pytest.mark.parametrize("scenario", ["", "double", "tard"])
def test_la_notification_de_serveur_a_serveur_encaisse_une_fois(foyer, service, live_server, scenario):
    paiement = partir(foyer, live_server.url + reverse("facturation:payfip"))
    service.payer(paiement.idop, "P", scenario)
    for fil in service.notifications:
        fil.join(10)
    assert (relu(paiement).etat, Reglement.objects.count()) == (Etat.PAYE, 1)


def test_avant_la_production_seul_le_compte_d_essai_paie(foyer, service, celine):
    Regie.objects.update(payfip_saisie="T", payfip_essai="une.autre@exemple.fr")
    page = celine.get(reverse("facturation:facture", args=[foyer.facture.pk])).content.decode()
    assert "Payer 28,50" not in page.replace("\u00a0", " ")
    with pytest.raises(ValidationError) as ferme:
        partir(foyer)
    assert ferme.value.code == "ferme"
    Regie.objects.update(payfip_essai=foyer.compte.email.upper())
    paiement = partir(foyer)
    assert service.operations[paiement.idop]["saisie"] == "T"
    service.payer(paiement.idop, "P", "sans")
    assert actions.interroger(paiement, timezone.now()).etat == Etat.PAYE


def test_une_reponse_d_essai_ne_solde_pas_une_demande_de_production(foyer, service):
    paiement = partir(foyer)
    service.payer(paiement.idop, "P", "sans")
    service.operations[paiement.idop]["saisie"] = "T"
    assert actions.interroger(paiement, timezone.now()).etat == Etat.DOUTE


def test_une_facture_qui_sera_prelevee_ne_se_paie_pas_en_ligne(foyer, service, celine):
    annonce = {"rum": "RUM1", "preleve_le": timezone.localdate() + dt.timedelta(days=3)}
    prelevee = f.facture(foyer, total="10.00", mois=dt.date(2026, 10, 1), **annonce)
    with pytest.raises(ValidationError, match="sera prélevée"):
        actions.ouvrir_paiement(prelevee, foyer.compte, timezone.now(), "http://n", lambda p: "http://r")
    assert 'action="/facturation/factures/' not in celine.get(f"/facturation/factures/{prelevee.pk}/").content.decode()


def test_un_numero_de_client_refuse_se_dit_et_ne_bloque_rien(foyer, service, celine):
    Regie.objects.update(payfip_client="999999")
    reponse = celine.post(reverse("facturation:payer", args=[foyer.facture.pk]), follow=True).content.decode()
    assert "PayFiP n&#x27;ouvre pas ce paiement (T2)" in reponse
    assert Paiement.objects.get().phrase == "PayFiP a refusé d'ouvrir le paiement : numéro de client (T2)."
    Regie.objects.update(payfip_client="006382")
    assert partir(foyer).etat == Etat.EN_COURS


def test_un_second_essai_mene_au_paiement_qui_attend(foyer, service, celine):
    paiement = partir(foyer)
    reponse = celine.post(reverse("facturation:payer", args=[foyer.facture.pk]))
    assert reponse.url == reverse("facturation:paiement", args=[paiement.refdet])


def test_un_processus_tue_avant_payfip_ne_bloque_pas_la_facture(foyer, service):
    Paiement.objects.create(
        famille=foyer, facture=foyer.facture, montant=Decimal("28.50"), numcli="006382", refdet="tue",
        cree_le=timezone.now() - dt.timedelta(minutes=1),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="attend encore son résultat"):
        partir(foyer)
    Paiement.objects.update(cree_le=timezone.now() - dt.timedelta(minutes=3))
    partir(foyer)
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


def test_eteint_personne_ne_paie_en_ligne(foyer, celine):
    Regie.objects.update(payfip="")
    page = celine.get(reverse("facturation:facture", args=[foyer.facture.pk])).content.decode()
    assert "Payer 28,50" not in page.replace("\u00a0", " ")
    reponse = celine.post(reverse("facturation:payer", args=[foyer.facture.pk]), follow=True)
    assert "pas ouvert" in reponse.content.decode()

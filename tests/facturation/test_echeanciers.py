"""L'échéancier : demandé, accordé, tenu, en retard, révoqué ; payé dans l'ordre, et gardé par la base."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from facturation import actions
from facturation.models import DemandeEcheancier, Echeance, Echeancier, Paiement, Regie, a_echelonner, installer_niveaux
from familles.models import Famille
from tests import fabriques as f

pytestmark = pytest.mark.django_db
MATIN = f.a_paris(2026, 11, 20)
JOUR = dt.date(2026, 11, 20)
OCTOBRE = dt.date(2026, 10, 1)
ECHUE = dt.date(2026, 10, 15)
DATES = [dt.date(2026, 12, 5), dt.date(2027, 1, 5), dt.date(2027, 2, 5)]


@pytest.fixture
def foyer():
    f.commune()
    installer_niveaux()
    Regie.objects.create()
    foyer = f.famille()
    foyer.une = f.facture(foyer, "60", echeance=ECHUE)
    foyer.deux = f.facture(foyer, "40", mois=OCTOBRE, echeance=ECHUE)
    return foyer


def accorder(foyer, montants=("40", "30", "30"), dates=DATES, factures=None, **options):
    factures = factures or [foyer.une.pk, foyer.deux.pk]
    suite = list(zip(dates, map(D, montants), strict=False))
    return actions.accorder_echeancier(foyer, factures, suite, None, MATIN, **options)


def demander(foyer, phrase="Je change d'emploi.", mois=3):
    return actions.demander_echeancier(foyer, phrase, mois, foyer.compte, MATIN)


def situer(jour):
    return Echeancier.objects.all().situes(jour)[0]


def code(action, *args, **options):
    with pytest.raises(ValidationError) as refus:
        action(*args, **options)
    return refus.value.code


# --- Demander -----------------------------------------------------------------------------------------------------
def test_la_famille_demande_la_regie_l_apprend_sans_nom(foyer, courriels):
    demande = demander(foyer)
    [recu] = courriels()
    corps = recu.get_body(("plain",)).get_content()
    assert f"/admin/facturation/demandeecheancier/{demande.pk}/" in corps
    assert "STAR" not in corps
    assert "emploi" not in corps


DEMANDES = {
    "sans un mot": ({"phrase": "  "}, "phrase"), "un mois": ({"mois": 1}, "mois"), "sept mois": ({"mois": 7}, "mois"),
}  # fmt: skip


@pytest.mark.parametrize("nom", DEMANDES)
def test_une_demande_mal_dite_est_refusee(foyer, nom):
    champs, attendu = DEMANDES[nom]
    assert code(demander, foyer, **champs) == attendu
    assert not DemandeEcheancier.objects.exists()


def test_une_seule_demande_a_la_fois_et_rien_a_echelonner_sans_dette(foyer):
    demander(foyer)
    assert code(demander, foyer) == "deja"
    assert code(demander, f.famille()) == "rien"


def test_un_refus_a_ses_mots_et_la_famille_les_lit(foyer, courriels):
    demande = demander(foyer)
    courriels()
    assert code(actions.refuser_echeancier, demande, " ", None, MATIN) == "sans_motif"
    actions.refuser_echeancier(demande, "Votre dette est récente.", None, MATIN)
    assert "Votre dette est récente." in courriels()[0].get_body(("plain",)).get_content()
    assert code(actions.refuser_echeancier, demande, "Encore", None, MATIN) == "deja_decidee"


# --- Accorder -----------------------------------------------------------------------------------------------------
def test_un_accord_repond_a_la_demande_et_dit_les_dates(foyer, courriels):
    demande = demander(foyer)
    courriels()
    plan = accorder(foyer, mot="Bon courage.")
    demande.refresh_from_db()
    assert (demande.etat, demande.echeancier, demande.reponse) == ("acceptee", plan, "Bon courage.")
    [recu] = courriels()
    corps = recu.get_body(("plain",)).get_content()
    assert "avant le 5 décembre 2026" in corps
    assert "€" not in corps
    assert "Bon courage." in corps
    assert plan.total == D("100")


REFUS = {
    "des sommes qui ne font pas la dette": ({"montants": ("40", "30", "29.99")}, "somme"),
    "une échéance nulle": ({"montants": ("70", "30", "0")}, "montant"),
    "un demi-centime": ({"montants": ("40", "30.005", "29.995")}, "montant"),
    "une date passée": ({"dates": [dt.date(2026, 11, 19), *DATES[1:]]}, "dates"),
    "deux fois le même jour": ({"dates": [DATES[0], DATES[0], DATES[1]]}, "dates"),
    "aucune échéance": ({"montants": ()}, "nombre"),
    "la facture d'un autre": ({"factures": [0]}, "factures"),
}


@pytest.mark.parametrize("nom", REFUS)
def test_un_accord_mal_compose_est_refuse(foyer, nom):
    champs, attendu = REFUS[nom]
    assert code(accorder, foyer, **champs) == attendu
    assert not Echeancier.objects.exists()


def test_une_facture_n_a_qu_un_echeancier_ouvert(foyer):
    plan = accorder(foyer, ("60",), factures=[foyer.une.pk])
    assert [raison for _, raison in a_echelonner(foyer, JOUR)] == ["un échéancier est déjà ouvert", ""]
    assert code(accorder, foyer) == "factures"
    actions.revoquer_echeancier(plan, "À refaire", None, MATIN)
    assert accorder(foyer).total == D("100")


def test_un_paiement_en_ligne_en_doute_empeche_d_echelonner(foyer):
    Paiement.objects.create(
        famille=foyer, facture=foyer.une, montant=D("60"), numcli="012345", refdet="x", etat="doute", cree_le=MATIN
    )
    assert a_echelonner(foyer, JOUR)[0][1] == "un paiement en ligne attend son résultat"


# --- Tenir --------------------------------------------------------------------------------------------------------
def test_les_reglements_et_les_avoirs_paient_les_echeances_dans_l_ordre(foyer):
    accorder(foyer)
    actions.encaisser(foyer, D("50"), "cheque", None, MATIN)
    actions.emettre_avoir(foyer.deux, D("5"), "Erreur", None, MATIN)
    plan = situer(dt.date(2026, 12, 6))
    assert [echeance.paye for echeance in plan.prevues] == [D("40"), D("15"), D("0")]
    assert (plan.etat, plan.a_payer, plan.prochaine.jour) == ("tenu", D("15"), DATES[1])
    recu = actions.encaisser(foyer, D("45"), "virement", None, MATIN)
    assert situer(DATES[2]).etat == "terminé"
    actions.annuler_reglement(recu, "Virement rejeté", None, MATIN)
    assert situer(dt.date(2027, 2, 6)).etat == "rompu", "la dette revenue, l'échéancier s'en souvient"


def test_tenu_il_protege_des_relances_rompu_non(foyer):
    accorder(foyer)
    [examen] = actions.prevoir_relances(f.a_paris(2026, 12, 15))  # dix jours de retard : encore excusé
    assert {raison for _, raison in examen.ecartees} == {"un échéancier est tenu"}
    [examen] = actions.prevoir_relances(f.a_paris(2026, 12, 16))
    assert len(examen.retenues) == 2
    actions.encaisser(foyer, D("40"), "cheque", None, MATIN)
    assert not actions.prevoir_relances(f.a_paris(2026, 12, 16))[0].retenues


def test_tenu_il_ne_suspend_pas_les_reservations(foyer):
    f.commune(bloquer_impayes=True, impayes_jours=10)
    assert actions.suspendre_impayes(MATIN) == (1, 0)
    accorder(foyer)
    assert actions.suspendre_impayes(MATIN) == (0, 0), "accordé, il a rouvert aussitôt"
    assert not Famille.objects.exclude(suspendue_le=None).exists()


def test_une_echeance_passee_se_rappelle_une_fois(foyer, courriels):
    accorder(foyer)
    courriels()
    assert actions.rappeler_les_echeances(f.a_paris(2026, 12, 5)) == 0, "le jour même on peut encore payer"
    assert actions.rappeler_les_echeances(f.a_paris(2026, 12, 6)) == 1
    [recu] = courriels()
    corps = recu.get_body(("plain",)).get_content()
    assert "L'échéance du 5 décembre 2026 n'est pas entièrement payée." in corps
    assert actions.rappeler_les_echeances(f.a_paris(2026, 12, 7)) == 0
    actions.encaisser(foyer, D("70"), "cheque", None, MATIN)
    assert actions.rappeler_les_echeances(f.a_paris(2027, 1, 6)) == 0, "la seconde est payée d'avance"
    assert actions.rappeler_les_echeances(f.a_paris(2027, 2, 6)) == 1


def test_revoquer_se_motive_previent_et_ne_se_fait_qu_une_fois(foyer, courriels):
    plan = accorder(foyer)
    courriels()
    assert code(actions.revoquer_echeancier, plan, "", None, MATIN) == "motif"
    actions.revoquer_echeancier(plan, "Deux échéances impayées", None, MATIN)
    assert "Deux échéances impayées" in courriels()[0].get_body(("plain",)).get_content()
    assert code(actions.revoquer_echeancier, plan, "Encore", None, MATIN) == "deja"
    assert situer(JOUR).etat == "révoqué"
    assert actions.prevoir_relances(MATIN)[0].retenues


def test_fini_il_ne_se_revoque_plus(foyer):
    plan = accorder(foyer)
    actions.encaisser(foyer, D("100"), "cheque", None, MATIN)
    assert code(actions.revoquer_echeancier, plan, "Trop tard", None, MATIN) == "fini"


# --- Ce que la base garde -----------------------------------------------------------------------------------------
GESTES = {
    "changer un montant": lambda: Echeance.objects.filter(rang=1).update(montant=1),
    "effacer une échéance": lambda: Echeance.objects.filter(rang=1).delete(),
    "changer le total": lambda: Echeancier.objects.update(total=99),
    "ajouter une échéance": lambda: Echeance.objects.create(
        echeancier=Echeancier.objects.get(), rang=9, jour=dt.date(2027, 9, 1), montant=1
    ),
}


@pytest.mark.parametrize("nom", GESTES)
def test_la_base_refuse_qu_un_plan_ne_fasse_plus_la_dette(foyer, nom):
    accorder(foyer)

    def ecrire():
        GESTES[nom]()
        with connections["default"].cursor() as curseur:
            curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError), transaction.atomic():
        ecrire()


@pytest.mark.django_db(transaction=True)
def test_deux_accords_en_meme_temps_n_en_font_qu_un(foyer):
    depart = threading.Barrier(2)

    def accord(_):
        try:
            depart.wait()
            return accorder(foyer).pk
        except ValidationError as refus:
            return refus.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        rendus = list(fils.map(accord, range(2)))
    assert "factures" in rendus
    assert Echeancier.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_un_double_clic_n_envoie_qu_une_demande(foyer):
    def envoyer(_):
        try:
            return demander(foyer).pk and "envoyee"
        except ValidationError as refus:
            return refus.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as fils:
        assert sorted(fils.map(envoyer, range(4))) == ["deja", "deja", "deja", "envoyee"]


def test_payer_l_echeance_en_ligne_ne_demande_que_sa_part(service):
    f.commune()
    Regie.objects.create(cheque_ordre="Régie", payfip="regie", payfip_client="006382", payfip_saisie="W")
    foyer, maintenant = f.famille(), timezone.now()
    due = f.facture(foyer, "100", echeance=maintenant.date() - dt.timedelta(days=20))
    dates = [maintenant.date() + dt.timedelta(days=n) for n in (5, 40)]
    actions.accorder_echeancier(foyer, [due.pk], list(zip(dates, [D("30"), D("70")], strict=True)), None, maintenant)
    paiement, _ = actions.ouvrir_paiement(
        due, foyer.compte, maintenant, "http://127.0.0.1:9/x", lambda p: f"http://127.0.0.1:9/{p.refdet}", echeance=True
    )
    assert paiement.montant == D("30")
    service.payer(paiement.idop, "P", "sans")
    assert actions.interroger(paiement, timezone.now()).etat == "paye"
    plan = situer(maintenant.date())
    assert [echeance.paye for echeance in plan.prevues] == [D("30"), D("0")]


def test_autant_de_requetes_pour_un_plan_que_pour_vingt(foyer, django_assert_num_queries):
    accorder(foyer)
    with django_assert_num_queries(4):
        situer(JOUR)
    for _ in range(19):
        autre = f.famille()
        autre.une = f.facture(autre, "60", echeance=ECHUE)
        accorder(autre, ("60",), factures=[autre.une.pk])
    with django_assert_num_queries(4):
        assert len(Echeancier.objects.all().situes(JOUR)) == 20

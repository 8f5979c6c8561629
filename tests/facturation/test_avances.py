"""Ce que le compte d'un foyer tient déjà se déduit de sa facture suivante : elle le dit, et ne débite que le reste."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as reglages
from hypothesis import strategies as st

from facturation import actions, regles
from facturation.models import Budget, Facture, Prelevement, Regie, avances_pour, solde_de
from facturation.pdf import produire
from tests import fabriques as f
from tests.papier import textes, verifier_les_pages

from .ville import SEPTEMBRE, ville

OCTOBRE, NOVEMBRE = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
LE_5 = {SEPTEMBRE: f.a_paris(2026, 10, 5), OCTOBRE: f.a_paris(2026, 11, 5), NOVEMBRE: f.a_paris(2026, 12, 5)}
IBAN = "FR7630006000011234567890189"
centimes = st.integers(1, 3000).map(lambda n: D(n) / 100)


# --- Les règles -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cas", "total", "reste", "suites", "deduit"),
    [
        ("rien n'est venu", "50", "50", [], "0"),
        ("un avoir d'une autre facture", "50", "47.43", [], "2.57"),
        ("payée par un règlement qui ne nomme rien", "50", "0", [], "50"),
        ("payée par un règlement qui la nomme", "50", "0", ["50"], "0"),
        ("un avoir d'elle, un règlement, une avance", "50", "30", ["5", "10"], "5"),
        ("trop payée, son surplus est ailleurs", "50", "0", ["60"], "0"),
        ("rendue après avoir été payée", "50", "0", ["50", "20"], "0"),
    ],
)
def test_ce_que_le_compte_a_paye_d_une_facture(cas, total, reste, suites, deduit):
    assert regles.deduit(D(total), D(reste), [D(suite) for suite in suites]) == D(deduit), cas


@given(
    st.dictionaries(st.integers(1, 3), centimes),
    st.lists(st.tuples(st.integers(1, 3), centimes), max_size=8),
)
def test_les_factures_d_un_foyer_se_partagent_ce_qu_il_a_la_premiere_d_abord(tenues, demandes):
    prises = regles.partager(tenues, demandes)
    assert all(0 <= prise <= total for prise, (_, total) in zip(prises, demandes, strict=True))
    for foyer in {foyer for foyer, _ in demandes}:
        siennes = [(prise, total) for prise, (qui, total) in zip(prises, demandes, strict=True) if qui == foyer]
        assert sum(prise for prise, _ in siennes) == min(tenues.get(foyer, 0), sum(total for _, total in siennes))
        entamees = [n for n, (prise, total) in enumerate(siennes) if prise < total]
        assert all(prise == 0 for prise, _ in siennes[entamees[0] + 1:]) if entamees else True


# --- Sur une vraie base ---------------------------------------------------------------------------------------------
MAINTENANT = f.a_paris(2026, 11, 20)


@pytest.mark.django_db
@reglages(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(centimes, max_size=4),
    st.lists(st.tuples(centimes, st.none() | st.integers(0, 3), st.booleans()), max_size=5),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 100)), max_size=3),
    st.integers(0, 100),
    st.integers(0, 4),
    st.lists(centimes, min_size=1, max_size=2),
)
def test_l_avance_est_au_centime_ce_que_le_reste_deduira(factures, recus, avoirs, rendu, rang, nouvelles):
    """Quel que soit le passé du foyer, et même si le mois facturé est plus ancien qu'un mois déjà émis."""
    with transaction.atomic():
        foyer, petit = f.famille(), f.enfant()
        emises = [f.facture(foyer, total=t, mois=dt.date(2025, 2 + 2 * n, 1), petit=petit)
                  for n, t in enumerate(factures)]  # fmt: skip
        for montant, n, annule in recus:
            cible = emises[n % len(emises)] if n is not None and emises else None
            recu = actions.encaisser(foyer, montant, "cheque", None, MAINTENANT, facture=cible)
            if annule:
                actions.annuler_reglement(recu, "Chèque rejeté", None, MAINTENANT)
        for n, part in avoirs if emises else []:
            facture = emises[n % len(emises)]
            montant = (actions.caisse.reste_a_rendre(facture) * part / 100).quantize(D("0.01"))
            if montant > 0:
                actions.emettre_avoir(facture, montant, "Sortie", None, MAINTENANT)
        if (montant := (-solde_de(foyer) * rendu / 100).quantize(D("0.01"))) > 0:
            actions.rembourser(foyer, montant, "virement", "V1", "Avance", None, MAINTENANT)
        mois = dt.date(2025, 1 + 2 * rang, 1)
        budgets = [None, Budget.objects.create(nom="Loisirs")]
        prevues = regles.partager(avances_pour(mois, [foyer.pk]), [(foyer.pk, total) for total in nouvelles])
        for total, budget in zip(nouvelles, budgets, strict=False):
            f.facture(foyer, total=total, mois=mois, petit=petit, budget=budget)
        siennes = Facture.objects.filter(famille=foyer, mois=mois).avec_reste().order_by("pk")
        assert prevues == [facture.total - facture.reste for facture in siennes]
        transaction.set_rollback(True)


@pytest.fixture
def hugo(db):
    f.commune(ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP", seuil=0)
    foyer = f.famille()
    petit = f.enfant(foyer)
    f.tarif(tranches=[(None, "4.10")])
    f.tarif(nom="Soir", genre="soir", tranches=[(None, "2")])
    petit.foyer, petit.midi, petit.soir = foyer, f.activite(), f.activite(genre="soir", nom="Le soir")
    return petit


def reserver(hugo, mois, activite=None, fois=2):
    for jour in range(1, fois + 1):
        f.reservation(hugo, f.seance(activite or hugo.midi, mois.replace(day=jour)))


def facturer(mois):
    """La facturation de ce mois émise, et ses factures."""
    actions.facturer(mois, None, LE_5[mois])
    return list(Facture.objects.filter(mois=mois).avec_reste().order_by("numero"))


def septembre(hugo, *, paye=None, rendu=None):
    """Septembre facturé 8,20 € (deux repas), payé ``paye``, puis ``rendu`` par un avoir ; octobre réservé de même."""
    reserver(hugo, SEPTEMBRE)
    reserver(hugo, OCTOBRE)
    [emise] = facturer(SEPTEMBRE)
    if paye:
        actions.encaisser(hugo.foyer, D(paye), "cheque", None, LE_5[SEPTEMBRE], facture=emise)
    if rendu:
        actions.emettre_avoir(emise, D(rendu), "Sortie de classe", None, LE_5[SEPTEMBRE])
    return emise


def lire(client, compte, facture, page="facturation:facture"):
    client.force_login(compte)
    reponse = client.get(reverse(page, args=[facture.pk]))
    assert reponse.status_code == 200
    return " ".join(reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'").split())


def sur_papier(facture):
    return " ".join(textes(produire(facture)))


def test_un_avoir_sur_septembre_se_deduit_d_octobre_et_tout_dit_le_meme_reste(hugo, client):
    actions.signer_mandat(hugo.foyer, "Celine LA STAR", IBAN, SEPTEMBRE)
    septembre(hugo, paye="8.20", rendu="2.57")
    [octobre] = facturer(OCTOBRE)
    assert (octobre.total, octobre.avance, octobre.reste) == (D("8.20"), D("2.57"), D("5.63"))
    page = lire(client, hugo.foyer.compte, octobre)
    assert "Il reste <strong>5,63 €</strong> à payer, qui seront prélevés le 5 décembre 2026" in page
    assert "2,57 € déjà sur votre compte (une avance, un avoir d'une autre facture" in page
    assert f'en ont été déduits. <a href="{reverse("facturation:situation")}">Ma situation financière</a>' in page
    assert "<strong>5,63 €</strong> seront prélevés sur votre compte" in page
    mairie = lire(client, f.agent("Régie"), octobre, "admin:facturation_facture_change")
    assert "2,57 € déjà sur le compte du foyer" in mairie
    papier = sur_papier(octobre)
    for phrase in [
        "Total de la facture 8,20 €", "Déjà sur votre compte 2,57 € : une avance ou un avoir d'une autre facture",
        "Reste à payer 5,63 €", "Prélevé le 5 décembre 2026", "5,63 € seront prélevés sur votre compte",
    ]:  # fmt: skip
        assert phrase in papier, phrase
    assert "Total à payer" not in papier
    verifier_les_pages(produire(octobre), 1)
    lot = actions.preparer_lot(octobre.preleve_le, None, LE_5[OCTOBRE])
    assert [debit.montant for debit in lot.prelevements.all()] == [octobre.reste] == [octobre.demande]


@pytest.mark.parametrize(("paye", "rendu"), [(None, None), ("8.20", None), (None, "2.57"), ("4.00", None)])
def test_sans_rien_au_compte_la_facture_n_en_dit_rien(hugo, client, paye, rendu):
    septembre(hugo, paye=paye, rendu=rendu)
    [octobre] = facturer(OCTOBRE)
    assert (octobre.avance, octobre.demande, octobre.reste) == (D(0), D("8.20"), D("8.20"))
    assert "votre compte" not in lire(client, hugo.foyer.compte, octobre)
    assert "votre compte" not in sur_papier(octobre)
    assert "Total à payer 8,20 €" in sur_papier(octobre)


def test_un_trop_paye_et_un_paiement_sans_facture_se_deduisent_ensemble(hugo):
    septembre(hugo, paye="10.00")
    actions.encaisser(hugo.foyer, D("1.20"), "especes", None, LE_5[SEPTEMBRE])
    [octobre] = facturer(OCTOBRE)
    assert (octobre.avance, octobre.reste) == (D("3.00"), D("5.20"))


def test_une_facture_plus_ancienne_est_servie_la_premiere(hugo):
    emise = septembre(hugo)
    actions.encaisser(hugo.foyer, D("9.00"), "especes", None, LE_5[SEPTEMBRE])
    [octobre] = facturer(OCTOBRE)
    emise = Facture.objects.avec_reste().get(pk=emise.pk)
    assert (emise.reste, octobre.avance, octobre.reste) == (D(0), D("0.80"), D("7.40"))


def test_les_factures_de_deux_budgets_se_partagent_l_avance_dans_l_ordre(hugo):
    Budget.objects.create(nom="Loisirs").activites.create(genre="soir")
    septembre(hugo, paye="18.20")
    reserver(hugo, OCTOBRE, hugo.soir)
    repas, soir = facturer(OCTOBRE)
    assert [(due.total, due.avance, due.reste) for due in (repas, soir)] == [
        (D("8.20"), D("8.20"), D(0)), (D("4.00"), D("1.80"), D("2.20")),
    ]


def test_une_facture_que_le_compte_paie_toute_ne_demande_et_n_annonce_rien(hugo, client, courriels):
    actions.signer_mandat(hugo.foyer, "Celine LA STAR", IBAN, SEPTEMBRE)
    septembre(hugo, paye="20.00")
    courriels()
    [octobre] = facturer(OCTOBRE)
    assert (octobre.demande, octobre.rum, octobre.preleve_le) == (D(0), "", None)
    papier = sur_papier(octobre)
    assert "Reste à payer 0,00 €" in papier
    assert "Vous n'avez rien à payer : ce qui était déjà sur votre compte paie toute cette facture." in papier
    for mot in ("Par chèque", "prélevés", "Prélevé le", "À payer avant"):
        assert mot not in papier, mot
    assert "8,20 € déjà sur votre compte" in lire(client, hugo.foyer.compte, octobre)
    [recu] = courriels()
    corps = recu.get_body(["plain"]).get_content()
    assert "Vous n'avez rien à payer" in corps
    assert "avant le" not in corps
    assert "€" not in corps


def test_le_courriel_d_une_facture_en_partie_couverte_dit_sa_date_et_aucun_montant(hugo, courriels):
    septembre(hugo, paye="10.00")
    courriels()
    facturer(OCTOBRE)
    [recu] = courriels()
    corps = recu.get_body(["plain"]).get_content()
    assert "Elle est à payer avant le 5 décembre 2026." in corps
    assert "€" not in corps


def test_relancer_n_emet_rien_de_plus_et_l_avance_ecrite_ne_bouge_plus(hugo):
    septembre(hugo, paye="10.00")
    avant = [(due.pk, due.avance) for due in facturer(OCTOBRE)]
    actions.encaisser(hugo.foyer, D("3.00"), "especes", None, LE_5[OCTOBRE])
    assert [(due.pk, due.avance) for due in facturer(OCTOBRE)] == avant
    with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
        Facture.objects.filter(mois=OCTOBRE).update(avance=0)


def test_une_avance_dont_le_cheque_revient_ne_fait_pas_debiter_plus_que_l_annonce(hugo, client):
    actions.signer_mandat(hugo.foyer, "Celine LA STAR", IBAN, SEPTEMBRE)
    septembre(hugo, paye="8.20")
    cheque = actions.encaisser(hugo.foyer, D("2.57"), "cheque", None, LE_5[SEPTEMBRE])
    [octobre] = facturer(OCTOBRE)
    actions.annuler_reglement(cheque, "Chèque rejeté", None, LE_5[OCTOBRE])
    assert Facture.objects.avec_reste().get(pk=octobre.pk).reste == D("8.20")
    dit = "Il reste <strong>8,20 €</strong> à payer, dont 5,63 € seront prélevés le 5 décembre 2026"
    assert dit in lire(client, hugo.foyer.compte, octobre)
    projet = actions.projeter(octobre.preleve_le)
    lot = actions.preparer_lot(octobre.preleve_le, None, LE_5[OCTOBRE])
    assert (projet.total, lot.prelevements.get().montant) == (D("5.63"), D("5.63"))
    actions.remettre_lot(lot, None, LE_5[OCTOBRE])
    assert Facture.objects.avec_reste().get(pk=octobre.pk).reste == D("2.57")
    assert Prelevement.objects.count() == 1


def test_la_base_refuse_une_avance_plus_grande_que_la_facture(hugo):
    for avance in ("8.21", "-0.01"):
        with pytest.raises(IntegrityError, match="facture_avance_au_plus_son_total"):
            f.facture(hugo.foyer, total="8.20", petit=hugo, avance=D(avance))


def test_les_avances_d_un_lot_se_lisent_en_une_requete(db):
    foyers = ville(12, par_jour=1)
    for foyer in foyers[::2]:
        actions.encaisser(foyer, D("5.00"), "especes", None, LE_5[SEPTEMBRE])
    with CaptureQueriesContext(connection) as requetes:
        tenues = avances_pour(SEPTEMBRE, [foyer.pk for foyer in foyers])
    assert (len(requetes), tenues) == (1, {foyer.pk: D("5.00") for foyer in foyers[::2]})
    actions.facturer(SEPTEMBRE, None, LE_5[SEPTEMBRE], lot=5)
    assert {due.famille_id for due in Facture.objects.filter(avance=D("5.00"))} == set(tenues)
    assert not Facture.objects.exclude(avance__in=[0, 5]).exists()

"""Ce qu'il reste à payer, tenu par la base : juste après n'importe quelle suite d'écritures, et même à plusieurs."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as reglages
from hypothesis import strategies as st

from facturation import actions
from facturation.models import Avoir, Budget, Facture, Reglement, Remboursement, ResteDu, solde_de
from familles.models import Famille
from tests import fabriques as f
from tests.reservations.test_enregistrement import ensemble

MAINTENANT = f.a_paris(2026, 11, 20)
MOIS = [dt.date(2026, mois, 1) for mois in (9, 10, 11)]
pytestmark = pytest.mark.django_db


def restes(foyer):
    return dict(Facture.objects.filter(famille=foyer).avec_reste().values_list("pk", "reste"))


def a_la_main(foyer):
    """Le même compte, à la main : chaque facture a ses avoirs et ses règlements, puis le surplus va aux anciennes."""
    libre = -sum(rendu.montant for rendu in Remboursement.objects.valables().filter(famille=foyer))
    libre += sum(recu.montant for recu in Reglement.objects.valables().filter(famille=foyer, facture=None))
    nets = {}
    for facture in foyer.factures.order_by("mois", "pk"):
        siens = [*Avoir.objects.filter(facture=facture), *Reglement.objects.valables().filter(facture=facture)]
        nets[facture.pk] = facture.total - sum(sien.montant for sien in siens)
    libre += sum(-net for net in nets.values() if net < 0)
    attendus = {}
    for cle, net in nets.items():
        du = max(net, D(0))
        # Un remboursement annulé ou un chèque rejeté peut laisser le compte au-dessous de zéro : rien n'en paie plus.
        paye = min(du, max(libre, D(0)))
        attendus[cle], libre = du - paye, libre - paye
    return attendus


@pytest.fixture
def foyer():
    f.commune()
    return f.famille()


GESTES = st.lists(
    st.tuples(
        st.sampled_from(["facture", "regler", "verser", "avoir", "annuler", "rendre", "reprendre"]),
        st.integers(1, 60), st.integers(0, 5),
    ),
    max_size=12,
)  # fmt: skip


@reglages(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(GESTES)
def test_apres_n_importe_quelle_suite_d_ecritures_le_reste_est_celui_qu_on_compte_a_la_main(foyer, gestes):
    with transaction.atomic():
        petit = f.enfant(foyer)
        for geste, euros, rang in gestes:
            try:
                with transaction.atomic():
                    faire(foyer, petit, geste, D(euros), rang)
            except (ValidationError, IndexError):
                continue  # refusé, ou rien à quoi l'appliquer : le compte n'a pas bougé
            assert restes(foyer) == a_la_main(foyer)
        du = sum(restes(foyer).values())
        assert du == max(solde_de(foyer), D(0)) or Remboursement.objects.filter(famille=foyer).exists()
        assert ResteDu.objects.count() == sum(reste > 0 for reste in restes(foyer).values())
        transaction.set_rollback(True)


def faire(foyer, petit, geste, montant, rang):
    def choisir(lignes):
        return list(lignes.order_by("pk"))[rang]

    if geste == "facture":
        f.facture(foyer, total=montant, mois=MOIS[rang % 3], petit=petit, budget=budget())
    elif geste == "regler":
        actions.encaisser(foyer, montant, "virement", None, MAINTENANT, facture=choisir(foyer.factures), reference="1")
    elif geste == "verser":
        actions.encaisser(foyer, montant, "virement", None, MAINTENANT, reference="2")
    elif geste == "avoir":
        actions.emettre_avoir(choisir(foyer.factures), montant, "Repas non servi.", None, MAINTENANT)
    elif geste == "annuler":
        actions.annuler_reglement(choisir(Reglement.objects.filter(famille=foyer)), "Rejeté", None, MAINTENANT)
    elif geste == "rendre":
        actions.rembourser(foyer, montant, "virement", "3", "Trop versé", None, MAINTENANT)
    else:
        actions.annuler_remboursement(choisir(Remboursement.objects.filter(famille=foyer)), "Revenu", None, MAINTENANT)


def budget():
    """Un budget neuf par facture : un foyer n'en a qu'une par mois et par budget."""
    return Budget.objects.create(nom=f"Budget {Budget.objects.count()}")


def test_ce_qui_n_est_plus_du_n_a_plus_de_ligne(foyer):
    emise = f.facture(foyer, total="28.50")
    assert ResteDu.objects.get().montant == D("28.50")
    recu = actions.encaisser(foyer, D("28.50"), "cheque", None, MAINTENANT, facture=emise)
    assert not ResteDu.objects.exists()
    assert not Facture.objects.impayees().exists()
    actions.annuler_reglement(recu, "Sans provision", None, MAINTENANT)
    assert Facture.objects.impayees().get().reste == D("28.50")


def test_trois_cents_foyers_s_ecrivent_et_se_lisent_d_un_bloc(foyer):
    foyers = [foyer, *Famille.objects.bulk_create(Famille(nom=f"FOYER {n}", adresse="1 rue") for n in range(299))]
    petits = {un.pk: f.enfant(un) for un in foyers[:2]}
    un, deux = (f.facture(qui, total="10", petit=petits[qui.pk]) for qui in foyers[:2])
    with CaptureQueriesContext(connection) as requetes:
        Reglement.objects.bulk_create(
            Reglement(famille=qui, montant=4, moyen="virement", recu_le=MAINTENANT.date(), saisi_le=MAINTENANT)
            for qui in foyers
        )
    assert len(requetes) == 1
    assert list(Facture.objects.impayees().order_by("pk").values_list("pk", "reste")) == [(un.pk, 6), (deux.pk, 6)]


def test_vingt_mille_foyers_d_un_coup_tiennent_dans_les_verrous_de_postgresql(foyer):
    """Un lot de prélèvements d'une grande ville s'écrit en une transaction : PostgreSQL n'a que 6 400 places."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT facturation_ranger(ARRAY(SELECT generate_series(1, 20000)))")
        curseur.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert curseur.fetchone()[0] <= 1024


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tour", range(3))
def test_huit_versements_du_meme_foyer_a_la_fois_se_comptent_tous(tour):
    f.commune()
    foyer = f.famille()
    petit = f.enfant(foyer)
    anciennes = [f.facture(foyer, total="10", mois=mois, petit=petit) for mois in MOIS]

    def verser():
        actions.encaisser(foyer, D("3"), "virement", None, MAINTENANT, reference="à plusieurs")

    ensemble([verser] * 8)
    assert restes(foyer) == dict(zip([une.pk for une in anciennes], [0, 0, 6], strict=True)) == a_la_main(foyer)


@pytest.mark.django_db(transaction=True)
def test_une_facture_emise_pendant_un_versement_le_compte():
    """Ni l'une ni l'autre ne voit l'autre : c'est leur rangement qui s'attend."""
    f.commune()
    foyer = f.famille()
    petit = f.enfant(foyer)
    for mois in MOIS:
        ensemble([
            lambda mois=mois: f.facture(foyer, total="10", mois=mois, petit=petit),
            lambda: actions.encaisser(foyer, D("6"), "virement", None, MAINTENANT, reference="en avance"),
        ])  # fmt: skip
        assert restes(foyer) == a_la_main(foyer)
    assert sum(restes(foyer).values()) == solde_de(foyer) == 12

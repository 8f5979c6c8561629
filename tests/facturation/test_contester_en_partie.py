"""Accepter en partie : au plus ce qui reste de la ligne, compté par le serveur ; l'avoir suit le chemin des autres."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given
from hypothesis import settings as reglages
from hypothesis import strategies as st

from facturation import actions
from facturation.forms import AvoirForm, RemboursementForm
from facturation.models import (
    Avoir,
    Contestation,
    Facture,
    LigneCorrigee,
    LigneRendue,
    factures_a_corriger,
    fiscales_de,
    reviser_factures,
    solde_de,
)
from facturation.models.nets import lignes_nettes
from tests import fabriques as f
from tests.reservations.test_enregistrement import ensemble

from .test_attestations import JEUDI as JEUDI_DU_FOYER
from .test_attestations import Foyer
from .test_contestations import EN_OCTOBRE, code, contester, essayer, ligne_de
from .test_evenements import JEUDI, Cantine
from .ville import MAINTENANT, SEPTEMBRE

pytestmark = pytest.mark.django_db


@pytest.fixture
def cantine():
    cantine = Cantine()
    cantine.facturer()
    return cantine


def accepter(faite, montant, suite="deduire", mots="Le goûter a été pris : il reste dû.", **options):
    montant = montant and D(montant)
    return actions.accepter_en_partie(faite, montant, suite, mots, None, EN_OCTOBRE, **options)


# --- Le montant ---------------------------------------------------------------------------------------------------
def test_une_part_se_rend_par_un_avoir_et_la_famille_lit_combien_et_pourquoi(cantine, courriels):
    faite = contester(ligne_de())
    courriels()
    famille = faite.ligne.facture.famille
    du = solde_de(famille)
    decidee = accepter(faite, "2.10")
    avoir = Avoir.objects.get()
    assert (avoir.montant, avoir.motif) == (D("2.10"), "Repas du 3 septembre : contestation acceptée en partie")
    assert (decidee.etat, decidee.avoir, decidee.rendu, decidee.suite) == ("partie", avoir, D("2.10"), "deduire")
    assert solde_de(famille) == du - D("2.10")
    assert [(p.ligne, p.montant, p.quotient) for p in LigneCorrigee.objects.all()] == [(faite.ligne, D("2.10"), None)]
    assert not LigneRendue.objects.exists()
    [recu] = courriels()
    texte = recu.get_body(("plain",)).get_content().replace("\u00a0", " ")
    assert recu["Subject"] == "Votre contestation est acceptée en partie"
    assert "un avoir vous rend une part de cette ligne" in texte
    assert "2,10" not in texte  # un courriel n'est pas secret
    assert "Le goûter a été pris" in texte


@pytest.mark.parametrize(("montant", "mots", "refus"), [
    (None, "Oui.", "montant"), ("0", "Oui.", "montant"), ("-1", "Oui.", "montant"), ("1.005", "Oui.", "montant"),
    ("3.61", "Oui.", "trop"), ("1000", "Oui.", "trop"), ("2.10", " ", "sans_motif"),
])  # fmt: skip
def test_un_montant_impossible_ou_sans_un_mot_se_refuse(cantine, montant, mots, refus):
    faite = contester(ligne_de())
    with pytest.raises(ValidationError) as leve:
        accepter(faite, montant, mots=mots)
    assert code(leve) == refus
    assert Avoir.objects.count() == LigneCorrigee.objects.count() == 0
    assert Contestation.objects.get().etat == "envoyee"


def test_rendre_tout_ce_qui_reste_de_la_ligne_c_est_l_accepter(cantine):
    decidee = accepter(contester(ligne_de()), "3.60")
    assert (decidee.etat, decidee.avoir.montant) == ("acceptee", D("3.60"))
    assert LigneRendue.objects.get().avoir == decidee.avoir
    assert not LigneCorrigee.objects.exists()


def test_la_famille_insiste_et_le_reste_seul_se_rend(cantine):
    accepter(contester(ligne_de()), "2.10")
    seconde = contester(ligne_de(), motif="Le goûter non plus.")
    with pytest.raises(ValidationError, match=r"ne reste que 1,50") as leve:
        accepter(seconde, "1.51")
    assert code(leve) == "trop"
    accepter(seconde, "0.50")
    troisieme = contester(ligne_de(), motif="Encore.")
    assert actions.accepter_contestation(troisieme, "deduire", "", None, EN_OCTOBRE).avoir.montant == D("1.00")
    assert Avoir.objects.aggregate(s=Sum("montant"))["s"] == D("3.60")


def test_une_ligne_deja_rendue_ou_une_facture_deja_rendue_n_a_plus_de_part(cantine):
    faite = contester(ligne_de())
    actions.crediter(cantine.appliquer(EN_OCTOBRE).pk, EN_OCTOBRE)
    with pytest.raises(ValidationError, match="ne reste rien") as leve:
        accepter(faite, "1")
    assert code(leve) == "trop"
    seconde = contester(ligne_de(jour=JEUDI + dt.timedelta(days=1)))
    actions.emettre_avoir(seconde.ligne.facture, D("3.00"), "Geste", None, EN_OCTOBRE)
    with pytest.raises(ValidationError, match="ne reste que 0,60"):
        accepter(seconde, "0.61")


# --- La suite ------------------------------------------------------------------------------------------------------
def test_l_avoir_d_un_evenement_et_celui_fait_a_la_main_ne_rendent_que_le_reste(cantine):
    accepter(contester(ligne_de()), "2.10")
    facture = ligne_de().facture
    formulaire = AvoirForm(facture=facture, compte=None, maintenant=EN_OCTOBRE)
    assert ligne_de() not in formulaire.fields["lignes"].queryset
    [avoir] = [a for a in actions.crediter(cantine.appliquer(EN_OCTOBRE).pk, EN_OCTOBRE) if a.facture == facture]
    assert avoir.montant == D("1.50")


def test_un_quotient_tardif_laisse_a_la_main_la_ligne_rendue_en_partie(cantine):
    accepter(contester(ligne_de()), "2.10")
    facture = ligne_de().facture
    facture.famille.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation CAF")
    ((_, revision),) = reviser_factures([facture])
    assert (revision.a_la_main, revision.rendre) == ([ligne_de()], D("0.75"))  # le repas du lendemain, lui, se corrige
    actions.corriger(facture, D("0.75"), None, EN_OCTOBRE)
    assert factures_a_corriger(SEPTEMBRE) == []


def test_une_ligne_corrigee_par_un_quotient_ne_rend_en_partie_que_ce_qu_il_en_reste(cantine):
    faite, facture = contester(ligne_de()), ligne_de().facture
    facture.famille.quotients.create(valeur=742, debut=dt.date(2026, 9, 1), preuve="attestation CAF")
    actions.corriger(facture, D("1.50"), None, EN_OCTOBRE)
    with pytest.raises(ValidationError, match="ne reste que 2,85"):
        accepter(faite, "2.86")
    assert accepter(faite, "2.00").etat == "partie"
    assert actions.reste_de_la_ligne(ligne_de()) == D("0.85")


def test_a_rembourser_la_part_seule_est_proposee_une_fois(cantine):
    faite = contester(ligne_de())
    famille = faite.ligne.facture.famille
    actions.encaisser(famille, faite.ligne.facture.total, "cheque", None, EN_OCTOBRE)
    faite = accepter(faite, "2.10", suite="rembourser")
    assert list(Contestation.objects.a_rembourser()) == [faite]
    formulaire = RemboursementForm(famille=famille, compte=None, maintenant=EN_OCTOBRE, contestation=faite)
    assert formulaire.fields["montant"].initial == D("2.10")
    assert formulaire.fields["motif"].initial == "Contestation acceptée en partie : Repas du 03/09/2026"
    actions.rembourser(famille, D("2.10"), "virement", "V1", "Part", None, EN_OCTOBRE, contestation=faite)
    assert solde_de(famille) == 0
    assert not Contestation.objects.a_rembourser().exists()


def test_la_part_de_garde_de_l_attestation_baisse_d_autant(client, time_machine):
    time_machine.move_to(f.a_paris(2026, 11, 20), tick=False)
    ici = Foyer(client)
    soir = ici.facture.lignes.select_related("facture__famille").get(prenom="Lina", texte="Soir", jour=JEUDI_DU_FOYER)
    faite = actions.contester(soir, "Partie à 17 h.", None, None, f.a_paris(2026, 11, 20))
    actions.accepter_en_partie(faite, D("0.50"), "deduire", "Une demi-heure.", None, f.a_paris(2026, 11, 20))
    ici.payer("21.90")  # tout ce qui reste : 2 × 2,00 € de garde de Lina, moins 0,50 €
    assert fiscales_de(ici.foyer, 2026)[0][1].paye == D("3.50")


def test_la_garde_d_une_ligne_partagee_baisse_en_proportion():
    facture = f.facture(f.famille(), total="10", garde=D("4.00"))
    faite = actions.contester(facture.lignes.select_related("facture__famille").get(), "x", None, None, EN_OCTOBRE)
    accepter(faite, "2.50")
    [(_, _, _, net, garde)] = lignes_nettes([facture.pk])
    assert (net, garde) == (D("7.50"), D("3.00"))


# --- La base ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("deja", "montant", "refus"), [
    ("2.10", "1.51", "ne dépassent pas la ligne"), ("3.60", "0.01", "déjà rendue en entier"),
])  # fmt: skip
def test_la_base_refuse_qu_une_ligne_rende_plus_qu_elle_ne_vaut(cantine, deja, montant, refus):
    accepter(contester(ligne_de()), deja)
    avoir = actions.emettre_avoir(ligne_de().facture, D("0.01"), "Geste", None, EN_OCTOBRE)
    with pytest.raises(IntegrityError, match=refus), transaction.atomic():
        LigneCorrigee.objects.create(ligne=ligne_de(), avoir=avoir, montant=D(montant), regle="x")


# --- Quelle que soit la suite -------------------------------------------------------------------------------------
centimes = st.integers(1, 400).map(lambda n: D(n) / 100)
rangs = st.integers(0, 2)
suites = st.lists(
    st.one_of(
        st.tuples(st.just("contester"), rangs), st.tuples(st.just("accepter"), rangs),
        st.tuples(st.just("refuser"), rangs), st.tuples(st.just("demander"), rangs),
        st.tuples(st.just("partie"), rangs, centimes), st.tuples(st.just("partie"), rangs, centimes),
        st.tuples(st.just("avoir"), centimes), st.tuples(st.just("payer"), centimes),
        st.tuples(st.just("quotient"), st.sampled_from([500, 742, 2000])),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


class Mois:
    """Trois repas de Hugo à 3,60 €, et les gestes d'une suite au hasard."""

    def __init__(self):
        f.commune()
        f.tarif()
        midi, self.foyer = f.activite(), f.famille(nom="PROPRIETE")
        hugo = f.enfant(self.foyer)
        for jour in (1, 3, 4):
            f.reservation(hugo, f.seance(midi, dt.date(2026, 9, jour)))
        actions.facturer(SEPTEMBRE, None, MAINTENANT)
        self.facture = Facture.objects.get(famille=self.foyer)
        self.lignes = list(self.facture.lignes.select_related("facture__famille").order_by("pk"))
        self.paye = D(0)

    def faire(self, geste, *valeurs):
        getattr(self, geste)(*valeurs)

    def ouverte(self, rang):
        ouvertes = Contestation.objects.ouvertes().filter(ligne=self.lignes[rang])
        return ouvertes.first() or actions.contester(self.lignes[rang], "x", None, None, EN_OCTOBRE)

    def contester(self, rang):
        actions.contester(self.lignes[rang], "x", None, None, EN_OCTOBRE)

    def accepter(self, rang):
        actions.accepter_contestation(self.ouverte(rang), "deduire", "", None, EN_OCTOBRE)

    def partie(self, rang, montant):
        actions.accepter_en_partie(self.ouverte(rang), montant, "deduire", "Oui.", None, EN_OCTOBRE)

    def refuser(self, rang):
        actions.refuser_contestation(self.ouverte(rang), "Non.", None, EN_OCTOBRE)

    def demander(self, rang):
        actions.demander_precision(self.ouverte(rang), "Quand ?", None, EN_OCTOBRE)

    def avoir(self, montant):
        actions.emettre_avoir(self.facture, montant, "Geste", None, EN_OCTOBRE)

    def payer(self, montant):
        self.paye += actions.encaisser(self.foyer, montant, "cheque", None, EN_OCTOBRE).montant

    def quotient(self, valeur):
        self.foyer.quotients.create(valeur=valeur, debut=SEPTEMBRE, preuve="attestation CAF")
        ((_, revision),) = reviser_factures([self.facture])
        actions.corriger(self.facture, revision.rendre, None, EN_OCTOBRE)

    def verifier(self):
        rendu = self.facture.avoirs.aggregate(s=Sum("montant"))["s"] or D(0)
        du = self.facture.total - rendu
        assert 0 <= rendu <= self.facture.total
        assert solde_de(self.foyer) == du - self.paye
        assert Facture.objects.avec_reste().get(pk=self.facture.pk).reste == max(du - self.paye, D(0))
        nets = [montant for _, _, _, montant, _ in lignes_nettes([self.facture.pk])]
        assert sum(nets) == du
        assert all(net >= 0 for net in nets)
        for ligne in self.lignes:
            assert (ligne.corrections.aggregate(s=Sum("montant"))["s"] or 0) <= ligne.montant
            assert 0 <= actions.reste_de_la_ligne(ligne) <= du


@reglages(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suites)
def test_facture_moins_avoirs_est_ce_qui_est_du_apres_toute_suite_de_gestes(db, suite):
    with transaction.atomic():
        mois = Mois()
        for geste in suite:
            try:
                with transaction.atomic():
                    mois.faire(*geste)
            except ValidationError:  # un refus n'écrit rien
                pass
            mois.verifier()
        transaction.set_rollback(True)


# --- Ensemble -----------------------------------------------------------------------------------------------------
@pytest.fixture
def en_vrai(transactional_db):
    cantine = Cantine()
    cantine.facturer()
    return cantine


@pytest.mark.django_db(transaction=True)
def test_deux_collegues_decident_a_la_fois_un_seul_l_emporte(en_vrai):
    faite = contester(ligne_de())
    gestes = [
        essayer(lambda: accepter(faite, "2.10")),
        essayer(lambda: actions.accepter_contestation(faite, "deduire", "", None, EN_OCTOBRE)),
        essayer(lambda: actions.refuser_contestation(faite, "Non.", None, EN_OCTOBRE)),
    ]
    assert sorted(ensemble(gestes * 2)) == ["deja_decidee"] * 5 + ["fait"]
    assert Avoir.objects.count() == (Contestation.objects.get().etat != "refusee")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tour", range(4))
def test_acceptee_en_partie_pendant_qu_un_evenement_rend_la_ligne_elle_ne_rend_que_son_prix(en_vrai, tour):
    faite, greve = contester(ligne_de()), en_vrai.appliquer(EN_OCTOBRE)
    gestes = [
        essayer(lambda: accepter(faite, "2.10")), essayer(lambda: actions.crediter(greve.pk, EN_OCTOBRE)),
    ]  # fmt: skip
    rendus = ensemble(gestes[:: -1 if tour % 2 else 1])
    assert sorted(rendus) in (["fait", "fait"], ["fait", "trop"])
    assert faite.ligne.facture.avoirs.aggregate(s=Sum("montant"))["s"] == D("3.60")


@pytest.mark.django_db(transaction=True)
def test_acceptee_en_partie_pendant_que_la_regie_rend_toute_la_facture_rien_n_est_rendu_en_trop(en_vrai):
    faite = contester(ligne_de())
    facture = faite.ligne.facture
    gestes = [
        essayer(lambda: accepter(faite, "2.10")),
        essayer(lambda: actions.emettre_avoir(facture, facture.total, "Tout", None, EN_OCTOBRE)),
    ]
    assert ensemble(gestes) in (["fait", "trop"], ["trop", "fait"])
    assert Avoir.objects.count() == 1

"""Les petites dettes attendent la facture suivante ; chaque budget a la sienne ; rien ne se perd ni ne se double."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from facturation import actions, pdf, regles
from facturation.models import Budget, Emission, Facturation, Facture, Ligne, Mois, Regie, Report, mois_d_avant
from reservations.models import Excuse
from tests import fabriques as f

from .ville import SEPTEMBRE, ville

OCTOBRE, NOVEMBRE, DECEMBRE = (dt.date(2026, mois, 1) for mois in (10, 11, 12))
LE_3 = {SEPTEMBRE: dt.date(2026, 9, 3), OCTOBRE: dt.date(2026, 10, 6), NOVEMBRE: dt.date(2026, 11, 3),
        DECEMBRE: dt.date(2026, 12, 3)}  # fmt: skip


# --- Les règles -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cas", "somme", "mois", "inscrit", "attend"),
    [
        ("sous le seuil, encore inscrit", "14.99", OCTOBRE, True, True),
        ("au seuil, on facture", "15.00", OCTOBRE, True, False),
        ("l'exercice se clôt en décembre", "8.20", DECEMBRE, True, False),
        ("le foyer s'en va", "8.20", OCTOBRE, False, False),
    ],
)
def test_une_petite_dette_attend(cas, somme, mois, inscrit, attend):
    assert regles.doit_attendre(D(somme), regles.SEUIL, mois, inscrit) is attend, cas


@pytest.mark.parametrize(
    ("avant", "maintenant", "mediane", "mot"),
    [
        ("80", "82", "70", None),
        ("40", "80", "70", "bondit"),  # le double, et 40 € de plus
        ("10", "30", "70", None),  # le triple, mais 20 € : trop peu pour le regarder
        ("80", "40", "70", "tombe"),
        ("80", "0", "70", "rien"),
        ("0", "45", "70", "revient"),
        (None, "45", "70", "nouveau"),
        (None, "280", "70", "gros"),
        ("200", "281", "70", "gros"),
        ("300", "281", "70", None),  # gros, mais moins que d'habitude
        (None, "0", "70", None),
    ],
)
def test_ce_qui_sort_de_l_ordinaire(avant, maintenant, mediane, mot):
    assert regles.mois.remarquer(avant and D(avant), D(maintenant), D(mediane)) == mot


@pytest.mark.parametrize(
    ("avant", "maintenant", "dit"),
    [("100", "112", "+12\u00a0%"), ("100", "97", "−3\u00a0%"), ("100", "100.20", "="), ("0", "5", ""), (None, "5", "")],
)
def test_la_variation_se_dit(avant, maintenant, dit):
    assert regles.variation(avant and D(avant), D(maintenant)) == dit


def ligne(activite, centimes):
    fait = regles.Fait(1, 1, 1, SEPTEMBRE, activite, True)
    return regles.Prestation(fait, "Hugo", "Repas", regles.Prix(D(centimes) / 100, "prix unique", None))


SOMMES = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2000)), max_size=6)


@given(SOMMES, st.lists(st.tuples(st.sampled_from([None, 7]), SOMMES), max_size=3), st.integers(0, 3000))
def test_rien_ne_se_perd_d_un_foyer_a_ses_pieces(du_mois, d_avant, seuil):
    """Chaque ligne est sur une pièce et une seule ; ce qui ne s'émet pas est sous le seuil."""
    lignes = [ligne(activite, centimes) for activite, centimes in du_mois]
    attentes = [
        regles.Attente(n, budget, [ligne(activite, centimes) for activite, centimes in siennes])
        for n, (budget, siennes) in enumerate(d_avant)
    ]
    pieces = regles.pieces_du_foyer(1, lignes, attentes, {3: 7}.get, lambda somme: somme < D(seuil) / 100)
    somme = regles.total(lignes) + sum((regles.total(a.lignes) for a in attentes), D(0))
    assert sum((piece.total for piece in pieces), D(0)) == somme
    assert all(piece.total < D(seuil) / 100 and not piece.repris for piece in pieces if piece.reporte)
    assert all(piece.total >= D(seuil) / 100 or not piece.total for piece in pieces if not piece.reporte)
    repris = [cle for piece in pieces for cle in piece.repris]
    assert len(repris) == len(set(repris))


# --- Les mois qui se suivent ----------------------------------------------------------------------------------------
@pytest.fixture
def hugo(db):
    f.commune()
    Regie.objects.create(seuil=15)
    f.tarif(tranches=[(None, "8.20")])
    f.tarif(tranches=[(None, "4.00")], genre="soir", nom="Soir")
    petit = f.enfant(f.famille())
    petit.midi, petit.soir = f.activite(), f.activite(genre="soir", nom="Accueil du soir")
    f.inscription(petit, petit.midi, fin=dt.date(2027, 7, 5))
    return petit


def reserver(petit, mois, activite=None):
    return f.reservation(petit, f.seance(activite or petit.midi, LE_3[mois]))


def facturer(mois):
    """Émet ce mois, comme on l'aurait fait au début du suivant ; l'aperçu d'avant doit le dire au centime."""
    annonce = actions.apercu(mois)
    suivant = regles.suivant(mois)
    facturation = actions.facturer(mois, None, f.a_paris(suivant.year, suivant.month, 2))
    emises = Facture.objects.filter(mois=mois)
    assert (annonce.factures, annonce.total) == (len(emises), sum((e.total for e in emises), D(0)))
    assert len(annonce.reportes) == len({r.famille_id for r in Report.objects.filter(repris_par=None)})
    assert annonce.total == sum(annonce.montants.values(), D(0))
    return facturation


def test_deux_petits_mois_font_une_facture_qui_dit_chacun_de_ses_jours(hugo):
    reserver(hugo, SEPTEMBRE)
    facturation = facturer(SEPTEMBRE)
    assert (facturation.faites, facturation.reportes, Facture.objects.count()) == (0, 1, 0)
    report = Report.objects.get()
    assert (report.mois, report.montant, report.activites) == (SEPTEMBRE, D("8.20"), [hugo.midi.pk])
    reserver(hugo, OCTOBRE)
    facturation = facturer(OCTOBRE)
    assert (facturation.faites, facturation.reportes) == (1, 0)
    assert list(Ligne.objects.values_list("texte", "jour", "montant")) == [
        ("Repas, septembre", LE_3[SEPTEMBRE], D("8.20")), ("Repas", LE_3[OCTOBRE], D("8.20")),
    ]
    assert Facture.objects.get().total == D("16.40")
    assert Report.objects.get().repris_par == facturation
    facturer(NOVEMBRE)
    assert Facture.objects.count() == 1


def test_trois_mois_sous_le_seuil_attendent_jusqu_a_decembre(hugo):
    Regie.objects.update(seuil=100)
    for mois in (SEPTEMBRE, OCTOBRE, NOVEMBRE):
        reserver(hugo, mois)
        facturer(mois)
    assert (Facture.objects.count(), Report.objects.en_attente().count()) == (0, 3)
    facturer(DECEMBRE)  # rien de réservé en décembre : l'exercice se clôt, tout s'émet
    facture = Facture.objects.get()
    assert (facture.numero, facture.total, facture.mois) == (1, D("24.60"), DECEMBRE)
    assert not Report.objects.en_attente().exists()


def test_un_foyer_qui_s_en_va_est_facture_de_ce_qui_attendait(hugo):
    reserver(hugo, SEPTEMBRE)
    facturer(SEPTEMBRE)
    hugo.inscriptions.update(fin=dt.date(2026, 10, 31))
    facturer(OCTOBRE)
    assert Facture.objects.get().total == D("8.20")


def test_une_excuse_acceptee_apres_le_report_eteint_la_dette_sans_facture(hugo):
    reservation = reserver(hugo, SEPTEMBRE)
    facturer(SEPTEMBRE)
    Excuse.objects.create(reservation=reservation, texte="Grippe", etat="acceptee", envoyee_le=f.a_paris(2026, 10, 5))
    facturer(OCTOBRE)
    assert Facture.objects.count() == 0
    assert not Report.objects.en_attente().exists()


def test_chaque_budget_a_sa_facture_et_son_seuil(hugo, tmp_path):
    loisirs = Budget.objects.create(nom="Régie des loisirs", iban="FR7630006000011234567890189")
    loisirs.activites.create(genre="soir")
    actions.signer_mandat(hugo.familles.get(), "Celine LA STAR", "FR7630006000011234567890189", SEPTEMBRE)
    for jour in (1, 2, 3, 4):
        for activite in (hugo.midi, hugo.soir):
            f.reservation(hugo, f.seance(activite, dt.date(2026, 9, jour)))
    facturer(SEPTEMBRE)
    midi, soir = Facture.objects.order_by("numero")
    assert [(x.numero, x.budget, x.total) for x in (midi, soir)] == [(1, None, D("32.80")), (2, loisirs, D("16.00"))]
    assert midi.rum
    assert not soir.rum  # son compte n'est pas celui que le lot crédite
    assert (midi.emetteur["regie"], soir.emetteur["regie"]) == ("Régie périscolaire", "Régie des loisirs")
    assert soir.emetteur["iban"].replace(" ", "") == loisirs.iban
    reserver(hugo, OCTOBRE, hugo.soir)  # 4 € : attend, quand bien même le midi se facture
    for jour in (1, 2):
        f.reservation(hugo, f.seance(hugo.midi, dt.date(2026, 10, jour)))
    facturer(OCTOBRE)
    assert Facture.objects.get(mois=OCTOBRE).budget is None
    assert Report.objects.get().budget == loisirs
    assert pdf.produire(soir).startswith(b"%PDF")


def test_une_activite_qui_change_de_budget_ne_se_facture_ni_deux_fois_ni_aucune(hugo):
    reserver(hugo, SEPTEMBRE, hugo.soir)
    f.reservation(hugo, f.seance(hugo.midi, dt.date(2026, 9, 10)))
    Regie.objects.update(seuil=100)
    facturer(SEPTEMBRE)
    Budget.objects.create(nom="Loisirs").activites.create(activite=hugo.soir)
    facturer(OCTOBRE)
    facturer(NOVEMBRE)
    facturer(DECEMBRE)
    assert sorted(Ligne.objects.values_list("texte", "montant")) == [
        ("Accueil du soir, septembre", D("4.00")), ("Repas, septembre", D("8.20")),
    ]


def test_la_comparaison_ne_regarde_que_les_mois_d_avant_du_meme_budget(hugo):
    Budget.objects.create(nom="Loisirs").activites.create(genre="soir")
    Regie.objects.update(seuil=0)
    for mois in (SEPTEMBRE, OCTOBRE):
        reserver(hugo, mois)
        reserver(hugo, mois, hugo.soir)
        facturer(mois)
    repas, soir = Facture.objects.filter(mois=OCTOBRE).order_by("numero")
    assert [(b.mois, b.total) for b in mois_d_avant(repas)] == [(SEPTEMBRE, D("8.20"))]
    assert [(b.mois, b.total) for b in mois_d_avant(soir)] == [(SEPTEMBRE, D("4.00"))]


def test_le_seuil_change_en_cours_d_emission_ne_change_pas_le_mois_lance(hugo):
    reserver(hugo, SEPTEMBRE)
    actions.mois.preparer(Mois(SEPTEMBRE), None, f.a_paris(2026, 10, 2))
    Regie.objects.update(seuil=0)
    actions.facturer(SEPTEMBRE, None, f.a_paris(2026, 10, 2))
    assert Facturation.objects.get().seuil == D("15.00")
    assert Report.objects.count() == 1


def test_la_famille_lit_ce_qui_est_reporte_puis_la_facture_qui_le_reprend(hugo, client, time_machine):
    time_machine.move_to(f.a_paris(2026, 10, 3), tick=False)
    client.force_login(hugo.familles.get().adultes.get().compte)
    reserver(hugo, SEPTEMBRE)
    facturer(SEPTEMBRE)
    for page in (reverse("facturation:situation"), reverse("facturation:prestations") + "?mois=2026-09"):
        lue = " ".join(client.get(page).content.decode().replace("\u00a0", " ").split())
        assert "8,20 € de septembre 2026 seront sur la prochaine facture" in lue
    reserver(hugo, OCTOBRE)
    facturer(OCTOBRE)
    facture = Facture.objects.get()
    apres = client.get(reverse("facturation:prestations") + "?mois=2026-09").content.decode()
    assert f"facture {facture.reference}" in apres
    assert "avec octobre" in apres
    assert "Repas, septembre" in client.get(reverse("facturation:facture", args=[facture.pk])).content.decode()
    assert "Reporté" not in client.get(reverse("facturation:situation")).content.decode()


# --- Le nombre de requêtes ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_un_foyer_ou_trois_cents_coutent_autant_de_requetes_reports_compris():
    familles = [famille.pk for famille in ville(300, par_jour=1, enfants=1)]
    passage = Facturation.objects.create(mois=dt.date(2026, 8, 1), echeance=SEPTEMBRE, lancee_le=f.a_paris(2026, 9, 2))
    midi = Ligne.activite.field.related_model.objects.get().pk
    Report.objects.bulk_create(
        Report(famille_id=pk, mois=passage.mois, montant=3, activites=[midi], facturation=passage) for pk in familles
    )
    nombres = []
    for foyers in (familles[:1], familles):
        emission = Emission(Mois(SEPTEMBRE), D(15))
        with CaptureQueriesContext(connection) as requetes:
            emission.pieces(foyers)
        nombres.append(len(requetes))
    assert nombres[0] == nombres[1] <= 20

"""Ce qu'une attestation compte, en tables calculées à la main et en propriétés."""

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation import regles
from facturation.regles import Recu


@pytest.mark.parametrize(("genre", "part"), [
    ("midi", "0"), ("matin", "1.20"), ("soir", "1.20"), ("mercredi", "1.20"), ("vacances", "1.20"),
])  # fmt: skip
def test_le_repas_n_est_pas_de_la_garde(genre, part):
    assert regles.part_de_garde(genre, D("1.20")) == D(part)
    assert regles.part_de_garde(genre, D("1.20"), D("0.40")) == D("0.40"), "le tarif a dit sa part"


@pytest.mark.parametrize(("naissance", "jeune"), [
    (dt.date(2020, 1, 2), True),  # cinq ans ce jour-là
    (dt.date(2020, 1, 1), False),  # six ans ce jour-là
    (dt.date(2019, 12, 31), False),
    (dt.date(2026, 5, 1), True),  # né dans l'année
])  # fmt: skip
def test_moins_de_six_ans_au_premier_janvier(naissance, jeune):
    assert regles.est_jeune(naissance, 2026) == jeune


def recu(jour, montant, facture=None):
    return Recu(dt.date(2026, 1, 1) + dt.timedelta(days=jour), D(montant), facture)


def sommes(parts):
    debut = dt.date(2026, 1, 1)
    return {facture: [((r.jour - debut).days, somme) for r, somme in siens] for facture, siens in parts.items()}


@pytest.mark.parametrize(("nettes", "recus", "attendu"), [
    ({1: "10"}, [(5, "10", 1)], {1: [(5, D(10))]}),
    # Le surplus de la facture 2 va à la plus ancienne.
    ({1: "10", 2: "5"}, [(5, "8", 2)], {2: [(5, D(5))], 1: [(5, D(3))]}),
    # Sans facture désignée : la plus ancienne d'abord.
    ({1: "10", 2: "5"}, [(5, "12", None)], {1: [(5, D(10))], 2: [(5, D(2))]}),
    # Un avoir a réduit la facture après son paiement : le trop-payé va à la suivante.
    ({1: "7", 2: "5"}, [(5, "10", 1)], {1: [(5, D(7))], 2: [(5, D(3))]}),
    # Ce qui dépasse tout est une avance : elle n'a encore rien payé.
    ({1: "7"}, [(5, "10", None)], {1: [(5, D(7))]}),
    ({1: "0"}, [(5, "10", 1)], {}),
])  # fmt: skip
def test_un_reglement_va_a_sa_facture_puis_aux_plus_anciennes(nettes, recus, attendu):
    parts = regles.affecter({f: D(n) for f, n in nettes.items()}, [recu(*r) for r in recus])
    assert sommes(parts) == attendu


@given(
    st.lists(st.integers(0, 5000), max_size=6),
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5000), st.one_of(st.none(), st.integers(0, 7))), max_size=8),
)
def test_rien_ne_se_paie_plus_que_ce_qui_est_du_ni_que_ce_qui_est_recu(nets, recus):
    nettes = {n: D(net) / 100 for n, net in enumerate(nets)}
    lus = [recu(jour, D(c) / 100, facture) for jour, c, facture in recus]
    parts = regles.affecter(nettes, lus)
    payes = {f: sum(s for _, s in liste) for f, liste in parts.items()}
    assert all(payes[f] <= nettes[f] for f in payes)
    assert sum(payes.values(), D(0)) == min(sum(nettes.values(), D(0)), sum((r.montant for r in lus), D(0)))


# Lina a cinq ans au 1er janvier 2026, Hugo huit. La facture 1 : Lina 10 € de garde et 6 € de repas, Hugo 4 € de garde.
NAISSANCES = {"lina": dt.date(2020, 5, 19), "hugo": dt.date(2017, 2, 7), "tom": dt.date(2022, 3, 1)}
LIGNES = [(1, "lina", "soir", D(10), None), (1, "lina", "midi", D(6), None), (1, "hugo", "soir", D(4), None)]


@pytest.mark.parametrize(("nom", "parts", "alternes", "attendu"), [
    ("payée en entier", {1: [(recu(9, "20"), D(20))]}, set(), [("lina", D("10.00"), False, D("10.00"))]),
    ("à moitié payée", {1: [(recu(9, "10"), D(10))]}, set(), [("lina", D("5.00"), False, D("5.00"))]),
    ("au tiers, au centime", {1: [(recu(9, "7"), D("6.67"))]}, set(), [("lina", D("3.34"), False, D("3.34"))]),
    ("payée l'année suivante", {1: [(recu(365, "20"), D(20))]}, set(), []),
    ("en deux années", {1: [(recu(9, "5"), D(5)), (recu(400, "15"), D(15))]}, set(),
     [("lina", D("2.50"), False, D("2.50"))]),
    ("en résidence alternée", {1: [(recu(9, "20"), D(20))]}, {"lina", "hugo"},
     [("lina", D("10.00"), True, D("5.00"))]),
    ("pas payée", {}, set(), []),
])  # fmt: skip
def test_l_attestation_retient_la_garde_payee_dans_l_annee_des_moins_de_six_ans(nom, parts, alternes, attendu):
    assert [tuple(r) for r in regles.retenir(2026, LIGNES, parts, NAISSANCES, alternes)] == attendu


@pytest.mark.parametrize(("lignes", "du", "attendu"), [
    ({"repas": "10", "soir": "10"}, "20", {"repas": "10", "soir": "10"}),
    # Le soir corrigé de 10 à 5 par un quotient tardif : l'avoir le désigne, rien d'autre n'est à répartir.
    ({"repas": "10", "soir": "5"}, "15", {"repas": "10", "soir": "5"}),
    # Un geste de 3 € sur 15 : un cinquième de chacune.
    ({"repas": "10", "soir": "5"}, "12", {"repas": "8", "soir": "4"}),
    ({"repas": "0.01", "soir": "0.01", "matin": "0.01"}, "0.02", {"repas": "0", "soir": "0.01", "matin": "0.01"}),
    ({"repas": "10"}, "0", {"repas": "0"}),
    ({}, "0", {}),
])  # fmt: skip
def test_ce_que_les_avoirs_n_ont_pas_designe_se_repartit(lignes, du, attendu):
    nets = regles.nets([(cle, D(euros)) for cle, euros in lignes.items()], D(du))
    assert nets == {cle: D(euros) for cle, euros in attendu.items()}


@given(st.lists(st.integers(0, 5000), max_size=8), st.integers(0, 40000))
def test_les_nets_font_ce_que_la_facture_demande_et_aucun_n_est_negatif(centimes, rendu):
    lignes = [(n, D(c) / 100) for n, c in enumerate(centimes)]
    du = max(sum((euros for _, euros in lignes), D(0)) - D(rendu) / 100, D(0))
    nets = regles.nets(lignes, du)
    assert sum(nets.values(), D(0)) == du
    assert all(0 <= nets[cle] <= euros for cle, euros in lignes)


def test_les_enfants_se_suivent_par_age_et_un_repas_seul_ne_retient_rien():
    lignes = [(1, "tom", "matin", D(3), None), (1, "lina", "soir", D(3), None), (2, "lina", "midi", D(3), None)]
    parts = {1: [(recu(0, "6"), D(6))], 2: [(recu(0, "3"), D(3))]}
    retenues = regles.retenir(2026, lignes, parts, NAISSANCES, set())
    assert [(r.enfant, r.paye) for r in retenues] == [("lina", D("3.00")), ("tom", D("3.00"))]


def test_la_moitie_s_arrondit_au_centime():
    lignes, parts = [(1, "lina", "soir", D("2.05"), None)], {1: [(recu(0, "2.05"), D("2.05"))]}
    [retenue] = regles.retenir(2026, lignes, parts, NAISSANCES, {"lina"})
    assert retenue.retenu == D("1.03")

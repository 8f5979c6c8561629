"""Les règles des exports : écritures équilibrées, ventilation au centime, heures, tranches, tableaux."""

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.regles import ventiler
from facturation.regles.exports import (
    CONTENUS,
    Codes,
    Recette,
    avoir,
    barres,
    encaissement,
    heures_de,
    par_trimestre_et_age,
    rang_de_bande,
    tableaux,
    trimestre,
    vente,
)

JOUR = dt.date(2026, 10, 2)
CODES = Codes(
    "411", "CANT", ("VT", "AV", "EN"), {"cheque": "5112", "virement": "515"},
    {1: ("7067", "REP"), 2: ("7067", "SOIR"), 3: ("7066", "")},
)  # fmt: skip
montants = st.decimals(min_value=0, max_value=5000, places=2, allow_nan=False)
parts = st.lists(st.tuples(st.sampled_from([1, 2, 3]), montants), max_size=12)


def mots(ecritures):
    return [(e.journal, e.compte, e.analytique, e.debit, e.credit) for e in ecritures]


def test_une_facture_debite_le_foyer_et_credite_chaque_produit():
    parts = [(1, D("12.50")), (3, D("4.00")), (1, D("2.50")), (2, D(0))]
    ecrites = vente(CODES, JOUR, "2026-000001", "Facture", 7, parts)
    assert mots(ecrites) == [
        ("VT", "411", "", D("19.00"), D(0)), ("VT", "7066", "", D(0), D("4.00")),
        ("VT", "7067", "REP", D(0), D("15.00")),
    ]  # fmt: skip
    assert {(e.piece, e.famille, e.budget, e.jour) for e in ecrites} == {("2026-000001", 7, "CANT", JOUR)}


def test_un_avoir_est_la_vente_a_l_envers_et_une_ligne_rencherie_s_y_credite():
    rendu = avoir(CODES, JOUR, "A2026-000001", "Avoir", 7, [(1, D("5.00")), (3, D("-1.20"))])
    assert mots(rendu) == [
        ("AV", "7066", "", D(0), D("1.20")), ("AV", "7067", "REP", D("5.00"), D(0)),
        ("AV", "411", "", D(0), D("3.80")),
    ]  # fmt: skip


def test_l_argent_recu_debite_la_tresorerie_l_argent_rendu_la_credite():
    recu = encaissement(CODES, JOUR, "R000001", "Chèque", 7, "cheque", D("19.00"))
    rendu = encaissement(CODES, JOUR, "D000001", "Virement", 7, "virement", D("-3.00"))
    assert mots(recu) == [("EN", "5112", "", D("19.00"), D(0)), ("EN", "411", "", D(0), D("19.00"))]
    assert mots(rendu) == [("EN", "515", "", D(0), D("3.00")), ("EN", "411", "", D("3.00"), D(0))]


@given(parts, parts, st.lists(st.tuples(st.sampled_from(["cheque", "virement"]), montants, st.sampled_from([1, -1]))))
def test_chaque_piece_s_equilibre_et_le_compte_de_tiers_est_ce_qui_est_du(ventes, rendus, argent):
    pieces = [vente(CODES, JOUR, "F", "", 1, ventes), avoir(CODES, JOUR, "A", "", 1, rendus)]
    pieces += [encaissement(CODES, JOUR, "R", "", 1, moyen, sens * somme) for moyen, somme, sens in argent]
    for piece in pieces:
        assert sum(e.debit for e in piece) == sum(e.credit for e in piece)
        assert all((e.debit == 0) != (e.credit == 0) and e.debit >= 0 and e.credit >= 0 for e in piece)
    tiers = sum(e.debit - e.credit for piece in pieces for e in piece if e.compte == "411")
    du = sum(m for _, m in ventes) - sum(m for _, m in rendus) - sum(sens * somme for _, somme, sens in argent)
    assert tiers == du


@pytest.mark.parametrize(
    ("montant", "poids", "attendu"),
    [
        ("9.00", ["9.00"], ["9.00"]),
        ("3.00", ["2.85", "2.85", "2.85"], ["1.00", "1.00", "1.00"]),
        ("1.00", ["2.85", "2.85", "2.85"], ["0.34", "0.33", "0.33"]),
        ("0.01", ["2.00", "4.00"], ["0.00", "0.01"]),
        ("10.00", ["2.00", "0.00", "6.00"], ["2.50", "7.50"]),
        ("2.00", ["5.00", "-3.00"], ["5.00", "-3.00"]),  # déjà dit par l'avoir : gardé tel quel
    ],
)
def test_un_avoir_se_ventile_au_centime(montant, poids, attendu):
    parts = ventiler(D(montant), list(enumerate(map(D, poids))))
    assert [euros for _, euros in parts] == list(map(D, attendu))


@given(
    st.decimals(min_value=D("0.01"), max_value=5000, places=2),
    st.lists(st.decimals(min_value=0, max_value=500, places=2), min_size=1).filter(any),
)
def test_la_ventilation_fait_toujours_la_somme_et_ne_prend_rien_a_une_ligne_gratuite(montant, poids):
    parts = ventiler(montant, list(enumerate(poids)))
    assert sum(euros for _, euros in parts) == montant
    assert all(euros >= 0 for _, euros in parts)
    if sum(poids) != montant:
        assert all(abs(euros - montant * poids[n] / sum(poids)) < D("0.01") for n, euros in parts)


@pytest.mark.parametrize(
    ("debut", "fin", "heures"),
    [("07:30", "08:20", "0.83"), ("11:45", "13:30", "1.75"), ("16:30", "18:30", "2.00"), ("08:00", "18:00", "10.00")],
)
def test_la_duree_d_un_creneau_en_heures_decimales(debut, fin, heures):
    assert heures_de(dt.time.fromisoformat(debut), dt.time.fromisoformat(fin)) == D(heures)


def test_les_heures_de_plusieurs_creneaux_ne_s_arrondissent_qu_une_fois():
    """65 minutes, 183 fois : 198,25 heures, et non 183 × 1,08 = 197,64."""
    assert heures_de(dt.time(7, 15), dt.time(8, 20), 183) == D("198.25")


def test_les_heures_se_somment_par_trimestre_et_par_age():
    rangees = [
        ("2026-T4", "Soir", "Nord", "6 ans et plus", 2, 3, D("4.50"), D("6.00"), D("3.00"), 0),
        ("2026-T3", "Soir", "Nord", "6 ans et plus", 1, 1, D("1.50"), D("1.50"), D("1.50"), 0),
        ("2026-T4", "Midi", "Nord", "6 ans et plus", 2, 2, D("4.00"), D("4.00"), D("4.00"), 1),
        ("2026-T4", "Midi", "Nord", "moins de 6 ans", 2, 1, D("2.00"), D("4.00"), D("0.00"), 1),
    ]
    assert par_trimestre_et_age(rangees) == [
        ("2026-T3", "6 ans et plus", 1, D("1.50"), D("1.50"), D("1.50")),
        ("2026-T4", "moins de 6 ans", 1, D("2.00"), D("4.00"), D("0.00")),
        ("2026-T4", "6 ans et plus", 5, D("8.50"), D("10.00"), D("7.00")),
    ]


def test_un_trimestre_est_civil():
    noms = [trimestre(dt.date(2026, mois, 1)) for mois in (1, 3, 4, 6, 7, 9, 10, 12)]
    assert noms == ["2026-T1", "2026-T1", "2026-T2", "2026-T2", "2026-T3", "2026-T3", "2026-T4", "2026-T4"]


@pytest.mark.parametrize(("quotient", "rang"), [(0, 0), (600, 0), (601, 1), (900, 1), (901, 2), (5000, 2), (None, 3)])
def test_la_tranche_d_un_quotient_a_ses_bornes_comprises(quotient, rang):
    assert rang_de_bande(quotient, [600, 900]) == rang


@given(
    st.lists(
        st.builds(
            Recette, st.sampled_from([dt.date(2026, 9, 1), dt.date(2026, 10, 1)]), st.sampled_from(["Nord", "Sud"]),
            st.sampled_from(["Repas", "Soir"]), st.integers(0, 3), st.integers(0, 50), montants, montants,
        ),
        max_size=20,
    )
)  # fmt: skip
def test_les_quatre_tableaux_font_la_meme_somme(recettes):
    total = sum((r.nette for r in recettes), D(0))
    dresses = tableaux(recettes, [600, 900], str)
    assert [t.titre for t in dresses] == ["Mois facturé", "École", "Activité", "Tranche de quotient"]
    assert [sum((rangee[4] for rangee in t.rangees), D(0)) for t in dresses] == [total] * 4


def test_les_tranches_se_lisent_et_les_barres_sont_a_l_echelle():
    recettes = [Recette(dt.date(2026, 9, 1), "Nord", "Repas", n, 1, D(10 + n * 10), D(0)) for n in range(3)]
    assert [(rangee[0], rangee[5]) for rangee in tableaux(recettes, [600], str)[3].rangees] == [
        ("jusqu'à 600", 33), ("601 et plus", 67), ("sans quotient connu", 100),
    ]  # fmt: skip
    assert barres([D(50), D(100), D(-3)]) == [50, 100, 0]
    assert barres([]) == []
    assert barres([D(0)]) == [0]


def test_chaque_export_dit_ce_qu_il_contient_et_aucun_titre_de_colonne_ne_se_repete():
    for contenu in CONTENUS.values():
        titres = [colonne.titre for colonne in contenu.colonnes]
        assert len(set(titres)) == len(titres), contenu.cle
        assert contenu.contenu.endswith("."), contenu.cle
        assert contenu.pour, contenu.cle
    assert [contenu.cle for contenu in CONTENUS.values() if not contenu.scelle] == ["familles", "presences", "heures"]

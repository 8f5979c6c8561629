"""La facture ouverte jusqu'au jour, le mois en image, la phrase qui compare : des tables et des propriétés."""

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation import regles
from facturation.regles import Acte, Bilan

SEPTEMBRE, AOUT = dt.date(2026, 9, 1), dt.date(2026, 8, 1)
VENU = {"reserve": "reservee", "pointage": "present"}


def acte(jour, montant="2.85", texte="Repas", enfant=1, activite=1, **faits):
    return Acte(
        jour, enfant, "Hugo" if enfant == 1 else "Lina", activite, texte, dt.date(2026, 9, jour), D(montant),
        "tranche 2", **faits,
    )  # fmt: skip


# --- Les faits d'un jour --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("faits", "marque", "reserve", "venu", "facture"), [
    (VENU, "present", "oui", "oui", "2,85\u00a0€"),
    ({"reserve": "reservee", "pointage": "absent"}, "absent", "oui", "non", "2,85\u00a0€"),
    ({"reserve": "reservee", "pointage": "excuse"}, "excuse", "oui", "excusé", "2,85\u00a0€"),
    ({"reserve": "reservee"}, "prevu", "oui", "pas pointé", "2,85\u00a0€"),
    ({"reserve": "reservee", "hors_delai": True, "pointage": "present"}, "present", "hors délai", "oui", "2,85\u00a0€"),
    ({"pointage": "present"}, "en_plus", "non", "oui", "2,85\u00a0€"),
    ({"reserve": "annulee", "pointage": "present"}, "en_plus", "annulé depuis", "oui", "2,85\u00a0€"),
    (VENU | {"avoir": "A2026-000001"}, "rendu", "oui", "oui", "2,85\u00a0€, rendu"),
])  # fmt: skip
def test_chaque_jour_dit_reserve_venu_et_facture(faits, marque, reserve, venu, facture):
    dit = acte(3, **faits)
    assert (dit.marque, dit.reserve_dit, dit.venu_dit, dit.facture_dit) == (marque, reserve, venu, facture)


def test_les_heures_se_disent_si_on_les_sait():
    assert acte(3, arrivee=dt.time(7, 30), depart=dt.time(8, 5)).heures_dites == "de 7 h 30 à 8 h 05"
    assert acte(3, depart=dt.time(18, 0)).heures_dites == "à 18 h 00"
    assert acte(3).heures_dites == ""


# --- Par enfant, par activité, jusqu'au jour ------------------------------------------------------------------------
def test_la_facture_se_range_par_enfant_puis_par_activite_la_plus_chere_d_abord():
    actes = [
        acte(4, **VENU), acte(3, **VENU), acte(3, "1.20", "Matin", activite=2, reserve="reservee", pointage="absent"),
        acte(3, "2.57", enfant=2, **VENU),
    ]
    hugo, lina = regles.detailler(SEPTEMBRE, actes)
    assert [(r.texte, r.montant, r.jours_en_mots, r.remarques) for r in hugo.rangees] == [
        ("Repas", D("5.70"), "les 3 et 4", ""), ("Matin", D("1.20"), "le 3", "1 absent"),
    ]
    assert [a.jour.day for a in hugo.rangees[0].actes] == [3, 4]
    assert (hugo.total, lina.total) == (D("6.90"), D("2.57"))


def test_ce_qui_sort_de_l_ordinaire_se_compte_sur_la_rangee():
    absents = [acte(j, reserve="reservee", pointage="absent") for j in (3, 4)]
    [part] = regles.detailler(SEPTEMBRE, [*absents, acte(7, pointage="present"), acte(8, pointage="present")])
    assert part.rangees[0].remarques == "2 absents, 2 en plus"


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 3), st.integers(1, 3), st.integers(0, 999)), max_size=60))
def test_la_somme_des_parts_est_celle_des_actes_et_aucun_jour_ne_se_perd(lignes):
    actes = [acte(j, D(c) / 100, f"T{a}", e, a) for j, e, a, c in lignes]
    parts = regles.detailler(SEPTEMBRE, actes)
    assert sum((p.total for p in parts), D(0)) == sum((a.montant for a in actes), D(0))
    assert sorted(a for p in parts for r in p.rangees for a in r.actes) == sorted(actes)
    marques = sum(bool(case.marque) for p in parts for semaine in p.semaines for case in semaine)
    assert marques == len({(a.enfant, a.jour) for a in actes})


# --- Le mois en image -----------------------------------------------------------------------------------------------
def test_le_calendrier_n_a_de_week_end_que_s_il_y_vient():
    tetes, semaines = regles.calendrier(SEPTEMBRE, [acte(3, **VENU)])
    assert [lettre for lettre, _ in tetes] == ["L", "M", "M", "J", "V"]
    assert [case.quantieme for case in semaines[0]] == ["", 1, 2, 3, 4]
    tetes, _ = regles.calendrier(SEPTEMBRE, [acte(5, **VENU)])
    assert len(tetes) == 7


def test_un_mois_qui_commence_un_samedi_ne_montre_pas_de_semaine_vide():
    _, semaines = regles.calendrier(AOUT, [])
    assert [case.quantieme for case in semaines[0]] == [3, 4, 5, 6, 7]


def test_un_jour_montre_ce_qu_il_a_de_plus_remarquable_et_dit_tout():
    actes = [acte(3, **VENU), acte(3, "1.20", "Matin", activite=2, reserve="reservee", pointage="absent")]
    _, semaines = regles.calendrier(SEPTEMBRE, actes)
    case = semaines[0][3]
    assert (case.marque, case.mot) == ("absent", "absent")
    assert case.phrase == "jeudi 3 septembre : Repas 2,85\u00a0€ (venu), Matin 1,20\u00a0€ (absent)"


def test_un_jour_n_est_rendu_que_si_tout_l_est():
    rendu = VENU | {"avoir": "A2026-000001"}
    _, semaines = regles.calendrier(SEPTEMBRE, [acte(3, **rendu), acte(4, **rendu), acte(4, texte="Soir", **VENU)])
    assert [case.marque for case in semaines[0]] == ["", "", "", "rendu", "present"]


# --- Comparé aux mois d'avant ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ici", "avant", "phrase"), [
    (("46.20", {"Repas": 16}), ("34.20", {"Repas": 12}), "12,00\u00a0€ de plus qu'en août\u00a0: 4 repas de plus."),
    (("34.20", {"Repas": 12}), ("46.20", {"Repas": 16}), "12,00\u00a0€ de moins qu'en août\u00a0: 4 repas de moins."),
    (("30.00", {"Repas": 10, "Soir": 4}), ("30.00", {"Repas": 12}),
     "Autant qu'en août\u00a0: 4 fois «\u00a0Soir\u00a0» de plus, 2 repas de moins."),
    (("34.20", {"Repas": 12}), ("34.20", {"Repas": 12}), "Autant qu'en août, pour autant de prestations."),
    (("36.00", {"Repas": 12}), ("34.20", {"Repas": 12}),
     "1,80\u00a0€ de plus qu'en août, pour autant de prestations\u00a0: ce sont leurs prix qui ont changé."),
])  # fmt: skip
def test_la_comparaison_se_dit_en_une_phrase(ici, avant, phrase):
    assert regles.comparer(Bilan(SEPTEMBRE, D(ici[0]), ici[1]), Bilan(AOUT, D(avant[0]), avant[1])) == phrase


# --- Les délais -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("emise", "delai", "jour"), [
    (dt.datetime(2026, 10, 5, 7, 0, tzinfo=dt.UTC), 60, dt.date(2026, 12, 4)),
    # 23 h 30 à Paris est déjà le lendemain : à Paris, l'été, 21 h 59 UTC est encore le 5.
    (dt.datetime(2026, 7, 5, 21, 59, tzinfo=dt.UTC), 1, dt.date(2026, 7, 6)),
    (dt.datetime(2026, 7, 5, 22, 0, tzinfo=dt.UTC), 1, dt.date(2026, 7, 7)),
])  # fmt: skip
def test_un_delai_se_compte_en_jours_de_paris(emise, delai, jour):
    assert regles.contestable_jusqu_au(emise, delai) == jour
    assert regles.repondre_avant(emise, delai) == jour

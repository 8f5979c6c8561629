"""Ce que montre une case, et pourquoi elle se refuse : chaque état est un cas nommé."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations import regles
from reservations.regles import Faits, Statut
from tests.fabriques import a_paris

VEILLE = a_paris(2026, 9, 7, 0)  # premier instant refusé pour le lundi 7 : 00:00
FAITS = {
    "jour": dt.date(2026, 9, 7),
    "activite": "Restauration",
    "enfant": "Hugo",
    "limite_reservation": VEILLE,
    "limite_annulation": VEILLE,
    "debut": a_paris(2026, 9, 7, 12),
}
DIMANCHE, LUNDI_MATIN = a_paris(2026, 9, 6, 23, 59, 59), a_paris(2026, 9, 7, 0)


def faits(**champs):
    return Faits(**FAITS | champs)


CAS = [
    ("libre", {}, DIMANCHE, Statut.LIBRE),
    ("libre, des places comptées", {"restantes": 1}, DIMANCHE, Statut.LIBRE),
    ("annulée, donc libre", {"etat": "annulee"}, DIMANCHE, Statut.LIBRE),
    ("annulée par l'autre foyer, donc libre", {"etat": "annulee", "chez_nous": False}, DIMANCHE, Statut.LIBRE),
    ("complet", {"restantes": 0}, DIMANCHE, Statut.COMPLET),
    ("plus de réservés que de places", {"restantes": -2}, DIMANCHE, Statut.COMPLET),
    ("trop tard à minuit pile", {}, LUNDI_MATIN, Statut.TROP_TARD),
    ("trop tard l'emporte sur complet", {"restantes": 0}, LUNDI_MATIN, Statut.TROP_TARD),
    ("hors délai accepté", {"accepte_hors_delai": True}, LUNDI_MATIN, Statut.HORS_DELAI),
    ("hors délai mais complet", {"accepte_hors_delai": True, "restantes": 0}, LUNDI_MATIN, Statut.COMPLET),
    ("hors délai, l'activité commence", {"accepte_hors_delai": True}, a_paris(2026, 9, 7, 12), Statut.TROP_TARD),
    ("réservé", {"etat": "reservee"}, DIMANCHE, Statut.RESERVE),
    ("réservé, complet pour les autres", {"etat": "reservee", "restantes": 0}, DIMANCHE, Statut.RESERVE),
    ("réservé, plus annulable", {"etat": "reservee"}, LUNDI_MATIN, Statut.ENGAGE),
    ("réservé, l'inscription est finie", {"etat": "reservee", "inscrit": False}, DIMANCHE, Statut.RESERVE),
    ("hors délai ne rend pas annulable", {"etat": "reservee", "accepte_hors_delai": True}, LUNDI_MATIN, Statut.ENGAGE),
    ("en attente", {"etat": "attente", "restantes": 0}, DIMANCHE, Statut.ATTENTE),
    ("une place proposée", {"etat": "proposee", "restantes": 0}, DIMANCHE, Statut.PROPOSE),
    ("une place proposée à l'autre foyer", {"etat": "proposee", "chez_nous": False}, DIMANCHE, Statut.AUTRE_FOYER),
    ("pas encore ouvert", {"ouvre_le": a_paris(2026, 9, 7)}, DIMANCHE, Statut.PAS_OUVERT),
    ("ouvert à l'instant dit", {"ouvre_le": DIMANCHE}, DIMANCHE, Statut.LIBRE),
    ("chez l'autre foyer ce jour-là", {"a_nous": False}, DIMANCHE, Statut.GARDE_AUTRE),
    ("réservé avant que la garde ne change", {"etat": "reservee", "a_nous": False}, DIMANCHE, Statut.RESERVE),
    ("le foyer est suspendu", {"suspendue": "une facture reste due."}, DIMANCHE, Statut.SUSPENDU),
    ("suspendu, on annule encore", {"etat": "reservee", "suspendue": "une facture."}, DIMANCHE, Statut.RESERVE),
    ("fermé", {"ouverte": False, "motif": "Grève"}, DIMANCHE, Statut.FERME),
    ("fermé l'emporte sur réservé", {"ouverte": False, "etat": "reservee"}, DIMANCHE, Statut.FERME),
    ("pas inscrit ce jour-là", {"inscrit": False}, DIMANCHE, Statut.VIDE),
    ("l'autre foyer a réservé", {"etat": "reservee", "chez_nous": False}, DIMANCHE, Statut.AUTRE_FOYER),
    ("l'autre foyer attend", {"etat": "attente", "chez_nous": False}, DIMANCHE, Statut.AUTRE_FOYER),
    ("excuse envoyée", {"etat": "reservee", "excuse": "envoyee"}, LUNDI_MATIN, Statut.EXCUSE_ENVOYEE),
    ("excuse acceptée", {"etat": "reservee", "excuse": "acceptee"}, LUNDI_MATIN, Statut.EXCUSE),
    ("excusé par un événement", {"etat": "annulee", "evenement": "Sortie"}, LUNDI_MATIN, Statut.EXCUSE),
    ("excusé, complet depuis", {"etat": "annulee", "evenement": "Sortie", "restantes": 0}, DIMANCHE, Statut.EXCUSE),
    ("excusé, encore possible", {"etat": "annulee", "evenement": "Sortie"}, DIMANCHE, Statut.LIBRE),
    ("excusé, puis passé à l'autre foyer", {"etat": "annulee", "evenement": "Sortie", "a_nous": False}, LUNDI_MATIN,
     Statut.GARDE_AUTRE),
    ("excuse refusée", {"etat": "reservee", "excuse": "refusee"}, LUNDI_MATIN, Statut.EXCUSE_REFUSEE),
]  # fmt: skip


@pytest.mark.parametrize(("champs", "maintenant", "attendu"), [c[1:] for c in CAS], ids=[c[0] for c in CAS])
def test_l_etat_d_une_case(champs, maintenant, attendu):
    assert regles.statut(faits(**champs), maintenant) == attendu


REFUS = [
    ({}, True, LUNDI_MATIN, "trop tard, on pouvait réserver jusqu'à hier 23 h 59."),
    ({"etat": "reservee"}, False, LUNDI_MATIN,
     "trop tard pour annuler, on le pouvait jusqu'à hier 23 h 59. Excusez l'absence par écrit."),
    ({"restantes": 0}, True, DIMANCHE, "complet, il n'y a plus de place."),
    ({"ouverte": False, "motif": "Grève"}, True, DIMANCHE, "pas d'accueil ce jour-là (Grève)."),
    ({"inscrit": False}, True, DIMANCHE, "Hugo n'y est pas inscrit ce jour-là."),
    ({"a_nous": False}, True, DIMANCHE, "ce jour-là, Hugo est chez son autre foyer."),
    ({"suspendue": "une facture reste due."}, True, DIMANCHE, "une facture reste due."),
    ({"ouvre_le": a_paris(2026, 9, 7, 0)}, True, DIMANCHE, "les réservations ouvrent demain 0 h."),
    ({"etat": "reservee", "chez_nous": False}, False, DIMANCHE,
     "l'autre foyer de Hugo a réservé ce jour, ou y attend une place."),
]  # fmt: skip


@pytest.mark.parametrize(("champs", "reserver", "maintenant", "phrase"), REFUS)
def test_un_refus_nomme_la_case_et_dit_pourquoi(champs, reserver, maintenant, phrase):
    case = faits(**champs)
    code = regles.refus(case, reserver, maintenant)
    dite = regles.phrase_refus(code, case, maintenant).replace("\u00a0", " ")
    assert dite == f"Restauration du lundi 7 septembre : {phrase}"


def test_reserver_et_annuler_ont_chacun_leur_limite():
    """On réserve jusqu'au vendredi midi, on annule jusqu'au dimanche midi."""
    case = {"limite_reservation": a_paris(2026, 9, 4, 12, 1), "limite_annulation": a_paris(2026, 9, 6, 12, 1)}
    samedi = a_paris(2026, 9, 5, 9)
    assert regles.refus(faits(**case), True, samedi) == "trop_tard"
    assert regles.refus(faits(**case, etat="reservee"), False, samedi) == ""
    libre, reserve = faits(**case), faits(**case, etat="reservee")
    jeudi = a_paris(2026, 9, 3, 9)
    assert regles.phrase_case(libre, Statut.LIBRE, jeudi).replace("\u00a0", " ") == (
        "à réserver jusqu'à demain 12 h, à annuler jusqu'à dimanche 12 h"
    )
    assert (
        regles.phrase_case(reserve, Statut.RESERVE, jeudi).replace("\u00a0", " ") == "annulable jusqu'à dimanche 12 h"
    )


@pytest.mark.parametrize(("maintenant", "phrase"), [
    (LUNDI_MATIN, "sortie au musée"),
    (DIMANCHE, "excusé, sortie au musée ; à réserver s'il vient, jusqu'à ce soir 23 h 59"),
])  # fmt: skip
def test_un_enfant_excuse_par_un_evenement_lit_lequel(maintenant, phrase):
    case = faits(etat="annulee", evenement="Sortie au musée")
    dite = regles.phrase_case(case, regles.statut(case, maintenant), maintenant)
    assert dite.replace("\u00a0", " ") == phrase


@pytest.mark.parametrize(
    ("champs", "maintenant", "attendu"),
    [
        ({"etat": "reservee"}, DIMANCHE, False),
        ({"etat": "reservee"}, LUNDI_MATIN, True),
        ({"etat": "reservee"}, a_paris(2026, 9, 20), True),
        ({"etat": "reservee"}, a_paris(2026, 10, 8, 12), False),
        ({"etat": "reservee", "excuse_jours": 10}, a_paris(2026, 9, 17, 11, 59), True),
        ({"etat": "reservee", "excuse_jours": 10}, a_paris(2026, 9, 17, 12), False),
        ({"etat": "reservee", "excuse": "envoyee"}, LUNDI_MATIN, False),
        ({"etat": "reservee", "ouverte": False}, LUNDI_MATIN, False),
        ({"etat": "reservee", "chez_nous": False}, LUNDI_MATIN, False),
        ({"etat": "annulee"}, LUNDI_MATIN, False),
    ],
    ids=[
        "encore annulable", "après la limite", "deux semaines après", "un mois après", "le dixième jour",
        "refusée après dix jours", "déjà excusée",
        "séance annulée", "l'autre foyer", "annulée",
    ],
)  # fmt: skip
def test_quand_une_absence_s_excuse(champs, maintenant, attendu):
    assert regles.peut_excuser(faits(**champs), maintenant) is attendu


instants = st.integers(-20 * 1440, 5 * 1440).map(lambda minutes: VEILLE + dt.timedelta(minutes=minutes))
cas = st.builds(
    faits,
    limite_reservation=instants,
    limite_annulation=instants,
    ouverte=st.booleans(),
    inscrit=st.booleans(),
    accepte_hors_delai=st.booleans(),
    restantes=st.none() | st.integers(-1, 3),
    etat=st.sampled_from(["", "reservee", "attente", "annulee"]),
    chez_nous=st.booleans(),
    excuse=st.just(""),
)


@given(cas, instants)
def test_la_page_et_l_enregistrement_disent_la_meme_chose(case, maintenant):
    """Une case modifiable est acceptée ; une case qui ne l'est pas est refusée."""
    reserver = case.etat != "reservee" or not case.chez_nous
    modifiable = regles.statut(case, maintenant) in regles.MODIFIABLES
    if case.etat in ("", "annulee") or not case.chez_nous:
        assert modifiable == (regles.refus(case, reserver, maintenant) == "")
    elif modifiable:
        assert regles.refus(case, False, maintenant) == ""


@given(cas, instants, instants, st.booleans())
def test_attendre_ne_rend_jamais_possible_ce_qui_etait_refuse(case, un, autre, reserver):
    tot, tard = sorted((un, autre))
    if regles.refus(case, reserver, tot):
        assert regles.refus(case, reserver, tard)


@given(cas, instants)
def test_chaque_refus_a_sa_phrase(case, maintenant):
    for reserver in (True, False):
        code = regles.refus(case, reserver, maintenant)
        if code:
            assert regles.phrase_refus(code, case, maintenant).endswith(".")


def test_les_dates_se_regroupent_par_mois():
    jours = [dt.date(2026, 10, 1), dt.date(2026, 9, 8), dt.date(2026, 9, 7)]
    lignes = [regles.Ligne("Hugo", "Restauration", jour, "réservé") for jour in jours]
    [groupe] = regles.regrouper([*lignes])
    assert (groupe.nombre, groupe.mois) == (
        3, [("septembre 2026", "lun. 7, mar. 8"), ("octobre 2026", "jeu. 1er")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lundi", "dite"),
    [
        (dt.date(2026, 9, 7), "7 – 13 septembre 2026"),
        (dt.date(2026, 8, 31), "31 août – 6 septembre 2026"),
        (dt.date(2026, 6, 1), "1er – 7 juin 2026"),
        (dt.date(2026, 12, 28), "28 décembre 2026 – 3 janvier 2027"),
    ],
)
def test_une_semaine_se_dit(lundi, dite):
    assert regles.semaine_dite(lundi, lundi + dt.timedelta(days=6)) == dite


def test_ce_que_montrait_la_page_se_relit():
    assert regles.lire_vu("7-12 7-13+ 8-15") == {(7, 12): False, (7, 13): True, (8, 15): False}
    assert regles.lire_vu("") == {}
    assert regles.lire_retenues("7-12 x 8-15 9") == {(7, 12), (8, 15)}

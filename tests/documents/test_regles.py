"""Ce qui est exigé, ce qui vaut encore, ce qui manque : une table de cas."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import regles

JOUR = dt.date(2026, 11, 23)
HIER, DEMAIN = JOUR - dt.timedelta(days=1), JOUR + dt.timedelta(days=1)


def piece(etat, expire_le=None):
    return SimpleNamespace(etat=etat, expire_le=expire_le)


@pytest.mark.parametrize(
    ("pieces", "attendu"),
    [
        ([], "a_envoyer"),
        ([piece("envoyee")], "envoyee"),
        ([piece("validee")], "validee"),
        ([piece("validee", JOUR)], "validee"),
        ([piece("validee", HIER)], "expiree"),
        ([piece("refusee")], "refusee"),
        ([piece("remplacee")], "a_envoyer"),
        ([piece("envoyee"), piece("remplacee")], "envoyee"),
        ([piece("envoyee"), piece("validee", DEMAIN)], "envoyee"),
        ([piece("refusee"), piece("validee", DEMAIN)], "validee"),
        ([piece("refusee"), piece("validee", HIER)], "refusee"),
    ],
)
def test_l_etat_d_un_document_d_apres_ses_envois(pieces, attendu):
    assert regles.etat(regles.retenir(pieces, JOUR), JOUR) == attendu


@pytest.mark.parametrize(
    ("exigee", "etat", "manque"),
    [
        (True, "a_envoyer", True), (True, "refusee", True), (True, "expiree", True),
        (True, "envoyee", False), (True, "validee", False), (False, "a_envoyer", False), (False, "refusee", False),
    ],
)  # fmt: skip
def test_ce_qui_manque(exigee, etat, manque):
    assert regles.Attente(None, None, exigee, etat, piece(etat), JOUR).manque is manque


@pytest.mark.parametrize(
    ("etat", "expire_le", "envoyable"),
    [
        ("a_envoyer", None, True),
        ("envoyee", None, True),
        ("refusee", None, True),
        ("expiree", HIER, True),
        ("validee", None, False),
        ("validee", JOUR + dt.timedelta(days=46), False),
        ("validee", JOUR + dt.timedelta(days=45), True),
    ],
)
def test_ce_qui_est_valide_ne_s_envoie_plus_sauf_pres_de_sa_fin(etat, expire_le, envoyable):
    assert regles.Attente(None, None, True, etat, piece(etat, expire_le), JOUR).envoyable is envoyable


@pytest.mark.parametrize(
    ("jour", "mois", "attendu"),
    [
        (dt.date(2026, 11, 23), 12, dt.date(2027, 11, 23)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2027, 11, 30), 3, dt.date(2028, 2, 29)),
        (dt.date(2026, 12, 31), 1, dt.date(2027, 1, 31)),
        (dt.date(2026, 11, 23), None, None),
    ],
)
def test_expiration(jour, mois, attendu):
    assert regles.expiration(jour, mois) == attendu


@given(st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)), st.integers(1, 60))
def test_une_piece_expire_apres_le_bon_nombre_de_mois(jour, mois):
    fin = regles.expiration(jour, mois)
    assert (fin.year - jour.year) * 12 + fin.month - jour.month == mois
    assert fin.day <= jour.day


@pytest.mark.parametrize(
    ("condition", "faits", "attendu"),
    [
        ("toujours", (False, False, False), True),
        ("garde", (True, False, False), True),
        ("garde", (False, True, True), False),
        ("pai", (False, True, False), True),
        ("prelevement", (False, False, True), True),
        ("prelevement", (True, True, False), False),
    ],
)
def test_conditions(condition, faits, attendu):
    garde, pai, prelevement = faits
    assert regles.condition_remplie(condition, garde_partagee=garde, pai=pai, prelevement=prelevement) is attendu


def test_chaque_etat_a_son_mot_sa_pastille_et_son_sens():
    assert set(regles.MOTS) == set(regles.PASTILLES) == {etat for etat, _ in regles.LEGENDE}

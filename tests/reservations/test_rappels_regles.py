"""Quand un rappel part, et pour qui une semaine est habituelle."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune.regles import PARIS
from reservations import regles
from reservations.regles import SemaineARappeler
from tests.fabriques import a_paris

SOIRS = [
    ("la veille 23 h 59 : le soir même", a_paris(2026, 9, 7, 0), a_paris(2026, 9, 6, 18)),
    ("jeudi midi : mercredi soir", a_paris(2026, 9, 10, 12, 1), a_paris(2026, 9, 9, 18)),
    ("7 h le jour même : la veille au soir", a_paris(2026, 9, 7, 7, 1), a_paris(2026, 9, 6, 18)),
    ("18 h : la veille, deux heures ne suffisent pas", a_paris(2026, 9, 10, 18, 1), a_paris(2026, 9, 9, 18)),
    ("22 h pile : quatre heures suffisent", a_paris(2026, 9, 10, 22), a_paris(2026, 9, 10, 18)),
    ("21 h 59 : la veille", a_paris(2026, 9, 10, 21, 59), a_paris(2026, 9, 9, 18)),
    ("l'heure d'hiver : 18 h reste 18 h à Paris", a_paris(2026, 10, 26, 0), a_paris(2026, 10, 25, 18)),
    ("l'heure d'été", a_paris(2027, 3, 29, 0), a_paris(2027, 3, 28, 18)),
]


@pytest.mark.parametrize(("limite", "soir"), [c[1:] for c in SOIRS], ids=[c[0] for c in SOIRS])
def test_le_rappel_part_le_soir_d_avant_la_limite(limite, soir):
    assert regles.soir_du_rappel(limite) == soir


@given(st.integers(0, 400 * 24 * 60))
def test_le_rappel_laisse_toujours_de_quatre_a_trente_heures(minutes):
    """Trente, et non vingt-huit : la nuit d'octobre a une heure de plus."""
    limite = a_paris(2026, 9, 1, 0) + dt.timedelta(minutes=minutes)
    soir = regles.soir_du_rappel(limite)
    assert soir.astimezone(PARIS).time() == dt.time(18)
    assert dt.timedelta(hours=4) <= limite - soir <= dt.timedelta(hours=30)


def test_un_rappel_est_du_du_soir_a_la_limite():
    limite = a_paris(2026, 9, 7, 0)
    semaine = SemaineARappeler(1, dt.date(2026, 9, 7), limite)
    une_seconde = dt.timedelta(seconds=1)
    assert regles.a_rappeler([semaine], a_paris(2026, 9, 6, 17, 59, 59)) == []
    assert regles.a_rappeler([semaine], a_paris(2026, 9, 6, 18)) == [semaine]
    assert regles.a_rappeler([semaine], limite - une_seconde) == [semaine]
    assert regles.a_rappeler([semaine], limite) == []


LUNDIS = [dt.date(2026, 9, 7) + n * dt.timedelta(days=7) for n in range(6)]
HABITUDES = [
    ("chaque semaine", LUNDIS, LUNDIS, True),
    ("trois des quatre dernières", [*LUNDIS[:3], *LUNDIS[3:5]], LUNDIS, True),
    ("une semaine sur deux", LUNDIS[::2], LUNDIS, False),
    ("il y a longtemps", LUNDIS[:2], LUNDIS, False),
    ("trop peu de semaines ouvertes pour le dire", LUNDIS[:2], LUNDIS[:2], False),
    ("des vacances entre-temps ne font rien oublier", LUNDIS[:3], LUNDIS[:3], True),
    ("jamais", [], LUNDIS, False),
]


@pytest.mark.parametrize(
    ("reservees", "ouvertes", "attendu"), [c[1:] for c in HABITUDES], ids=[c[0] for c in HABITUDES]
)
def test_une_semaine_habituelle(reservees, ouvertes, attendu):
    assert regles.est_habituelle(set(reservees), set(ouvertes)) is attendu


@pytest.mark.parametrize(
    ("instant", "lundi"),
    [
        (a_paris(2026, 9, 6, 17, 59, 59), None),
        (a_paris(2026, 9, 6, 18), dt.date(2026, 9, 7)),
        (a_paris(2026, 9, 6, 23, 59, 59), dt.date(2026, 9, 7)),
        (a_paris(2026, 9, 7, 0), None),
        (a_paris(2026, 12, 27, 18), dt.date(2026, 12, 28)),
    ],
)
def test_le_resume_part_le_dimanche_soir(instant, lundi):
    assert regles.semaine_du_resume(instant) == lundi

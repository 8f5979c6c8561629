"""Les dates comme on les dit."""

import datetime as dt

import pytest

from commune.regles import decaler
from commune.templatetags.jours import instant, jour


@pytest.mark.parametrize(
    ("valeur", "forme", "attendu"),
    [
        (dt.date(2026, 11, 1), "an", "1er novembre 2026"),
        (dt.date(2026, 11, 1), "long", "dimanche 1er novembre 2026"),
        (dt.date(2026, 8, 15), "court", "15 août"),
        (dt.date(2026, 11, 1), "semaine", "dimanche 1er novembre"),
        (dt.datetime(2026, 8, 31, 22, 30, tzinfo=dt.UTC), "an", "1er septembre 2026"),
        (None, "an", ""),
    ],
)
def test_un_jour(valeur, forme, attendu):
    assert jour(valeur, forme) == attendu


def test_un_instant_se_dit_a_paris():
    assert instant(dt.datetime(2026, 12, 31, 23, 5, tzinfo=dt.UTC)) == "1er janvier 2027 à 0 h 05"
    assert instant(None) == ""


@pytest.mark.parametrize(("jour", "mois", "attendu"), [
    ((2026, 7, 3), 1, (2026, 8, 3)),
    ((2026, 7, 3), 60, (2031, 7, 3)),
    ((2026, 12, 15), 1, (2027, 1, 15)),
    ((2027, 1, 31), 1, (2027, 2, 28)),
    ((2028, 1, 31), 1, (2028, 2, 29)),
    ((2028, 2, 29), 12, (2029, 2, 28)),
    ((2028, 2, 29), -60, (2023, 2, 28)),
    ((2027, 3, 31), -1, (2027, 2, 28)),
    ((2027, 1, 1), -1, (2026, 12, 1)),
    ((2026, 7, 3), 0, (2026, 7, 3)),
])  # fmt: skip
def test_le_meme_jour_des_mois_plus_tard(jour, mois, attendu):
    assert decaler(dt.date(*jour), mois) == dt.date(*attendu)

"""Les dates comme on les dit."""

import datetime as dt

import pytest

from commune.templatetags.jours import instant, jour


@pytest.mark.parametrize(
    ("valeur", "forme", "attendu"),
    [
        (dt.date(2026, 11, 1), "an", "1er novembre 2026"),
        (dt.date(2026, 11, 1), "long", "dimanche 1er novembre 2026"),
        (dt.date(2026, 8, 15), "court", "15 août"),
        (dt.datetime(2026, 8, 31, 22, 30, tzinfo=dt.UTC), "an", "1er septembre 2026"),
        (None, "an", ""),
    ],
)
def test_un_jour(valeur, forme, attendu):
    assert jour(valeur, forme) == attendu


def test_un_instant_se_dit_a_paris():
    assert instant(dt.datetime(2026, 12, 31, 23, 5, tzinfo=dt.UTC)) == "1er janvier 2027 à 0 h 05"
    assert instant(None) == ""

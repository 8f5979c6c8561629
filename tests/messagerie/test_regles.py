"""Quand un message fait partir un courriel."""

import datetime as dt

import pytest

from messagerie.regles import faut_il_prevenir
from tests.fabriques import a_paris

MIDI_PILE = a_paris(2026, 11, 12)


@pytest.mark.parametrize(
    ("attend_depuis", "previent"),
    [(None, True), (dt.timedelta(minutes=59), False), (dt.timedelta(hours=1), True), (dt.timedelta(days=3), True)],
)
def test_trois_phrases_coup_sur_coup_ne_font_qu_un_courriel(attend_depuis, previent):
    precedent = attend_depuis and MIDI_PILE - attend_depuis
    assert faut_il_prevenir(precedent, MIDI_PILE) is previent

"""Les dates de la fin de conservation, en tables."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune.regles import decaler
from portail import regles

JOURS = st.dates(dt.date(2000, 1, 1), dt.date(2090, 12, 31))
ANNEES = [(dt.date(2026, 9, 1), dt.date(2027, 7, 3)), (dt.date(2027, 9, 1), dt.date(2028, 7, 5))]


@pytest.mark.parametrize(("signe", "jour", "trop_ancien"), [
    # Cinq ans : le jour anniversaire se garde encore, le lendemain non.
    ((2026, 7, 3), (2031, 7, 2), False),
    ((2026, 7, 3), (2031, 7, 3), False),
    ((2026, 7, 3), (2031, 7, 4), True),
    # Un 29 février n'a pas d'anniversaire : il se garde jusqu'au dernier jour de février.
    ((2028, 2, 29), (2033, 2, 28), False),
    ((2028, 2, 29), (2033, 3, 1), True),
    ((2023, 2, 28), (2028, 2, 28), False),
    ((2023, 2, 28), (2028, 2, 29), False),  # un jour de trop plutôt qu'un de moins
    ((2023, 2, 28), (2028, 3, 1), True),
])  # fmt: skip
def test_cinq_ans_entiers(signe, jour, trop_ancien):
    limite = regles.limite_de_conservation(dt.date(*jour), 60)
    assert (dt.date(*signe) < limite) is trop_ancien


@given(signe=JOURS, mois=st.integers(1, 240), jours=st.integers(0, 9000))
def test_jamais_un_jour_trop_tot_et_jamais_plus_de_trois_jours_de_trop(signe, mois, jours):
    fin = decaler(signe, mois)
    jour = signe + dt.timedelta(days=jours)
    efface = signe < regles.limite_de_conservation(jour, mois)
    assert not (efface and jour <= fin)
    assert efface or jour <= fin + dt.timedelta(days=3)


@given(jour=JOURS)
def test_le_courriel_n_annonce_jamais_une_date_deja_passee(jour):
    """L'effacement attend que le préavis soit écoulé : il ne vient jamais avant la date écrite dans le courriel."""
    annonce = decaler(jour, regles.PREAVIS)
    for ecart in range(1, 40):
        lendemain = jour + dt.timedelta(days=ecart)
        if jour <= regles.limite_de_conservation(lendemain, regles.PREAVIS):
            assert lendemain >= annonce
            break


@pytest.mark.parametrize(("cas", "ecrite", "accueil", "fin"), [
    ("inscrit toute l'année", (2026, 9, 10), (2027, 7, 3), (2027, 7, 3)),
    ("parti en novembre", (2026, 9, 10), (2026, 11, 10), (2026, 11, 10)),
    ("écrite le dernier jour d'inscription", (2026, 11, 10), (2026, 11, 10), (2026, 11, 10)),
    ("inscrit pour l'année suivante", (2026, 9, 10), (2028, 7, 5), (2028, 7, 5)),
    ("jamais inscrit, dossier en préparation", (2027, 4, 2), None, (2027, 7, 3)),
    ("récrite après un départ : l'année en cours", (2027, 1, 8), (2026, 11, 10), (2027, 7, 3)),
    ("récrite l'été pour la rentrée", (2027, 8, 15), (2027, 7, 3), (2028, 7, 5)),
    ("écrite après la dernière année connue", (2028, 8, 1), (2028, 7, 5), (2028, 8, 1)),
])  # fmt: skip
def test_jusqu_a_quand_la_sante_sert(cas, ecrite, accueil, fin):
    accueil = accueil and dt.date(*accueil)
    assert regles.fin_de_sante(dt.date(*ecrite), accueil, ANNEES) == dt.date(*fin)


@given(ecrite=JOURS, accueil=st.none() | JOURS)
def test_la_sante_ne_s_efface_jamais_avant_la_fin_de_l_accueil_ni_avant_d_etre_ecrite(ecrite, accueil):
    fin = regles.fin_de_sante(ecrite, accueil, ANNEES)
    assert fin >= ecrite
    assert accueil is None or fin >= accueil

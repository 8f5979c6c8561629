"""Jusqu'à quand on peut : chaque règle est un cas nommé, sur de vraies dates de l'année 2026-2027."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commune.regles import PARIS, jours
from inscriptions.regles import CALENDAIRES, OUVERTURE, Delai
from reservations import regles
from tests.fabriques import a_paris

D = dt.date
VEILLE = (1, dt.time(23, 59), CALENDAIRES)
OUVRE = (1, dt.time(11), OUVERTURE)


def ferme(debut, fin, motif="vacances", libelle="", ecole_id=None):
    return SimpleNamespace(debut=debut, fin=fin, motif=motif, libelle=libelle or motif, ecole_id=ecole_id)


def activite(jours, genre="midi", site_id=1):
    return SimpleNamespace(jours=jours, genre=genre, site_id=site_id)


# La zone A, 2026-2027 (calendrier publié par le ministère).
CALENDRIER = [
    ferme(D(2026, 10, 17), D(2026, 11, 1), libelle="Vacances de la Toussaint"),
    ferme(D(2026, 11, 11), D(2026, 11, 11), "ferie", "Armistice"),
    ferme(D(2026, 12, 19), D(2027, 1, 3), libelle="Vacances de Noël"),
    ferme(D(2027, 2, 13), D(2027, 2, 28), libelle="Vacances d'hiver"),
    ferme(D(2027, 3, 29), D(2027, 3, 29), "ferie", "Lundi de Pâques"),
    ferme(D(2027, 4, 10), D(2027, 4, 25), libelle="Vacances de printemps"),
    ferme(D(2027, 5, 6), D(2027, 5, 7), "pont", "Pont de l'Ascension"),
    ferme(D(2027, 5, 17), D(2027, 5, 17), "ferie", "Lundi de Pentecôte"),
]
CANTINE = activite([0, 1, 3, 4])
MERCREDI = activite([2], "mercredi")
ANNEE = (D(2026, 9, 1), D(2027, 7, 2))
SANS_MERCREDI = regles.jours_du_site(*ANNEE, [CANTINE], CALENDRIER)
AVEC_MERCREDI = regles.jours_du_site(*ANNEE, [CANTINE, MERCREDI], CALENDRIER)


MIDI = dt.time(12)


def en_jours(nombre, heure, decompte):
    return Delai(nombre=nombre, heure=heure, decompte=decompte)


def limite(jour, regle, ouverts=SANS_MERCREDI):
    return regles.limite(jour, en_jours(*regle), MIDI, regles.Calendrier(site=frozenset(ouverts)))


def jour_limite(jour, nombre, ouverts):
    return regles.jour_limite(jour, en_jours(nombre, MIDI, OUVERTURE), regles.Calendrier(site=frozenset(ouverts)))


@pytest.mark.parametrize(
    ("jour", "attendue"),
    [
        pytest.param(D(2026, 9, 4), a_paris(2026, 9, 4, 0), id="le vendredi, la veille est jeudi"),
        pytest.param(D(2026, 9, 7), a_paris(2026, 9, 7, 0), id="le lundi, la veille est dimanche"),
        pytest.param(D(2026, 9, 1), a_paris(2026, 9, 1, 0), id="le jour de la rentrée"),
        pytest.param(D(2026, 11, 2), a_paris(2026, 11, 2, 0), id="le retour des vacances"),
        pytest.param(D(2026, 11, 12), a_paris(2026, 11, 12, 0), id="le lendemain d'un férié"),
        pytest.param(D(2027, 1, 1), a_paris(2027, 1, 1, 0), id="le jour de l'an"),
    ],
)
def test_la_veille_23_h_59_est_le_jour_meme_a_minuit(jour, attendue):
    assert limite(jour, VEILLE) == attendue


def test_la_derniere_seconde_de_la_veille_est_avant_la_limite_et_minuit_ne_l_est_pas():
    premiere_refusee = limite(D(2026, 9, 4), VEILLE)
    assert a_paris(2026, 9, 3, 23, 59, 59) < premiere_refusee
    assert a_paris(2026, 9, 4, 0, 0, 0) >= premiere_refusee


@pytest.mark.parametrize(
    ("jour", "utc"),
    [
        # Dans la nuit du 24 au 25 octobre 2026, 3 h redevient 2 h : minuit est encore à l'heure d'été.
        pytest.param(D(2026, 10, 25), "2026-10-24T22:00", id="le dimanche où l'heure recule"),
        pytest.param(D(2026, 10, 26), "2026-10-25T23:00", id="le lundi suivant"),
        # Dans la nuit du 27 au 28 mars 2027, 2 h devient 3 h.
        pytest.param(D(2027, 3, 28), "2027-03-27T23:00", id="le dimanche où l'heure avance"),
        pytest.param(D(2027, 3, 29), "2027-03-28T22:00", id="le lundi suivant"),
    ],
)
def test_les_deux_nuits_qui_changent_l_heure_gardent_minuit_a_paris(jour, utc):
    assert limite(jour, VEILLE) == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("regle", "jour", "dernier_instant"),
    [
        ((0, dt.time(7), "calendaires"), D(2026, 9, 4), (2026, 9, 4, 7, 0)),
        ((1, dt.time(0), "calendaires"), D(2026, 9, 4), (2026, 9, 3, 0, 0)),
        ((1, dt.time(12), "calendaires"), D(2026, 9, 7), (2026, 9, 6, 12, 0)),
        ((1, dt.time(15), "calendaires"), D(2026, 9, 4), (2026, 9, 3, 15, 0)),
        ((2, dt.time(12), "calendaires"), D(2026, 9, 1), (2026, 8, 30, 12, 0)),
        ((3, dt.time(18), "calendaires"), D(2027, 3, 1), (2027, 2, 26, 18, 0)),
        ((8, dt.time(23, 59), "calendaires"), D(2026, 9, 14), (2026, 9, 6, 23, 59)),
    ],
    ids=["le jour même 7 h", "la veille 0 h", "la veille midi, un dimanche", "la veille 15 h", "l'avant-veille midi",
         "trois jours, en février", "huit jours"],
)  # fmt: skip
def test_d_autres_heures_et_d_autres_delais(regle, jour, dernier_instant):
    assert regles.derniere_minute(limite(jour, regle)) == a_paris(*dernier_instant)


@pytest.mark.parametrize(
    ("jour", "dernier"),
    [
        pytest.param(D(2026, 9, 7), D(2026, 9, 4), id="vendredi pour lundi"),
        pytest.param(D(2026, 9, 8), D(2026, 9, 7), id="lundi pour mardi"),
        pytest.param(D(2026, 9, 10), D(2026, 9, 8), id="mardi pour jeudi"),
        pytest.param(D(2026, 9, 11), D(2026, 9, 10), id="jeudi pour vendredi"),
        pytest.param(D(2026, 11, 2), D(2026, 10, 16), id="le dernier jour avant la Toussaint pour la reprise"),
        pytest.param(D(2027, 1, 4), D(2026, 12, 18), id="le dernier jour avant Noël pour la rentrée de janvier"),
        pytest.param(D(2027, 4, 26), D(2027, 4, 9), id="avant le printemps pour la reprise"),
        pytest.param(D(2027, 3, 30), D(2027, 3, 26), id="le vendredi pour le mardi de Pâques"),
        pytest.param(D(2027, 5, 10), D(2027, 5, 4), id="le mardi pour le lundi après le pont de l'Ascension"),
        pytest.param(D(2027, 5, 18), D(2027, 5, 14), id="le vendredi pour le mardi de Pentecôte"),
        pytest.param(D(2026, 9, 1), D(2026, 8, 31), id="la rentrée : le jour de semaine d'avant, pas juillet"),
    ],
)
def test_en_jours_d_ouverture_la_limite_saute_week_ends_feries_ponts_et_vacances(jour, dernier):
    assert regles.derniere_minute(limite(jour, OUVRE)) == a_paris(dernier.year, dernier.month, dernier.day, 11)


def test_un_site_qui_ouvre_le_mercredi_compte_le_mercredi():
    assert jour_limite(D(2026, 9, 10), 1, AVEC_MERCREDI) == D(2026, 9, 9)
    assert jour_limite(D(2026, 11, 12), 1, AVEC_MERCREDI) == D(2026, 11, 10)  # le 11 est férié


def test_avant_le_premier_jour_connu_les_jours_de_semaine_comptent():
    assert jour_limite(D(2026, 9, 3), 3, SANS_MERCREDI) == D(2026, 8, 28)
    assert jour_limite(D(2026, 9, 1), 3, SANS_MERCREDI) == D(2026, 8, 27)
    assert jour_limite(D(2026, 9, 1), 2, []) == D(2026, 8, 28)


def test_les_vacances_ferment_l_ecole_et_ouvrent_le_centre_de_loisirs():
    centre = activite([0, 1, 2, 3, 4], "vacances")
    toussaint, armistice = D(2026, 10, 20), D(2026, 11, 11)
    assert not regles.a_lieu(toussaint, CANTINE, CALENDRIER)
    assert regles.a_lieu(toussaint, centre, CALENDRIER)
    assert not regles.a_lieu(armistice, centre, CALENDRIER)
    assert not regles.a_lieu(D(2026, 9, 8), centre, CALENDRIER)
    assert regles.fermeture(toussaint, CANTINE, CALENDRIER).libelle == "Vacances de la Toussaint"
    assert regles.fermeture(toussaint, centre, CALENDRIER) is None


def test_la_greve_d_une_ecole_n_en_ferme_pas_une_autre():
    greve = [ferme(D(2026, 9, 10), D(2026, 9, 10), "greve", "Grève", ecole_id=2)]
    assert regles.a_lieu(D(2026, 9, 10), CANTINE, greve)
    assert not regles.a_lieu(D(2026, 9, 10), activite([3], site_id=2), greve)


MAINTENANT = a_paris(2026, 9, 1, 12)


@pytest.mark.parametrize(
    ("dernier", "phrase"),
    [
        ((2026, 9, 1, 23, 59), "jusqu'à ce soir 23 h 59"),
        ((2026, 9, 1, 15), "jusqu'à aujourd'hui 15 h"),
        ((2026, 9, 2, 23, 59), "jusqu'à demain 23 h 59"),
        ((2026, 9, 3, 23, 59), "jusqu'à jeudi 23 h 59"),
        ((2026, 9, 7, 12), "jusqu'à lundi 12 h"),
        ((2026, 9, 8, 12), "jusqu'au mardi 8 septembre 12 h"),
        ((2026, 10, 1, 23, 59), "jusqu'au jeudi 1er octobre 23 h 59"),
        ((2026, 8, 31, 23, 59), "jusqu'à hier 23 h 59"),
        ((2026, 8, 30, 23, 59), "jusqu'au dimanche 30 août 23 h 59"),
        ((2027, 7, 1, 23, 59), "jusqu'au jeudi 1er juillet 2027 23 h 59"),
    ],
)
def test_une_limite_se_dit_en_francais(dernier, phrase):
    premier_refuse = a_paris(*dernier) + dt.timedelta(minutes=1)
    assert regles.phrase_limite(premier_refuse, MAINTENANT).replace("\u00a0", " ") == phrase


dates = st.dates(D(2026, 9, 1), D(2027, 7, 2))
# Entre 2 h et 3 h, une nuit par an n'existe pas et une autre existe deux fois : personne n'y met de limite.
heures = st.times().filter(lambda h: h.hour != 2).map(lambda h: h.replace(second=0, microsecond=0))
unites = st.sampled_from([CALENDAIRES, OUVERTURE])


@given(dates, st.integers(0, 60), heures, unites)
def test_la_derniere_minute_est_a_l_heure_dite_a_paris_et_jamais_apres_le_jour(jour, delai, heure, unite):
    derniere = regles.derniere_minute(limite(jour, (delai, heure, unite))).astimezone(PARIS)
    assert derniere.time() == heure
    assert derniere.date() <= jour
    assert (derniere.date() == jour) == (delai == 0)


@given(dates, st.integers(0, 59), heures, unites)
def test_un_delai_plus_long_ferme_plus_tot(jour, delai, heure, unite):
    assert limite(jour, (delai + 1, heure, unite)) < limite(jour, (delai, heure, unite))


@given(dates, st.integers(0, 60), heures, heures, unites)
def test_une_heure_plus_tardive_ferme_plus_tard(jour, delai, une, autre, unite):
    assume(une < autre)
    assert limite(jour, (delai, une, unite)) < limite(jour, (delai, autre, unite))


@given(dates, dates, st.integers(0, 60), heures, unites)
def test_un_jour_plus_tardif_ne_ferme_jamais_plus_tot(un, autre, delai, heure, unite):
    assume(un < autre)
    assert limite(un, (delai, heure, unite)) <= limite(autre, (delai, heure, unite))


@given(dates, st.integers(1, 20), heures)
def test_en_jours_d_ouverture_il_en_reste_exactement_le_nombre_dit(jour, delai, heure):
    dernier = jour_limite(jour, delai, SANS_MERCREDI)
    assume(dernier >= SANS_MERCREDI[0])
    assert sum(j in set(SANS_MERCREDI) for j in jours(dernier, jour - dt.timedelta(days=1))) == delai

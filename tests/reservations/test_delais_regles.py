"""Chaque règle de délai d'un vrai règlement intérieur, sur de vraies dates ; et la phrase, relue, dit la limite."""

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune.regles import JOURS, PARIS, instant_de_paris
from inscriptions.regles import (
    ACTIVITE,
    CALENDAIRES,
    EN_HEURES,
    EN_SEMAINES,
    HORS_WEEKEND,
    MAIRIE,
    OUVERTURE,
    OUVRES,
    SUPPLEMENT,
    Delai,
    delai_du,
    periodes,
    phrase_delai,
    phrase_delais,
)
from reservations import regles
from tests.fabriques import a_paris

from .test_limites import AVEC_MERCREDI, CALENDRIER, SANS_MERCREDI

D, T = dt.date, dt.time
FERIES = frozenset(f.debut for f in CALENDRIER if f.motif == "ferie")
# Le site ouvre aussi le mercredi ; la cantine, non.
ICI = regles.Calendrier(frozenset(AVEC_MERCREDI), frozenset(SANS_MERCREDI), FERIES)
MIDI = T(12)


def derniere(jour, delai, debut=MIDI):
    """La dernière minute acceptée, à Paris : « jeudi 2026-09-03 12:00 »."""
    instant = regles.derniere_minute(regles.limite(jour, delai, debut, ICI)).astimezone(PARIS)
    return f"{JOURS[instant.weekday()]} {instant:%Y-%m-%d %H:%M}"


LUNDI, MARDI, MERCREDI_SOIR, JEUDI_MIDI, VENDREDI_MIDI = (
    Delai(EN_SEMAINES, jour_semaine=jour, heure=heure)
    for jour, heure in ((0, T(0)), (1, T(23, 59)), (2, T(12)), (3, T(12)), (4, T(12)))
)
H72, H48_OUVREES = Delai(EN_HEURES, 72), Delai(EN_HEURES, 48, OUVRES)
J2_MIDI, TROIS_OUVRES = Delai(nombre=2, decompte=HORS_WEEKEND, heure=T(12)), Delai(nombre=3, decompte=OUVRES)
JOUR_D_ECOLE = Delai(nombre=1, decompte=ACTIVITE, heure=T(11))


@pytest.mark.parametrize(
    ("regle", "jour", "dite"),
    [
        # La veille, à l'heure de chaque commune.
        pytest.param(Delai(), D(2026, 9, 7), "dimanche 2026-09-06 23:59", id="la veille 23 h 59, un lundi"),
        pytest.param(Delai(heure=T(0)), D(2026, 9, 8), "lundi 2026-09-07 00:00", id="la veille 0 h"),
        pytest.param(Delai(heure=T(15)), D(2026, 11, 2), "dimanche 2026-11-01 15:00", id="la veille 15 h, la reprise"),
        pytest.param(Delai(heure=T(17)), D(2026, 9, 8), "lundi 2026-09-07 17:00", id="la veille 17 h"),
        pytest.param(Delai(heure=T(18)), D(2026, 9, 8), "lundi 2026-09-07 18:00", id="la veille 18 h"),
        pytest.param(Delai(nombre=0, heure=T(7)), D(2026, 9, 8), "mardi 2026-09-08 07:00", id="7 h le jour même"),
        pytest.param(Delai(heure=T(12)), D(2026, 10, 26), "dimanche 2026-10-25 12:00", id="la nuit où l'heure recule"),
        pytest.param(Delai(heure=T(12)), D(2027, 3, 29), "dimanche 2027-03-28 12:00", id="la nuit où l'heure avance"),
        pytest.param(Delai(nombre=8), D(2026, 9, 14), "dimanche 2026-09-06 23:59", id="huit jours"),
        # En heures : celles qui sont vécues.
        pytest.param(H72, D(2026, 9, 10), "lundi 2026-09-07 12:00", id="72 h"),
        pytest.param(H72, D(2026, 9, 8), "samedi 2026-09-05 12:00", id="72 h par-dessus un week-end"),
        pytest.param(H72, D(2026, 10, 26), "vendredi 2026-10-23 13:00", id="72 h et l'heure d'hiver"),
        pytest.param(H72, D(2027, 3, 30), "samedi 2027-03-27 11:00", id="72 h et l'heure d'été"),
        pytest.param(H48_OUVREES, D(2026, 9, 10), "mardi 2026-09-08 12:00", id="48 h ouvrées"),
        pytest.param(H48_OUVREES, D(2026, 9, 7), "jeudi 2026-09-03 12:00", id="48 h ouvrées par-dessus un week-end"),
        pytest.param(H48_OUVREES, D(2026, 11, 12), "lundi 2026-11-09 12:00", id="48 h ouvrées, l'Armistice sauté"),
        pytest.param(H48_OUVREES, D(2027, 3, 30), "jeudi 2027-03-25 12:00", id="48 h ouvrées et le lundi de Pâques"),
        pytest.param(H48_OUVREES, D(2026, 10, 26), "jeudi 2026-10-22 12:00", id="48 h ouvrées et l'heure d'hiver"),
        # En jours ouvrés, ou sans les week-ends.
        pytest.param(TROIS_OUVRES, D(2026, 9, 10), "lundi 2026-09-07 23:59", id="3 jours ouvrés"),
        pytest.param(TROIS_OUVRES, D(2026, 9, 7), "mercredi 2026-09-02 23:59", id="3 jours ouvrés, un lundi"),
        pytest.param(TROIS_OUVRES, D(2026, 11, 13), "lundi 2026-11-09 23:59", id="3 jours ouvrés et un férié"),
        pytest.param(TROIS_OUVRES, D(2027, 5, 10), "mercredi 2027-05-05 23:59", id="3 jours ouvrés, le pont compte"),
        pytest.param(J2_MIDI, D(2026, 9, 7), "jeudi 2026-09-03 12:00", id="J-2 hors week-end, un lundi"),
        pytest.param(J2_MIDI, D(2026, 9, 8), "vendredi 2026-09-04 12:00", id="J-2 hors week-end, un mardi"),
        pytest.param(J2_MIDI, D(2026, 11, 13), "mercredi 2026-11-11 12:00", id="J-2 hors week-end compte le férié"),
        # À la semaine.
        pytest.param(JEUDI_MIDI, D(2026, 9, 7), "jeudi 2026-09-03 12:00", id="jeudi midi pour le lundi"),
        pytest.param(JEUDI_MIDI, D(2026, 9, 11), "jeudi 2026-09-03 12:00", id="jeudi midi pour le vendredi"),
        pytest.param(JEUDI_MIDI, D(2027, 1, 4), "jeudi 2026-12-31 12:00", id="jeudi midi, la rentrée de janvier"),
        pytest.param(JEUDI_MIDI, D(2026, 9, 1), "jeudi 2026-08-27 12:00", id="jeudi midi, la rentrée de septembre"),
        pytest.param(MERCREDI_SOIR, D(2026, 10, 30), "mercredi 2026-10-21 12:00", id="mercredi 12 h"),
        pytest.param(MARDI, D(2027, 4, 2), "mardi 2027-03-23 23:59", id="mardi 23 h 59, l'heure change entre-temps"),
        pytest.param(LUNDI, D(2026, 9, 18), "lundi 2026-09-07 00:00", id="lundi minuit pour la semaine suivante"),
        # Sur les jours d'école.
        pytest.param(JOUR_D_ECOLE, D(2026, 9, 7), "vendredi 2026-09-04 11:00", id="vendredi pour lundi"),
        pytest.param(JOUR_D_ECOLE, D(2026, 9, 8), "lundi 2026-09-07 11:00", id="lundi pour mardi"),
        pytest.param(JOUR_D_ECOLE, D(2026, 9, 10), "mardi 2026-09-08 11:00", id="mardi pour jeudi"),
        pytest.param(JOUR_D_ECOLE, D(2026, 9, 11), "jeudi 2026-09-10 11:00", id="jeudi pour vendredi"),
        pytest.param(JOUR_D_ECOLE, D(2026, 11, 2), "vendredi 2026-10-16 11:00", id="avant les vacances"),
        pytest.param(JOUR_D_ECOLE, D(2027, 5, 10), "mardi 2027-05-04 11:00", id="avant le pont pour l'après"),
        pytest.param(JOUR_D_ECOLE, D(2026, 9, 1), "lundi 2026-08-31 11:00", id="la rentrée"),
        pytest.param(Delai(decompte=OUVERTURE, heure=T(11)), D(2026, 9, 10), "mercredi 2026-09-09 11:00",
                     id="jours d'ouverture du site : le mercredi compte"),
    ],
)  # fmt: skip
def test_une_regle_du_terrain(regle, jour, dite):
    assert derniere(jour, regle) == dite


# Une colonne par règle à date fixe, une rangée par date qui peut la tromper ; les limites, comptées sur un calendrier.
VEILLE_0H, VEILLE_17H, VEILLE_18H = (Delai(heure=T(heure)) for heure in (0, 17, 18))
A_7H, HUIT_JOURS = Delai(nombre=0, heure=T(7)), Delai(nombre=8)
DATES = {
    "un lundi": (D(2026, 9, 7), "dimanche 2026-09-06", "lundi 2026-09-07", "dimanche 2026-08-30",
                 "mercredi 2026-09-02", "lundi 2026-08-31"),
    "la rentrée": (D(2026, 9, 1), "lundi 2026-08-31", "mardi 2026-09-01", "lundi 2026-08-24",
                   "mercredi 2026-08-26", "lundi 2026-08-24"),
    "le lendemain de l'heure d'hiver": (D(2026, 10, 26), "dimanche 2026-10-25", "lundi 2026-10-26",
                                        "dimanche 2026-10-18", "mercredi 2026-10-21", "lundi 2026-10-19"),
    "la reprise, l'heure changée entre-temps": (D(2026, 11, 2), "dimanche 2026-11-01", "lundi 2026-11-02",
                                                "dimanche 2026-10-25", "mercredi 2026-10-28", "lundi 2026-10-26"),
    "le lendemain de l'Armistice": (D(2026, 11, 12), "mercredi 2026-11-11", "jeudi 2026-11-12",
                                    "mercredi 2026-11-04", "mercredi 2026-11-04", "lundi 2026-11-02"),
    "la semaine d'après, dont le mercredi d'avant est férié": (
        D(2026, 11, 16), "dimanche 2026-11-15", "lundi 2026-11-16", "dimanche 2026-11-08", "mercredi 2026-11-11",
        "lundi 2026-11-09"),
    "la rentrée de janvier": (D(2027, 1, 4), "dimanche 2027-01-03", "lundi 2027-01-04", "dimanche 2026-12-27",
                              "mercredi 2026-12-30", "lundi 2026-12-28"),
    "le mardi de Pâques, après l'heure d'été": (D(2027, 3, 30), "lundi 2027-03-29", "mardi 2027-03-30",
                                                "lundi 2027-03-22", "mercredi 2027-03-24", "lundi 2027-03-22"),
    "la semaine d'après, dont le lundi d'avant est férié": (
        D(2027, 4, 8), "mercredi 2027-04-07", "jeudi 2027-04-08", "mercredi 2027-03-31", "mercredi 2027-03-31",
        "lundi 2027-03-29"),
    "après le pont de l'Ascension": (D(2027, 5, 10), "dimanche 2027-05-09", "lundi 2027-05-10", "dimanche 2027-05-02",
                                     "mercredi 2027-05-05", "lundi 2027-05-03"),
}  # fmt: skip


@pytest.mark.parametrize("nom", DATES)
def test_une_regle_a_date_fixe_ne_saute_rien(nom):
    """Ni week-end, ni pont, ni férié, ni vacances, ni changement d'heure : on compte sur le calendrier de tous."""
    jour, veille, jour_meme, huit, mercredi, lundi = DATES[nom]
    assert derniere(jour, VEILLE_0H) == f"{veille} 00:00"
    assert derniere(jour, VEILLE_17H) == f"{veille} 17:00"
    assert derniere(jour, VEILLE_18H) == f"{veille} 18:00"
    assert derniere(jour, A_7H) == f"{jour_meme} 07:00"
    assert derniere(jour, HUIT_JOURS) == f"{huit} 23:59"
    assert derniere(jour, MERCREDI_SOIR) == f"{mercredi} 12:00"
    assert derniere(jour, LUNDI) == f"{lundi} 00:00"


def test_reserver_et_annuler_ont_chacun_leur_limite():
    """Réserver jusqu'au vendredi 12 h pour la semaine suivante, annuler jusqu'à la veille 12 h."""
    veille = Delai(heure=T(12))
    jour = D(2026, 9, 10)
    trois = regles.limites(jour, [VENDREDI_MIDI], [veille], lambda delai: regles.limite(jour, delai, MIDI, ICI))
    assert trois == (a_paris(2026, 9, 4, 12, 1), a_paris(2026, 9, 9, 12, 1), "refuse")


def test_une_regle_change_en_cours_d_annee_et_la_maison_reprend_ailleurs():
    automne = Delai(nombre=2, debut=D(2026, 9, 1), fin=D(2026, 12, 31), ensuite=SUPPLEMENT)
    hiver = Delai(EN_SEMAINES, jour_semaine=3, heure=T(12), debut=D(2027, 1, 1), fin=D(2027, 3, 31), ensuite=MAIRIE)
    jours = [D(2026, 8, 31), D(2026, 9, 1), D(2026, 12, 31), D(2027, 1, 1), D(2027, 3, 31), D(2027, 4, 1)]
    assert [delai_du([automne, hiver], j) for j in jours] == [Delai(), automne, automne, hiver, hiver, Delai()]
    assert [p.quand for p in periodes([automne, hiver], [])] == [
        "Jusqu'au 31 août 2026", "Du 1er septembre 2026 au 31 décembre 2026", "Du 1er janvier 2027 au 31 mars 2027",
        "À partir du 1er avril 2027",
    ]  # fmt: skip
    [seule] = periodes([automne, hiver], [], D(2026, 9, 7), D(2026, 9, 13))
    assert seule.phrase.replace("\u00a0", " ") == (
        "On réserve jusqu'à l'avant-veille 23 h 59 ; on annule jusqu'à la veille 23 h 59."
        " Passé ce délai, on peut encore réserver, au tarif « hors délai »."
    )


@pytest.mark.parametrize(
    ("regle", "phrase"),
    [
        (Delai(), "jusqu'à la veille 23 h 59"),
        (Delai(nombre=0, heure=T(7)), "jusqu'au jour même 7 h"),
        (Delai(nombre=2, heure=T(12)), "jusqu'à l'avant-veille 12 h"),
        (TROIS_OUVRES, "jusqu'à 3 jours ouvrés avant, 23 h 59"),
        (J2_MIDI, "jusqu'à 2 jours avant, samedis et dimanches non comptés, 12 h"),
        (H72, "jusqu'à 72 heures avant le début"),
        (H48_OUVREES, "jusqu'à 48 heures ouvrées avant le début"),
        (JEUDI_MIDI, "jusqu'au jeudi de la semaine d'avant, 12 h"),
        (JOUR_D_ECOLE, "jusqu'au jour d'accueil précédent 11 h"),
        (Delai(decompte=OUVERTURE, heure=T(11)), "jusqu'au jour d'ouverture précédent 11 h"),
        (Delai(EN_SEMAINES, 2, jour_semaine=0, heure=T(9, 5)), "jusqu'au lundi 2 semaines avant, 9 h 05"),
    ],
)
def test_une_regle_se_relit_en_francais(regle, phrase):
    assert phrase_delai(regle).replace("\u00a0", " ") == phrase


def test_les_deux_gestes_se_disent_ensemble_ou_separes_et_la_suite_avec():
    mairie = Delai(ensuite=MAIRIE)
    assert phrase_delais([], []).replace("\u00a0", " ") == (
        "On réserve et on annule jusqu'à la veille 23 h 59. Passé ce délai, ce n'est plus possible."
    )
    assert "la mairie peut encore l'accepter" in phrase_delais([mairie], [])


# --- Propriétés ------------------------------------------------------------------------------------------------------
dates = st.dates(D(2026, 9, 1), D(2027, 7, 2))
heures = st.times().filter(lambda h: h.hour != 2).map(lambda h: h.replace(second=0, microsecond=0))
decomptes = st.sampled_from([CALENDAIRES, HORS_WEEKEND, OUVRES, OUVERTURE, ACTIVITE])
delais = st.one_of(
    st.builds(Delai, st.just("jours"), st.integers(0, 30), decomptes, st.none(), heures),
    st.builds(Delai, st.just(EN_HEURES), st.integers(1, 150), decomptes),
    st.builds(Delai, st.just(EN_SEMAINES), st.integers(1, 8), st.just(CALENDAIRES), st.integers(0, 6), heures),
)
COMPTE = {
    "": lambda j: True,
    "hors_weekend": lambda j: j.weekday() < 5,
    "ouvres": lambda j: j.weekday() < 5 and j not in FERIES,
    "ouverture": lambda j: j in ICI.site if j >= min(ICI.site) else j.weekday() < 5,
    "accueil": lambda j: j in ICI.activite if j >= min(ICI.activite) else j.weekday() < 5,
}


def relire(phrase, jour, debut):
    """La dernière minute que comprend quelqu'un qui ne lit que la phrase et un calendrier : un second calcul."""
    phrase = phrase.replace("\u00a0", " ")
    if "samedi" in phrase and "non compté" in phrase:
        mot = "hors_weekend"
    else:
        mot = "ouvres" if "ouvré" in phrase else "ouverture" if "ouverture" in phrase else (
            "accueil" if "accueil" in phrase else "")
    compte = COMPTE[mot]
    if m := re.search(r"(\d+) heures? ", phrase):
        instant = instant_de_paris(jour, debut)
        pas = int(m[1]) * 12
        while pas:  # de cinq en cinq minutes, comme le ferait une horloge
            instant -= dt.timedelta(minutes=5)
            pas -= compte(instant.astimezone(PARIS).date())
        return instant
    m = re.search(r"(\d+) h(?: (\d\d))?$", phrase)
    heure = T(int(m[1]), int(m[2] or 0))
    if m := re.match(rf"jusqu'au ({'|'.join(JOURS)}) (?:de la semaine d'avant|(\d) semaines avant)", phrase):
        semaines, dernier = int(m[2] or 1), jour - dt.timedelta(days=jour.weekday())
        return instant_de_paris(dernier + dt.timedelta(days=JOURS.index(m[1]) - 7 * semaines), heure)
    mots = {"jour même": 0, "l'avant-veille": 2, "la veille": 1, "précédent": 1}
    m = re.search(r"à (\d+) jours", phrase)
    reste = int(m[1]) if m else next(n for mot, n in mots.items() if mot in phrase)
    while reste:
        jour -= dt.timedelta(days=1)
        reste -= compte(jour)
    return instant_de_paris(jour, heure)


@settings(deadline=None)
@given(delais, dates)
def test_qui_ne_lit_que_la_phrase_trouve_la_meme_limite(delai, jour):
    limite = regles.limite(jour, delai, T(12, 5), ICI)
    assert regles.derniere_minute(limite) == relire(phrase_delai(delai), jour, T(12, 5))


@given(delais, dates, dates)
def test_une_seance_plus_tardive_ne_ferme_jamais_plus_tot(delai, un, autre):
    un, autre = sorted([un, autre])
    assert regles.limite(un, delai, MIDI, ICI) <= regles.limite(autre, delai, MIDI, ICI)


@given(delais, dates, st.sampled_from(["refuse", SUPPLEMENT, MAIRIE]), st.data())
def test_plus_tard_ne_rend_jamais_possible_ce_qui_etait_refuse(delai, jour, ensuite, tirage):
    """Ni réserver, ni annuler : une fois trop tard, il reste trop tard."""
    trois = regles.limites(jour, [delai], [], lambda delai: regles.limite(jour, delai, MIDI, ICI))
    faits = {
        "jour": jour, "activite": "Cantine", "enfant": "Hugo", "limite_reservation": trois.reservation,
        "limite_annulation": trois.annulation, "debut": instant_de_paris(jour, MIDI),
        "accepte_hors_delai": ensuite == SUPPLEMENT, "mairie": "appelez la mairie" if ensuite == MAIRIE else "",
    }  # fmt: skip
    instants = st.datetimes(dt.datetime(2026, 6, 1), dt.datetime(2027, 7, 10), timezones=st.just(dt.UTC))
    tot, tard = sorted([tirage.draw(instants), tirage.draw(instants)])
    for reserver, etat in ((True, ""), (False, "reservee")):
        case = regles.Faits(**faits, etat=etat)
        if regles.refus(case, reserver, tot):
            assert regles.refus(case, reserver, tard)
    # L'autre limite n'y est pour rien.
    assert regles.refus(regles.Faits(**faits, etat="reservee"), False, tot) == (
        "trop_tard_annuler" if tot >= trois.annulation else ""
    )


@given(st.lists(delais, max_size=3), st.lists(delais, max_size=3), st.lists(dates, min_size=6, max_size=6, unique=True),
       dates)  # fmt: skip
def test_les_periodes_disent_chaque_jour_la_regle_qui_vaut(reserver, annuler, bornes, jour):
    """Sans trou ni recouvrement, quelles que soient les dates des règles."""
    bornes = sorted(bornes)

    def dater(regles_du_geste):
        return [
            Delai(d.forme, d.nombre, d.decompte, d.jour_semaine, d.heure, d.ensuite, bornes[2 * n], bornes[2 * n + 1])
            for n, d in enumerate(regles_du_geste)
        ]

    reserver, annuler = dater(reserver), dater(annuler)
    [la] = [p for p in periodes(reserver, annuler) if (not p.debut or p.debut <= jour) and (not p.fin or jour <= p.fin)]
    assert phrase_delai(la.reserver) == phrase_delai(delai_du(reserver, jour))
    assert phrase_delai(la.annuler) == phrase_delai(delai_du(annuler, jour))


def test_trop_tard_dit_que_la_mairie_peut_encore_l_accepter():
    faits = regles.Faits(
        jour=D(2026, 9, 7), activite="Cantine", enfant="Hugo", limite_reservation=a_paris(2026, 9, 7, 0),
        limite_annulation=a_paris(2026, 9, 7, 0), debut=a_paris(2026, 9, 7, 12), mairie="appelez le 05.49.51.92.25",
    )  # fmt: skip
    matin, soir = a_paris(2026, 9, 7, 8), a_paris(2026, 9, 7, 18)
    assert regles.refus(faits, True, matin) == "trop_tard"
    assert regles.phrase_refus("trop_tard", faits, matin).replace("\u00a0", " ") == (
        "Cantine du lundi 7 septembre : trop tard, on pouvait réserver jusqu'à hier 23 h 59 ; la mairie peut encore"
        " l'accepter : appelez le 05.49.51.92.25."
    )
    assert regles.phrase_case(faits, regles.Statut.TROP_TARD, matin) == "appelez le 05.49.51.92.25"
    assert "mairie" not in regles.phrase_refus("trop_tard", faits, soir), "l'activité a commencé"


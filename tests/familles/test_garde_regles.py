"""Chez qui est l'enfant : une table de jours nommés, puis ce qui vaut de tout partage, de tout jour."""

import datetime as dt
from collections import Counter, namedtuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune.regles import calendrier_officiel, jours
from familles.regles import garde
from familles.regles.garde import Deplacement, Partage, foyer_du_jour

A, B = 10, 20
LUNDI, VENDREDI, SAMEDI, DIMANCHE = 0, 4, 5, 6
Conge = namedtuple("Conge", "debut fin")


def j(texte):
    jour, mois, an = map(int, texte.split("/"))
    return dt.date(an, mois, jour)


TOUSSAINT = Conge(j("17/10/2026"), j("01/11/2026"))  # 16 jours : 8 et 8
NOEL = Conge(j("19/12/2026"), j("03/01/2027"))
HIVER = Conge(j("13/02/2027"), j("28/02/2027"))
ETE = Conge(j("03/07/2027"), j("01/09/2027"))  # 61 jours : 31 et 30
VACANCES = [TOUSSAINT, NOEL, HIVER, ETE]


def qui(jour, partage, deplacements=()):
    return {A: "A", B: "B"}[foyer_du_jour(j(jour), partage, VACANCES, deplacements)]


PAIRES = Partage(A, B)
# 2026 a 53 semaines : du 28 décembre 2026 au 3 janvier 2027, la 53 ; du 4 au 10 janvier, la 1 ; du 11 au 17, la 2.
SEMAINES = [
    ("un lundi de semaine paire (48)", PAIRES, "23/11/2026", "A"),
    ("le dimanche de la même semaine", PAIRES, "29/11/2026", "A"),
    ("le lundi suivant, impaire", PAIRES, "30/11/2026", "B"),
    ("semaine 52, paire", PAIRES, "27/12/2026", "A"),
    ("semaine 53, impaire", PAIRES, "28/12/2026", "B"),
    ("le 1er janvier est encore de la semaine 53", PAIRES, "01/01/2027", "B"),
    ("semaine 1 après la 53 : deux impaires de suite", PAIRES, "04/01/2027", "B"),
    ("et l'alternance reprend à la semaine 2", PAIRES, "11/01/2027", "A"),
    ("de 2025 à 2026, pas de semaine 53 : la 52 est paire", PAIRES, "28/12/2025", "A"),
    ("et la 1 de 2026 commence le 29 décembre 2025", PAIRES, "29/12/2025", "B"),
    ("les impaires sont le contraire", Partage(A, B, garde.IMPAIRES), "30/11/2026", "A"),
    ("bascule le vendredi : le jeudi est encore de la semaine d'avant", Partage(A, B, bascule=VENDREDI), "26/11/2026",
     "B"),
    ("bascule le vendredi : il est tout entier à qui arrive", Partage(A, B, bascule=VENDREDI), "27/11/2026", "A"),
    ("bascule le vendredi : la semaine du vendredi 27 est la 48, jusqu'au jeudi", Partage(A, B, bascule=VENDREDI),
     "03/12/2026", "A"),
    ("bascule le samedi : le vendredi reste à qui part", Partage(A, B, bascule=SAMEDI), "27/11/2026", "B"),
    ("bascule le samedi", Partage(A, B, bascule=SAMEDI), "28/11/2026", "A"),
    ("bascule le dimanche, la nuit du 3 janvier : sa semaine est la 53", Partage(A, B, bascule=DIMANCHE), "04/01/2027",
     "B"),
    ("toutes les semaines", Partage(A, B, garde.TOUTES), "23/11/2026", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("nom", "partage", "jour", "attendu"), SEMAINES, ids=[cas[0] for cas in SEMAINES])
def test_les_semaines(nom, partage, jour, attendu):
    assert qui(jour, partage) == attendu


def par(vacances, semaines=garde.PAIRES):
    return Partage(A, B, semaines, vacances=vacances)


MOITIES = [
    ("2026 est paire : la première moitié à A", par(garde.PREMIERE_PAIRES), "17/10/2026", "A"),
    ("huitième jour de seize", par(garde.PREMIERE_PAIRES), "24/10/2026", "A"),
    ("neuvième", par(garde.PREMIERE_PAIRES), "25/10/2026", "B"),
    ("le dernier", par(garde.PREMIERE_PAIRES), "01/11/2026", "B"),
    ("le lendemain des vacances, la semaine 45 reprend", par(garde.PREMIERE_PAIRES), "02/11/2026", "B"),
    ("Noël est de l'année où il commence, même en janvier", par(garde.PREMIERE_PAIRES), "02/01/2027", "B"),
    ("Noël, première moitié", par(garde.PREMIERE_PAIRES), "26/12/2026", "A"),
    ("2027 est impaire : la première moitié à B", par(garde.PREMIERE_PAIRES), "13/02/2027", "B"),
    ("et la seconde à A", par(garde.PREMIERE_PAIRES), "28/02/2027", "A"),
    ("à l'inverse, les années impaires", par(garde.PREMIERE_IMPAIRES), "13/02/2027", "A"),
    ("toujours la première", par(garde.PREMIERE), "13/02/2027", "A"),
    ("toujours la seconde", par(garde.SECONDE), "13/02/2027", "B"),
    ("61 jours : le 31e, au milieu, est dans la première", par(garde.PREMIERE), "02/08/2027", "A"),
    ("le 32e est dans la seconde", par(garde.PREMIERE), "03/08/2027", "B"),
    ("en entier", par(garde.ENTIERES), "30/12/2026", "A"),
    ("jamais", par(garde.AUCUNES), "27/12/2026", "B"),
    ("un week-end sur deux et la moitié des vacances : l'école à A", par(garde.PREMIERE, garde.TOUTES), "05/02/2027",
     "A"),
    ("et sa moitié des vacances à B", par(garde.PREMIERE, garde.TOUTES), "27/02/2027", "B"),
    ("comme les semaines : la 53 impaire", par(garde.COMME), "30/12/2026", "B"),
]  # fmt: skip


@pytest.mark.parametrize(("nom", "partage", "jour", "attendu"), MOITIES, ids=[cas[0] for cas in MOITIES])
def test_les_vacances(nom, partage, jour, attendu):
    assert qui(jour, partage) == attendu


CALENDRIER = Partage(A, B, garde.CALENDRIER, periodes=((j("02/12/2026"), j("04/12/2026")),))


@pytest.mark.parametrize(("jour", "attendu"), [
    ("01/12/2026", "A"), ("02/12/2026", "B"), ("04/12/2026", "B"), ("05/12/2026", "A"), ("30/12/2026", "A"),
])  # fmt: skip
def test_d_un_calendrier_ce_qui_n_est_pas_ecrit_est_au_foyer_de_reference(jour, attendu):
    assert qui(jour, CALENDRIER) == attendu


def test_un_echange_accepte_passe_avant_tout_et_le_dernier_gagne():
    mien = Deplacement(j("30/12/2026"), j("31/12/2026"), A)
    assert qui("30/12/2026", par(garde.AUCUNES), [mien]) == "A"
    assert qui("29/12/2026", par(garde.AUCUNES), [mien]) == "B"
    rendu = Deplacement(j("31/12/2026"), j("31/12/2026"), B)
    assert qui("31/12/2026", par(garde.AUCUNES), [mien, rendu]) == "B"
    assert qui("30/12/2026", par(garde.AUCUNES), [mien, rendu]) == "A"


def test_un_echange_vers_un_foyer_qui_n_est_plus_le_sien_ne_compte_pas():
    assert qui("23/11/2026", PAIRES, [Deplacement(j("23/11/2026"), j("23/11/2026"), 99)]) == "A"


# --- Ce qui vaut toujours ----------------------------------------------------------------------------------------
DATES = st.dates(dt.date(2020, 1, 1), dt.date(2060, 12, 31))
PERIODES = st.lists(st.tuples(DATES, st.integers(0, 30)), max_size=4).map(
    lambda liste: tuple((du, du + dt.timedelta(days=n)) for du, n in liste)
)
PARTAGES = st.builds(
    Partage, st.just(A), st.just(B), st.sampled_from([garde.PAIRES, garde.IMPAIRES, garde.TOUTES, garde.CALENDRIER]),
    st.integers(0, 6),
    st.sampled_from([garde.COMME, garde.PREMIERE_PAIRES, garde.PREMIERE_IMPAIRES, garde.PREMIERE, garde.SECONDE,
                     garde.ENTIERES, garde.AUCUNES]),
    PERIODES,
)  # fmt: skip
CONGES = st.lists(st.builds(lambda du, n: Conge(du, du + dt.timedelta(days=n)), DATES, st.integers(0, 70)), max_size=5)
ECHANGES = st.lists(
    st.builds(lambda du, n, vers: Deplacement(du, du + dt.timedelta(days=n), vers), DATES, st.integers(0, 20),
              st.sampled_from([A, B])), max_size=5,
)  # fmt: skip


@settings(deadline=None)
@given(DATES, PARTAGES, CONGES, ECHANGES)
def test_chaque_jour_a_un_foyer_et_un_seul(jour, partage, conges, echanges):
    assert foyer_du_jour(jour, partage, conges, echanges) in (A, B)


@settings(deadline=None)
@given(DATES, st.integers(0, 6))
def test_paires_et_impaires_se_completent(jour, bascule):
    paires, impaires = Partage(A, B, garde.PAIRES, bascule), Partage(A, B, garde.IMPAIRES, bascule)
    assert {foyer_du_jour(jour, paires), foyer_du_jour(jour, impaires)} == {A, B}


@settings(deadline=None)
@given(DATES, st.integers(0, 6))
def test_une_semaine_de_garde_est_d_un_seul_foyer_et_l_on_en_change_sauf_apres_une_53(jour, bascule):
    partage = Partage(A, B, bascule=bascule)
    debut = jour - dt.timedelta(days=(jour.weekday() - bascule) % 7)
    sept = {foyer_du_jour(debut + dt.timedelta(days=n), partage) for n in range(7)}
    assert len(sept) == 1
    suivante = foyer_du_jour(debut + dt.timedelta(days=7), partage)
    assert (suivante in sept) == (debut.isocalendar().week == 53)


@settings(deadline=None)
@given(DATES, st.integers(0, 70), PARTAGES)
def test_chaque_moitie_a_la_moitie_des_jours_a_un_pres(debut, n, partage):
    conge = Conge(debut, debut + dt.timedelta(days=n))
    compte = Counter(foyer_du_jour(jour, partage, [conge]) for jour in jours(*conge))
    if partage.vacances not in (garde.COMME, garde.ENTIERES, garde.AUCUNES):
        premier = foyer_du_jour(conge.debut, partage, [conge])
        autre = A if premier == B else B
        assert compte[premier] - compte[autre] == (n + 1) % 2


@settings(deadline=None)
@given(DATES, PARTAGES, CONGES, ECHANGES, st.sampled_from([A, B]))
def test_un_echange_ne_touche_que_ses_jours(jour, partage, conges, echanges, vers):
    avant = foyer_du_jour(jour, partage, conges, echanges)
    un = Deplacement(jour + dt.timedelta(days=1), jour + dt.timedelta(days=3), vers)
    assert foyer_du_jour(jour, partage, conges, [*echanges, un]) == avant
    assert foyer_du_jour(jour + dt.timedelta(days=2), partage, conges, [*echanges, un]) == vers


@pytest.mark.parametrize("rentree", [2020, 2024, 2026, 2032])
def test_toute_l_annee_de_la_zone_a_a_son_foyer_et_chacun_sa_part(rentree):
    """Quatre années du calendrier de la zone A, dont trois à 53 semaines : ni trou, ni déséquilibre."""
    debut, fin = dt.date(rentree, 9, 1), dt.date(rentree + 1, 8, 31)
    vacances = [p for p in calendrier_officiel("A", "86158", debut, fin) if p.motif == "vacances"]
    compte = Counter(foyer_du_jour(jour, par(garde.PREMIERE_PAIRES), vacances) for jour in jours(debut, fin))
    assert sum(compte.values()) == len(jours(debut, fin))
    assert abs(compte[A] - compte[B]) <= 15


# --- Le dire, le lire, le dessiner -------------------------------------------------------------------------------
CHEZ = {A: "chez vous", B: "chez son autre foyer"}


@pytest.mark.parametrize(("partage", "dites"), [
    (PAIRES, ["Chez vous les semaines paires, chez son autre foyer les semaines impaires\u00a0; on change le lundi."]),
    (par(garde.PREMIERE_PAIRES, garde.TOUTES), [
        "Chez vous toutes les semaines.",
        "Vacances scolaires\u00a0: la première moitié chez vous les années paires, chez son autre foyer les années "
        "impaires\u00a0; la seconde, l'inverse.",
    ]),
    (par(garde.SECONDE, garde.IMPAIRES), [
        "Chez vous les semaines impaires, chez son autre foyer les semaines paires\u00a0; on change le lundi.",
        "Vacances scolaires\u00a0: la première moitié chez son autre foyer, la seconde chez vous.",
    ]),
    (CALENDRIER, ["Chez son autre foyer aux dates de son calendrier (1 période), chez vous les autres jours."]),
    (par(garde.AUCUNES), [
        "Chez vous les semaines paires, chez son autre foyer les semaines impaires\u00a0; on change le lundi.",
        "Vacances scolaires\u00a0: chez son autre foyer en entier.",
    ]),
])  # fmt: skip
def test_un_partage_se_relit_en_francais(partage, dites):
    assert garde.phrases(partage, CHEZ) == dites


def test_un_calendrier_s_ecrit_une_periode_par_ligne():
    periodes, fautes = garde.lire_periodes("du 12/09/2026 au 18/09/2026\n\n26/09/2026 - 02/10/2026\n10/10/2026")
    assert fautes == []
    assert periodes == [(j("12/09/2026"), j("18/09/2026")), (j("26/09/2026"), j("02/10/2026")),
                        (j("10/10/2026"), j("10/10/2026"))]  # fmt: skip
    assert garde.lire_periodes(garde.en_lignes(periodes)) == (periodes, [])


@pytest.mark.parametrize(("texte", "faute"), [
    ("le week-end", "Ligne 1 : écrivez « 12/09/2026 - 18/09/2026 », ou un seul jour."),
    ("12/09/2026\n31/02/2027", "Ligne 2 : écrivez « 12/09/2026 - 18/09/2026 », ou un seul jour."),
    ("18/09/2026 - 12/09/2026", "Ligne 1 : la fin vient avant le début."),
    ("12/09/2026 - 18/09/2026\n18/09/2026", "Deux périodes ont en commun le 18/09/2026."),
])
def test_une_ligne_illisible_est_montree_du_doigt(texte, faute):
    assert garde.lire_periodes(texte)[1] == [faute]


def test_le_calendrier_dessine_des_semaines_entieres():
    mois = garde.calendrier(j("15/12/2026"), 2, lambda jour: foyer_du_jour(jour, PAIRES), [NOEL])
    assert [m.premier for m in mois] == [j("01/12/2026"), j("01/01/2027")]
    assert [numero for numero, _ in mois[1].semaines] == [53, 1, 2, 3, 4]
    assert garde.bornes(j("15/12/2026"), 2) == (j("30/11/2026"), j("31/01/2027"))
    cases = {case.date: case for _, semaine in mois[1].semaines for case in semaine}
    saint_sylvestre, jour_de_l_an = cases[j("31/12/2026")], cases[j("01/01/2027")]
    assert (saint_sylvestre.dehors, jour_de_l_an.conge, jour_de_l_an.foyer) == (True, True, B)


@pytest.mark.parametrize(("chez", "inscrits", "rattaches", "paie"), [
    (B, [A, B], [A, B], B), (B, [A], [A, B], A), (None, [A, B], [A, B], A), (B, [], [A, B], B), (None, [], [A, B], A),
    (None, [], [], None),
])  # fmt: skip
def test_qui_paie_un_enfant_venu_sans_reservation(chez, inscrits, rattaches, paie):
    assert garde.payeur(chez, inscrits, rattaches) == paie

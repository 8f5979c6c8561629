"""Les règles des inscriptions, cas par cas."""

import datetime as dt
from collections import namedtuple

import pytest

from inscriptions import regles
from inscriptions.regles import Accueil, Profil

RENTREE, FIN = dt.date(2026, 9, 1), dt.date(2027, 7, 3)
NOMS = {"ps": "PS", "ms": "MS", "gs": "GS", "cp": "CP"}


def profil(**champs):
    return Profil(**{"prenom": "Hugo", "ecole": 1, "classe": "ce2", "naissance": dt.date(2018, 2, 7)} | champs)


def accueil(**champs):
    return Accueil(**{"ecoles": frozenset({1})} | champs)


@pytest.mark.parametrize(
    ("cas", "enfant", "activite", "debut", "codes"),
    [
        ("son école", {}, {}, RENTREE, []),
        ("une autre école", {"ecole": 2}, {}, RENTREE, ["ecole"]),
        ("une école accueillie", {"ecole": 2}, {"ecoles": frozenset({1, 2})}, RENTREE, []),
        ("sans école", {"ecole": None}, {}, RENTREE, ["sans_ecole"]),
        ("activité fermée", {}, {"active": False}, RENTREE, ["fermee"]),
        ("classe accueillie", {"classe": "cp"}, {"classes": frozenset({"cp", "ce1"})}, RENTREE, []),
        ("autre classe", {"classe": "ce2"}, {"classes": frozenset({"cp"})}, RENTREE, ["classe"]),
        ("classe inconnue", {"classe": ""}, {"classes": frozenset({"cp"})}, RENTREE, ["classe"]),
        ("la veille de ses 9 ans", {}, {"age_min": 9}, dt.date(2027, 2, 6), ["trop_jeune"]),
        ("le jour de ses 9 ans", {}, {"age_min": 9}, dt.date(2027, 2, 7), []),
        ("le mois de ses 9 ans", {}, {"age_min": 9, "au_mois": True}, dt.date(2027, 2, 1), []),
        ("avant le mois de ses 9 ans", {}, {"age_min": 9, "au_mois": True}, dt.date(2027, 1, 31), ["trop_jeune"]),
        ("né un 29 février", {"naissance": dt.date(2024, 2, 29)}, {"age_min": 3}, dt.date(2027, 2, 28), ["trop_jeune"]),
        ("né un 29 février, le 1er mars", {"naissance": dt.date(2024, 2, 29)}, {"age_min": 3}, dt.date(2027, 3, 1), []),
        ("âge maximum atteint", {}, {"age_max": 8}, dt.date(2027, 2, 6), []),
        ("âge maximum passé", {}, {"age_max": 8}, dt.date(2027, 2, 7), ["trop_age"]),
        ("deux raisons à la fois", {"ecole": 2}, {"age_max": 3}, RENTREE, ["ecole", "trop_age"]),
    ],
)
def test_a_qui_une_activite_s_ouvre(cas, enfant, activite, debut, codes):
    assert [r.code for r in regles.eligibilite(profil(**enfant), accueil(**activite), debut)] == codes, cas


def test_une_raison_se_dit_en_francais():
    raisons = regles.eligibilite(
        profil(classe="cp"), accueil(classes=frozenset({"gs", "ps"}), age_min=9), RENTREE, NOMS
    )
    assert [r.phrase for r in raisons] == [
        "Cette activité est réservée aux classes de PS et GS.",
        "Hugo pourra commencer le 7 février 2027 (à 9\u00a0ans).",
    ]


@pytest.mark.parametrize(
    ("cas", "naissance", "activite", "aujourd_hui", "attendu"),
    [
        ("avant la rentrée", dt.date(2018, 2, 7), {}, dt.date(2026, 8, 1), RENTREE),
        ("en cours d'année", dt.date(2018, 2, 7), {}, dt.date(2026, 11, 23), dt.date(2026, 11, 23)),
        ("trois ans en février", dt.date(2024, 2, 7), {"age_min": 3}, RENTREE, dt.date(2027, 2, 7)),
        ("trois ans en août, trop tard", dt.date(2024, 8, 7), {"age_min": 3}, RENTREE, None),
        ("année finie", dt.date(2018, 2, 7), {}, dt.date(2027, 7, 4), None),
        ("trop âgé", dt.date(2010, 2, 7), {"age_max": 11}, RENTREE, None),
        ("d'une autre école", dt.date(2024, 2, 7), {"age_min": 3, "ecoles": frozenset({9})}, RENTREE, None),
    ],
)  # fmt: skip
def test_la_premiere_date_ou_il_peut_commencer(cas, naissance, activite, aujourd_hui, attendu):
    debut, raisons = regles.premier_debut(profil(naissance=naissance), accueil(**activite), RENTREE, FIN, aujourd_hui)
    assert debut == attendu, cas
    assert bool(raisons) == (attendu is None), "fermée, elle dit toujours pourquoi"


@pytest.mark.parametrize(
    ("limite", "prises", "restantes"), [(None, 500, None), (10, 0, 10), (10, 9, 1), (10, 10, 0), (10, 12, 0)]
)
def test_les_places_ne_sont_jamais_negatives(limite, prises, restantes):
    assert regles.places_restantes(limite, prises) == restantes


@pytest.mark.parametrize(
    ("jours", "dit"),
    [
        ([0, 1, 3, 4], "lundi, mardi, jeudi et vendredi"),
        ([4, 0, 1, 2, 3], "du lundi au vendredi"),
        ([2], "mercredi"),
        ([0, 1, 2], "lundi, mardi et mercredi"),
    ],
)
def test_les_jours_se_disent(jours, dit):
    assert regles.jours_dits(jours) == dit


def test_une_inscription_validee_ne_se_refuse_plus():
    assert regles.DECISIONS["validee"] == set()
    assert regles.DECISIONS["retiree"] == set()
    assert regles.DECISIONS["demandee"] == {"validee", "attente", "refusee"}


Demande = namedtuple("Demande", "pk etat activite_id fin")


@pytest.mark.parametrize(
    ("cas", "autre", "a_montrer"),
    [
        ("rien d'autre", None, True),
        ("une demande plus ancienne", Demande(1, "retiree", 7, FIN), True),
        ("une autre activité depuis", Demande(9, "demandee", 8, FIN), True),
        ("redemandée depuis", Demande(9, "demandee", 7, FIN), False),
        ("refusée à nouveau depuis", Demande(9, "refusee", 7, FIN), False),
    ],
)
def test_un_refus_se_montre_tant_que_rien_ne_l_a_remplace(cas, autre, a_montrer):
    refus = Demande(2, "refusee", 7, FIN)
    assert regles.refus_a_montrer(refus, [refus, *([autre] if autre else [])], FIN) == a_montrer


@pytest.mark.parametrize(("etat", "jour"), [("refusee", FIN + dt.timedelta(days=1)), ("validee", FIN)])
def test_une_annee_finie_ou_un_accord_ne_sont_pas_des_refus_a_montrer(etat, jour):
    seule = Demande(2, etat, 7, FIN)
    assert not regles.refus_a_montrer(seule, [seule], jour)

"""Les règles de la journée, cas par cas."""

import datetime as dt
from types import SimpleNamespace as Faits

import pytest

from presences import regles
from presences.regles import Signes

AUJOURD_HUI = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cas", "jour", "sans_limite", "avance", "mot"),
    [
        ("aujourd'hui", AUJOURD_HUI, False, 0, None),
        ("hier", dt.date(2026, 11, 22), False, 0, None),
        ("demain", dt.date(2026, 11, 24), False, 0, "le jour même"),
        ("demain, pour compléter la liste", dt.date(2026, 11, 24), False, 1, None),
        ("après-demain", dt.date(2026, 11, 25), True, 1, "le jour même"),
        ("il y a 31 jours", dt.date(2026, 10, 23), False, 0, None),
        ("il y a 32 jours", dt.date(2026, 10, 22), False, 0, "trop ancien (31 jours"),
        ("il y a un an, pour la mairie", dt.date(2025, 11, 23), True, 0, None),
    ],
)
def test_les_jours_que_l_on_pointe(cas, jour, sans_limite, avance, mot):
    refus = regles.refus_du_jour(jour, AUJOURD_HUI, 31, sans_limite, avance)
    assert (refus is None) if mot is None else (mot in refus), cas


HORAIRES = [
    ("matin", dt.time(7, 30), dt.time(8, 50)), ("midi", dt.time(12), dt.time(13, 30)),
    ("soir", dt.time(16), dt.time(19)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("heure", "attendue"),
    [
        ((6, 0), "matin"), ((7, 30), "matin"), ((8, 50), "matin"), ((9, 30), "midi"), ((11, 40), "midi"),
        ((13, 30), "midi"), ((14, 0), "soir"), ((15, 45), "soir"), ((18, 59), "soir"), ((23, 30), "soir"),
    ],
)  # fmt: skip
def test_l_activite_que_l_on_vient_pointer_a_cette_heure(heure, attendue):
    assert regles.activite_de_l_heure(HORAIRES, dt.time(*heure)) == attendue


def test_le_repas_d_un_mercredi_presse_plus_que_la_journee_entiere():
    journee = [("journee", dt.time(7, 30), dt.time(18, 30)), ("midi", dt.time(12), dt.time(13, 30))]
    assert regles.activite_de_l_heure(journee, dt.time(12, 15)) == "midi"
    assert regles.activite_de_l_heure(journee, dt.time(15)) == "journee"
    assert regles.activite_de_l_heure([], dt.time(12)) is None


@pytest.mark.parametrize(
    ("signes", "mots", "repas"),
    [
        (Signes(), [], "ordinaire"),
        (Signes(regime="sans_porc"), ["Sans porc"], "sans_porc"),
        (Signes(regime="sans_viande", allergies=True), ["Allergie", "Sans viande"], "sans_viande"),
        (Signes(pai=True, panier=True, regime="sans_porc"), ["PAI", "Panier repas", "Sans porc"], "panier"),
        (Signes(regime="autre chose"), [], "ordinaire"),
    ],
)
def test_les_signes_de_sante_et_le_repas(signes, mots, repas):
    assert [mot for _, mot in signes.mots] == mots
    assert signes.repas == repas


def test_les_repas_se_comptent_une_fois_et_les_paniers_ne_se_servent_pas():
    nombres = regles.compter_repas([Signes(), Signes(), Signes(regime="sans_porc"), Signes(panier=True)])
    assert nombres == {"ordinaire": 2, "sans_porc": 1, "sans_viande": 0, "panier": 1}
    assert regles.repas_a_servir(nombres) == 3


def test_l_appel_suit_l_alphabet_sans_accents():
    noms = [("ELOI", "Z"), ("ÉLODIE", "A"), ("ELEA", "B")]
    assert sorted(noms, key=lambda n: regles.ordre_d_appel(*n)) == [("ELEA", "B"), ("ÉLODIE", "A"), ("ELOI", "Z")]


def test_ou_en_est_l_appel():
    compte = regles.compter(["present", "present", "absent", "excuse", "", ""])
    assert (compte.prevus, compte.presents, compte.absents, compte.excuses) == (6, 2, 1, 1)
    assert (compte.pointes, compte.restants) == (4, 2)


@pytest.mark.parametrize(
    ("etat", "jour", "avant", "note", "attendue"),
    [
        ("present", AUJOURD_HUI, None, True, dt.time(16, 4)),
        ("present", AUJOURD_HUI, dt.time(15, 50), True, dt.time(15, 50)),
        ("present", dt.date(2026, 11, 20), None, True, None),
        ("present", AUJOURD_HUI, None, False, None),
        ("absent", AUJOURD_HUI, dt.time(15, 50), True, None),
    ],
)
def test_l_heure_d_arrivee_que_pose_un_geste(etat, jour, avant, note, attendue):
    assert regles.heure_du_geste(etat, jour, AUJOURD_HUI, dt.time(16, 4), avant, note) == attendue


def adulte(nom, telephone="", telephone_travail=""):
    class Adulte(Faits):
        def __str__(self):
            return nom

        def get_civilite_display(self):
            return "M."

    return Adulte(telephone=telephone, telephone_travail=telephone_travail)


def sur_la_feuille(**champs):
    """Hugo, et ce que l'on sait de lui d'autre que son nom."""
    defauts = {
        "enfant": Faits(nom="LA STAR", prenom="Hugo", sexe="g"), "mots": [], "telephones": ["06 12"], "interdits": [],
        "recuperent": [], "urgences": [], "rentre_seul": False, "motif": "", "excuse": "", "pointage": None,
    }  # fmt: skip
    return Faits(**defauts | champs)


RECU = dt.datetime(2026, 11, 23, 11, 4, tzinfo=dt.UTC)
PRESENT = Faits(recu_le=RECU, get_etat_display=lambda: "présent")
MERE, ODILE = adulte("Celine LA STAR", "06 12"), adulte("Odile AUGER", "", "05 49")
FEUILLE = [
    ("rien de plus", {}, False, "", ["06 12"], []),
    ("deux numéros au plus", {"telephones": ["06", "05", "04"]}, False, "", ["06", "05"], []),
    ("santé et refus", {"mots": [("pai", "PAI"), ("photo", "Pas de photo")]}, False, "PAI, Pas de photo", ["06 12"],
     []),
    ("interdit, à midi aussi", {"interdits": [adulte("Paul DUPONT")]}, False, "", ["06 12"],
     ["■ NE PAS CONFIER À M. Paul DUPONT"]),
    ("à confier, le soir", {"recuperent": [ODILE]}, True, "", ["06 12"], ["À confier à : Odile AUGER 05 49"]),
    ("à confier, à midi", {"recuperent": [ODILE], "rentre_seul": True}, False, "", ["06 12"], []),
    ("rentre seul", {"rentre_seul": True}, True, "", ["06 12"], ["Rentre seul"]),
    ("en cas d'urgence", {"urgences": [MERE, ODILE]}, False, "", ["06 12"], ["Urgence : Odile AUGER 05 49"]),
    ("sans autre numéro que sa mère", {"urgences": [MERE]}, False, "", ["06 12"], []),
    ("ajouté, sur une ligne", {"motif": "Appel\nde 8 h"}, False, "", ["06 12"], ["Ajouté : Appel de 8 h"]),
    ("excuse à décider", {"excuse": "envoyee"}, False, "", ["06 12"], ["Excuse écrite, à décider"]),
    ("excuse acceptée", {"excuse": "acceptee"}, False, "", ["06 12"], ["Excuse écrite, acceptée"]),
    ("excuse refusée", {"excuse": "refusee"}, False, "", ["06 12"], ["Excuse écrite, refusée"]),
    ("pointé, à l'heure de Paris", {"pointage": PRESENT}, False, "", ["06 12"], ["Pointé présent à 12:04"]),
]  # fmt: skip


@pytest.mark.parametrize(("faits", "heures", "mots", "telephones", "suite"), [c[1:] for c in FEUILLE],
                         ids=[c[0] for c in FEUILLE])  # fmt: skip
def test_ce_que_la_feuille_dit_d_un_enfant(faits, heures, mots, telephones, suite):
    assert regles.rang_de_feuille(sur_la_feuille(**faits), heures) == ("LA STAR Hugo", mots, telephones, suite)


def test_la_feuille_ne_dit_la_sante_que_si_on_la_demande():
    fiche = Faits(pai="Ventoline", allergies="")
    assert regles.rang_de_feuille(sur_la_feuille(), False, fiche).suite == ["PAI : Ventoline"]


@pytest.mark.parametrize(
    ("reponses", "mots"),
    [
        ({}, []),
        ({"photo": True, "soins": True, "sortie": True}, []),
        ({"photo": False}, ["Pas de photo"]),
        ({"soins": False}, ["Soins refusés"]),
        ({"sortie": False}, []),
        ({"photo": False, "soins": False, "sortie": False}, ["Soins refusés", "Pas de photo"]),
    ],
)
def test_seul_un_refus_se_signale(reponses, mots):
    assert [mot for _, mot in regles.refus_de_la_famille(reponses)] == mots


@pytest.mark.parametrize(
    ("excuse", "etat", "mange"),
    [
        ("", "", True), ("envoyee", "", True), ("refusee", "", True), ("acceptee", "", False),
        ("acceptee", "excuse", False), ("acceptee", "present", True), ("", "absent", True),
    ],
)  # fmt: skip
def test_une_excuse_acceptee_n_est_plus_un_repas_sauf_si_l_enfant_est_venu(excuse, etat, mange):
    assert regles.mange(excuse, etat) == mange

"""Les autres façons de dire un prix : taux d'effort, durées, forfait, retards, combinés, bornes, carence.

Chaque montant est posé à la main à côté du cas.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune.regles import instant_de_paris
from facturation import regles
from facturation.regles import QF, Circonstances, Donnees, Effet, Effort, Fait, Grille, Offre, Palier, Petit

CAF = QF(742, "attestation CAF du 02/09/2026")
# Un règlement réel : 0,27 % du quotient par demi-heure, de 200 à 2500, plus le goûter.
EFFORT = Effort(D("0.0027"), 200, 2500)
GOUTER = Effort(D("0.0027"), 200, 2500, D("1.00"))
# Matin 1,10, soir 1,60, les deux 2,30 en première tranche, 3,10 en troisième. Le prix des deux est sur le tarif du
# soir ; le matin d'un tel jour, déjà compris, coûte zéro.
LE_MATIN = Grille("Matin", (Palier(600, D("1.10"), D(0)), Palier(900, D("1.30"), D(0)), Palier(None, D("1.50"), D(0))))
LE_SOIR = Grille(
    "Soir", (Palier(600, D("1.60"), D("2.30")), Palier(900, D("1.90"), D("2.70")), Palier(None, D("2.20"), D("3.10")))
)
UNIQUE = (Palier(None, D("2.00")),)
COMMENT = "faute de quotient connu (pour en changer, transmettez votre attestation CAF ou MSA à la mairie)"

PERIME = CAF._replace(perime=dt.date(2026, 8, 31))
VALAIT = "votre quotient 742 valait jusqu'au 31/08/2026 (transmettez la nouvelle attestation CAF ou MSA à la mairie)"


def temps(**champs):
    return Grille("Soir", effort=EFFORT, unite="duree", **champs)


def fixe(*effets, prix="2.00", **champs):
    return Grille("Soir", (Palier(None, D(prix)),), effets, **champs)


RETARDS = (Effet("retard", "montant", D(5)), Effet("retard", "montant", D(10), 2), Effet("retard", "montant", D(15), 3))

# nom : (tarif, quotient, circonstances, quantité, prix unitaire, montant, raison)
CAS = {
    # 0,0027 × 742 = 2,0034, au centime 2,00 ; quatre demi-heures : 4 × 2,00 = 8,00.
    "un taux d'effort à la demi-heure": (
        temps(), CAF, {"periodes": 4, "duree": "de 16:00 à 17:42"}, 4, "2.00", "8.00",
        "4 demi-heures à 2,00 € (de 16:00 à 17:42), taux d'effort 0,0027 × 742 (QF 742, attestation CAF du 02/09/2026)",
    ),
    # 0,0027 × 200 = 0,54 : QF 150 compte pour 200.
    "sous le plancher": (
        temps(), QF(150), {}, 1, "0.54", "0.54",
        "1 demi-heure à 0,54 €, taux d'effort 0,0027 × 200, le plancher (QF 150)",
    ),
    # 0,0027 × 2500 = 6,75.
    "au-dessus du plafond": (
        temps(), QF(3100), {}, 1, "6.75", "6.75",
        "1 demi-heure à 6,75 €, taux d'effort 0,0027 × 2500, le plafond (QF 3100)",
    ),
    "périmé, le plafond, et jusqu'à quand il valait": (
        temps(), PERIME, {}, 1, "6.75", "6.75",
        f"1 demi-heure à 6,75 €, taux d'effort 0,0027 × 2500, le plafond, {VALAIT}",
    ),
    "périmé, la plus haute tranche": (
        Grille("x", (Palier(600, D(1)), Palier(None, D(3)))), PERIME, {}, 1, "3.00", "3.00",
        f"tranche 2, la plus haute, {VALAIT}",
    ),
    "sans quotient, le plafond et comment en changer": (
        temps(), None, {"periodes": 2}, 2, "6.75", "13.50",
        f"2 demi-heures à 6,75 €, taux d'effort 0,0027 × 2500, le plafond, {COMMENT}",
    ),
    # 4 × 2,00 + 1,00 = 9,00 : le goûter ne se multiplie pas, la ligne n'est donc plus quatre fois un prix.
    "la part fixe s'ajoute une fois": (
        Grille("Soir", effort=GOUTER, unite="duree"), CAF, {"periodes": 4}, 1, "9.00", "9.00",
        "4 demi-heures à 2,00 €, taux d'effort 0,0027 × 742 (QF 742, attestation CAF du 02/09/2026),"
        " part fixe de 1,00 €",
    ),
    # 0,004 × 742 = 2,968 → 2,97, pour le repas entier.
    "un taux d'effort par repas": (
        Grille("Midi", effort=Effort(D("0.004"), 0, 1500)), QF(742), {}, 1, "2.97", "2.97",
        "taux d'effort 0,004 × 742 (QF 742)",
    ),
    # 3 × 2,00 = 6,00 ; −10 % : 5,40.
    "une remise de fratrie sur des demi-heures": (
        fixe(Effet("fratrie", "pourcentage", D(-10), 2), unite="duree"), None, {"periodes": 3, "rang": 2},
        1, "5.40", "5.40", "3 demi-heures à 2,00 €, prix unique, 2e enfant (−10 %)",
    ),
    "le forfait du mois": (
        fixe(prix="32.00", unite="mois"), None, {}, 1, "32.00", "32.00", "prix unique",
    ),
    # La ligne dit « Accueil du soir, forfait de l'année 2026-2027, tranche 3 (QF 742…) : 90,00 € ».
    "le forfait de l'année": (
        Grille("Étude", (Palier(400, D(60)), Palier(700, D(75)), Palier(None, D(90))), unite="annee"), CAF, {}, 1,
        "90.00", "90.00", "tranche 3 (QF 742, attestation CAF du 02/09/2026)",
    ),
    "parti à l'heure": (fixe(*RETARDS), None, {}, 1, "2.00", "2.00", "prix unique"),
    # 2,00 + 5,00 la première fois, + 10,00 la deuxième, + 15,00 ensuite.
    "un premier départ après l'heure": (
        fixe(*RETARDS), None, {"retard": 1, "depart": "19:12"}, 1, "7.00", "7.00",
        "prix unique, départ à 19:12, après l'heure (+5,00 €)",
    ),
    "un deuxième dans le mois": (
        fixe(*RETARDS), None, {"retard": 2, "depart": "19:12"}, 1, "12.00", "12.00",
        "prix unique, départ à 19:12, après l'heure, 2e fois du mois (+10,00 €)",
    ),
    "un cinquième dans le mois": (
        fixe(*RETARDS), None, {"retard": 5, "depart": "19:12"}, 1, "17.00", "17.00",
        "prix unique, départ à 19:12, après l'heure, 5e fois du mois (+15,00 €)",
    ),
    # Matin 1,45 et soir 2,40 font 3,85 ; les deux ensemble 3,00 : le soir coûte 3,00 et le matin rien.
    "le matin et le soir du même jour, le soir": (
        fixe(Effet("combine", "fixe", D(3)), prix="2.40"), None, {"combine": True}, 1, "3.00", "3.00",
        "matin et soir le même jour (prix fixe de 3,00 €)",
    ),
    "le matin et le soir du même jour, le matin": (
        fixe(Effet("combine", "fixe", D(0)), prix="1.45"), None, {"combine": True}, 1, "0.00", "0.00",
        "matin et soir le même jour (prix fixe de 0,00 €)",
    ),
    "le soir seul ne se combine pas": (
        fixe(Effet("combine", "fixe", D(3)), prix="2.40"), None, {}, 1, "2.40", "2.40", "prix unique",
    ),
    "matin et soir en première tranche, le soir": (
        LE_SOIR, QF(300), {"combine": True}, 1, "2.30", "2.30", "tranche 1 (QF 300), matin et soir le même jour",
    ),
    "matin et soir en première tranche, le matin": (
        LE_MATIN, QF(300), {"combine": True}, 1, "0.00", "0.00", "tranche 1 (QF 300), matin et soir le même jour",
    ),
    "matin et soir en troisième tranche": (
        LE_SOIR, QF(901), {"combine": True}, 1, "3.10", "3.10", "tranche 3 (QF 901), matin et soir le même jour",
    ),
    "matin et soir sans quotient, la plus haute": (
        LE_SOIR, None, {"combine": True}, 1, "3.10", "3.10",
        f"tranche 3, la plus haute, {COMMENT}, matin et soir le même jour",
    ),
    "le soir seul garde le prix de sa tranche": (LE_SOIR, QF(300), {}, 1, "1.60", "1.60", "tranche 1 (QF 300)"),
    # 2,70 − 10 % = 2,43 : la remise porte sur le prix des deux.
    "matin et soir, une remise de fratrie": (
        replace(LE_SOIR, effets=(Effet("fratrie", "pourcentage", D(-10), 2),)), CAF, {"combine": True, "rang": 2}, 1,
        "2.43", "2.43",
        "tranche 2 (QF 742, attestation CAF du 02/09/2026), matin et soir le même jour, 2e enfant (−10 %)",
    ),
    "le prix de la tranche remplace l'ajustement du même cas": (
        replace(LE_SOIR, effets=(Effet("combine", "montant", D(5)),)), QF(300), {"combine": True}, 1, "2.30", "2.30",
        "tranche 1 (QF 300), matin et soir le même jour",
    ),
    # La demi-heure à 0,80 au lieu de 1,00 : 3 × 0,80 = 2,40.
    "matin et soir à la demi-heure": (
        Grille("Soir", (Palier(None, D("1.00"), D("0.80")),), unite="duree"), None, {"combine": True, "periodes": 3},
        3, "0.80", "2.40", "3 demi-heures à 0,80 €, prix unique, matin et soir le même jour",
    ),
    # 0,54 porté à 1,00.
    "porté au minimum": (
        Grille("Soir", effort=EFFORT, effets=(Effet("minimum", "fixe", D(1)),)), QF(100), {}, 1, "1.00", "1.00",
        "taux d'effort 0,0027 × 200, le plancher (QF 100), porté au minimum de 1,00 €",
    ),
    # 6 × 6,75 = 40,50 ramené à 18,00.
    "ramené au maximum": (
        temps(effets=(Effet("maximum", "fixe", D(18)),)), QF(2500), {"periodes": 6}, 1, "18.00", "18.00",
        "6 demi-heures à 6,75 €, taux d'effort 0,0027 × 2500 (QF 2500), ramené au maximum de 18,00 €",
    ),
    # L'ordre de la mairie : le maximum d'abord, le retard par-dessus : 18,00 + 5,00 = 23,00.
    "un maximum avant le retard ne l'efface pas": (
        temps(effets=(Effet("maximum", "fixe", D(18)), Effet("retard", "montant", D(5)))), QF(2500),
        {"periodes": 6, "retard": 1}, 1, "23.00", "23.00",
        "6 demi-heures à 6,75 €, taux d'effort 0,0027 × 2500 (QF 2500), ramené au maximum de 18,00 €,"
        " départ, après l'heure (+5,00 €)",
    ),
    "un minimum qui ne joue pas ne se dit pas": (
        fixe(Effet("minimum", "fixe", D(1))), None, {}, 1, "2.00", "2.00", "prix unique",
    ),
    "un jour de carence se dit": (
        fixe(), None, {"carence": True}, 1, "2.00", "2.00",
        "prix unique, absence excusée sans certificat, jour de carence",
    ),
    # 10 € fixes, hors délai, quelle que soit la durée.
    "hors délai à prix fixe": (
        temps(effets=(Effet("hors_delai", "fixe", D(10)),)), CAF, {"hors_delai": True, "periodes": 3}, 1, "10.00",
        "10.00", "réservé hors délai (prix fixe de 10,00 €)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("nom", CAS)
def test_le_prix_sa_quantite_et_sa_raison(nom):
    tarif, quotient, circonstances, quantite, unitaire, montant, raison = CAS[nom]
    calcule = regles.prix(tarif, quotient, Circonstances(**circonstances))
    assert (calcule.quantite, calcule.unitaire, calcule.montant) == (quantite, D(unitaire), D(montant))
    assert calcule.pourquoi.replace("\u00a0", " ") == raison


@pytest.mark.parametrize(
    ("part", "montant"),
    [(100, "9.20"), (0, "0.00"), (60, "5.52"), (33, "3.04")],  # 9,20 × 60 % = 5,52 ; × 33 % = 3,036 → 3,04
)
def test_la_part_de_garde_se_compte_sur_le_prix_paye(part, montant):
    assert regles.prix(fixe(prix="9.20", garde=part), None, Circonstances()).garde == D(montant)


@pytest.mark.parametrize(
    ("minutes", "arrondi", "attendu"),
    [
        (90, "commencee", 3), (91, "commencee", 4), (1, "commencee", 1), (0, "commencee", 1),
        (104, "proche", 3), (105, "proche", 4), (14, "proche", 1),
        (119, "entiere", 3), (120, "entiere", 4), (29, "entiere", 1), (-10, "entiere", 1),
    ],
)  # fmt: skip
def test_une_duree_s_arrondit_comme_dit_le_tarif(minutes, arrondi, attendu):
    assert regles.compter_periodes(minutes, 30, arrondi) == attendu


@pytest.mark.parametrize(
    ("minutes", "mots"),
    [(30, "La demi-heure"), (15, "Le quart d'heure"), (60, "L'heure"), (20, "La période de 20 min")],
)
def test_la_periode_se_nomme(minutes, mots):
    assert regles.dire_unite(fixe(unite="duree", minutes=minutes)) == mots


# --- Un mois, avec ses heures ---------------------------------------------------------------------------------------
HUGO, LINA = 1, 2
MATIN, SOIR, MIDI = 10, 11, 12
OFFRES = {
    MATIN: Offre("Accueil du matin", "matin", dt.time(7, 30), dt.time(8, 35)),
    SOIR: Offre("Accueil du soir", "soir", dt.time(16), dt.time(19)),
    MIDI: Offre("Repas", "midi", dt.time(12), dt.time(13, 30)),
}
PETITS = {HUGO: Petit("Hugo", dt.date(2014, 2, 7)), LINA: Petit("Lina", dt.date(2020, 5, 1))}


def fait(jour, activite=SOIR, enfant=HUGO, mois=9, reserve=True, **champs):
    jour = dt.date(2026, mois, jour)
    return Fait(1, enfant, activite * 1000 + jour.toordinal() % 1000, jour, activite, reserve, **champs)


def mois(tarifs, *faits, depuis=None, quotient=None):
    return regles.prestations_du_foyer(
        sorted(faits, key=lambda f: (f.jour, f.seance)),
        Donnees(
            PETITS, False, lambda jour: quotient, lambda activite, jour: tarifs[activite], OFFRES.__getitem__, depuis
        ),
    )


def venu(jour, depart=None, arrivee=None, **champs):
    return fait(jour, pointage="present", depart=depart, arrivee=arrivee, **champs)


def test_les_demi_heures_viennent_des_heures_pointees_a_defaut_de_la_seance():
    lignes = mois({SOIR: fixe(unite="duree")}, venu(1, dt.time(17, 42)), venu(3, dt.time(19, 20)), venu(4), fait(7),
                  venu(8, dt.time(16, 30), dt.time(15, 50)))  # fmt: skip
    # 16:00–17:42 = 102 min = 4 demi-heures commencées ; la séance entière, 180 min = 6 ; 16:00–16:30 = 1.
    assert [(li.texte, li.prix.quantite, li.prix.montant) for li in lignes] == [
        ("Accueil du soir, demi-heure", n, D(2) * n) for n in (4, 6, 6, 6, 1)
    ]
    raisons = [li.prix.pourquoi.replace("\u00a0", " ") for li in lignes]
    assert raisons[0] == "4 demi-heures à 2,00 € (de 16:00 à 17:42), prix unique"
    assert raisons[1] == "6 demi-heures à 2,00 € (de 16:00 à 19:00), prix unique"
    assert raisons[2] == "6 demi-heures à 2,00 € (toute la séance), prix unique"


def test_le_retard_commence_apres_la_tolerance_et_se_compte_dans_le_mois():
    tarif = fixe(*RETARDS, tolerance=10)
    departs = [(1, dt.time(19, 10)), (3, dt.time(19, 11)), (4, dt.time(18, 59)), (7, dt.time(19, 40)), (8, dt.time(20))]
    lignes = mois({SOIR: tarif}, *[venu(jour, heure) for jour, heure in departs])
    assert [li.prix.montant for li in lignes] == [D(2), D(7), D(2), D(12), D(17)]


def test_le_matin_et_le_soir_se_combinent_pour_l_enfant_et_le_jour():
    tarifs = {MATIN: fixe(Effet("combine", "fixe", D(0)), prix="1.45"),
              SOIR: fixe(Effet("combine", "fixe", D(3)), prix="2.40")}  # fmt: skip
    lignes = mois(tarifs, fait(1, MATIN), fait(1), fait(3), fait(3, MATIN, LINA), fait(4, MATIN),
                  fait(4, pointage="excuse"))  # fmt: skip
    assert [(li.prenom, li.texte, li.fait.jour.day, li.prix.montant) for li in lignes] == [
        ("Hugo", "Accueil du matin", 1, D("0")), ("Hugo", "Accueil du soir", 1, D("3")),
        ("Hugo", "Accueil du soir", 3, D("2.40")),  # le matin de ce jour-là est celui de Lina
        ("Hugo", "Accueil du matin", 4, D("1.45")),  # le soir de ce jour-là est excusé : il ne se facture pas
        ("Lina", "Accueil du matin", 3, D("1.45")),
    ]


@pytest.mark.parametrize(
    ("quotient", "matin", "soir", "ensemble"),
    [(300, "1.10", "1.60", "2.30"), (742, "1.30", "1.90", "2.70"), (1200, "1.50", "2.20", "3.10")],
)
def test_le_prix_du_matin_et_du_soir_ensemble_suit_la_tranche(quotient, matin, soir, ensemble):
    lignes = mois({MATIN: LE_MATIN, SOIR: LE_SOIR}, fait(1, MATIN), fait(1), fait(3, MATIN), fait(4), fait(7, MATIN),
                  fait(7, excuse="acceptee"), quotient=QF(quotient))  # fmt: skip
    assert [(li.texte, li.fait.jour.day, li.prix.montant) for li in lignes] == [
        ("Accueil du matin", 1, D("0.00")), ("Accueil du soir", 1, D(ensemble)),
        ("Accueil du matin", 3, D(matin)), ("Accueil du soir", 4, D(soir)),
        ("Accueil du matin", 7, D(matin)),  # le soir de ce jour-là est excusé
    ]


def test_un_forfait_tient_en_une_ligne_par_enfant_et_par_activite():
    tarifs = {SOIR: fixe(Effet("fratrie", "pourcentage", D(-25), 2), Effet("hors_delai", "montant", D(9)),
                         prix="32.00", unite="mois"), MIDI: fixe(prix="3.60")}  # fmt: skip
    lignes = mois(tarifs, fait(1, pointage="excuse"), fait(3, hors_delai=True), fait(4), fait(4, MIDI),
                  fait(7, enfant=LINA), fait(8, enfant=LINA))  # fmt: skip
    # Lina, deuxième enfant : 32,00 − 25 % = 24,00. Le premier jour de Hugo est excusé, et le forfait ignore le délai.
    assert [(li.prenom, li.texte, li.fait.jour.day, li.prix.montant) for li in lignes] == [
        ("Hugo", "Accueil du soir, forfait du mois", 3, D("32.00")), ("Hugo", "Repas", 4, D("3.60")),
        ("Lina", "Accueil du soir, forfait du mois", 7, D("24.00")),
    ]
    assert mois(tarifs, fait(1, pointage="excuse"), fait(3, excuse="acceptee")) == []


# --- Les absences ---------------------------------------------------------------------------------------------------
def a(jour, heure, minute=0, mois=9):
    return instant_de_paris(dt.date(2026, mois, jour), dt.time(heure, minute))


ECRITE = {"pointage": "absent", "excuse": "acceptee"}
# nom : (carence, heures du certificat, les jours d'une suite, les jours facturés)
CARENCES = {
    "sans carence, une excuse acceptée ne se facture pas": (0, None, [(1, ECRITE), (3, ECRITE)], []),
    "deux jours de carence, sur parole": (2, None, [(1, ECRITE), (3, ECRITE), (4, ECRITE)], [1, 3]),
    "l'excuse d'un agent sur place est sur parole": (1, None, [(1, {"pointage": "excuse"}), (3, ECRITE)], [1]),
    "un certificat la lève": (2, None, [(1, ECRITE | {"certifie_le": a(9, 12)}), (3, ECRITE)], [3]),
    # La séance du 1er commence à 16 h ; 72 heures plus tard, le 4 à 16 h.
    "un certificat à la 72e heure": (1, 72, [(1, ECRITE | {"certifie_le": a(4, 16)})], []),
    "un certificat une minute trop tard": (1, 72, [(1, ECRITE | {"certifie_le": a(4, 16, 1)})], [1]),
    "revenu puis de nouveau absent, la carence recommence": (
        1, None, [(1, ECRITE), (3, ECRITE), (4, {"pointage": "present"}), (7, ECRITE), (8, ECRITE)], [1, 4, 7],
    ),
    "venu malgré son excuse, il se facture comme présent": (
        1, None, [(1, {"pointage": "present", "excuse": "acceptee"})], [1],
    ),
    "une excuse refusée se facture comme une absence": (
        1, None, [(1, {"pointage": "absent", "excuse": "refusee"}), (3, ECRITE), (4, ECRITE)], [1, 3],
    ),
    "toute absence sans certificat": (31, None, [(jour, ECRITE) for jour in (1, 3, 4, 7, 8)], [1, 3, 4, 7, 8]),
}  # fmt: skip


@pytest.mark.parametrize("nom", CARENCES)
def test_les_jours_de_carence(nom):
    carence, certificat, jours, factures = CARENCES[nom]
    tarif = fixe(carence=carence, certificat=certificat)
    lignes = mois({SOIR: tarif}, *[fait(jour, **champs) for jour, champs in jours])
    assert [li.fait.jour.day for li in lignes] == factures


def test_une_absence_commencee_le_mois_d_avant_a_deja_use_sa_carence():
    tarif, octobre = fixe(carence=2), dt.date(2026, 10, 1)
    avant = [fait(28, **ECRITE), fait(29, **ECRITE)]
    apres = [fait(1, mois=10, **ECRITE), fait(2, mois=10, **ECRITE)]
    assert mois({SOIR: tarif}, *avant, *apres, depuis=octobre) == []
    assert [li.fait.jour.day for li in mois({SOIR: tarif}, *apres, depuis=octobre)] == [1, 2]
    assert [li.fait.jour.day for li in mois({SOIR: tarif}, avant[0], *apres, depuis=octobre)] == [1]


def test_la_carence_se_compte_par_activite():
    lignes = mois({SOIR: fixe(carence=1), MIDI: fixe(carence=1)}, *[
        fait(jour, activite, **ECRITE) for jour in (1, 3) for activite in (SOIR, MIDI)])  # fmt: skip
    assert [(li.texte, li.fait.jour.day) for li in lignes] == [("Accueil du soir", 1), ("Repas", 1)]


# --- Ce qui se lit --------------------------------------------------------------------------------------------------
def test_un_taux_d_effort_se_lit_en_tableau():
    cadet, retard = Effet("fratrie", "pourcentage", D(-10), 2), Effet("retard", "montant", D(5))
    effets = cadet, retard, Effet("minimum", "fixe", D(2))
    lu = regles.tableau(Grille("Soir", effort=GOUTER, unite="duree", effets=effets))
    assert lu.colonnes == ["La demi-heure", "2e enfant", "Départ après l'heure"]
    # 0,54 + 1,00 = 1,54 porté à 2,00 ; au plafond 6,75 + 1,00 = 7,75, −10 % = 6,975 → 6,98, + 5,00 = 12,75.
    assert lu.rangees[0] == ("jusqu'à 200", [D("2.00"), D("2.00"), D("6.54")])
    assert lu.rangees[-1] == ("2500 et plus, ou inconnu", [D("7.75"), D("6.98"), D("12.75")])
    assert [mots for mots, _ in lu.rangees[1:-1]] == ["650", "1100", "1550", "2000"]
    assert [phrase.replace("\u00a0", " ") for phrase in lu.phrases] == [
        "Part fixe : 1,00 € par acte, comprise dans le tableau.", "À partir du 2e enfant du foyer : −10 %.",
        "Départ après l'heure : +5,00 €.", "Jamais moins de 2,00 €.",
    ]


def test_la_courbe_a_une_ligne_par_rang_et_saute_a_chaque_seuil():
    grille = Grille("Midi", (Palier(400, D(1)), Palier(None, D(3))), (Effet("fratrie", "pourcentage", D(-10), 2),))
    aine, cadet = regles.courbe(grille)
    assert (aine.nom, cadet.nom) == ("1er enfant", "2e enfant")
    assert aine.points == [(0, D(1)), (400, D(1)), (401, D(3)), (480, D(3))]
    assert cadet.points[-1] == (480, D("2.70"))
    (seule,) = regles.courbe(Grille("Soir", effort=EFFORT))
    assert (seule.nom, seule.points[0], seule.points[-1]) == ("Prix", (0, D("0.54")), (3000, D("6.75")))


def test_le_matin_et_soir_par_tranche_a_sa_colonne_sa_courbe_et_sa_phrase():
    tarif = replace(LE_SOIR, effets=(Effet("fratrie", "pourcentage", D(-10), 2), Effet("combine", "montant", D(5))))
    lu = regles.tableau(tarif)
    # L'ajustement, que les tranches remplacent, ne se lit nulle part. 1,60 − 10 % = 1,44 ; 1,90 : 1,71 ; 2,20 : 1,98.
    assert lu.colonnes == ["Prix", "Matin et soir le même jour", "2e enfant"]
    assert lu.rangees == [
        ("jusqu'à 600", [D("1.60"), D("2.30"), D("1.44")]), ("de 601 à 900", [D("1.90"), D("2.70"), D("1.71")]),
        ("901 et plus, ou inconnu", [D("2.20"), D("3.10"), D("1.98")]),
    ]
    assert [phrase.replace("\u00a0", " ") for phrase in lu.phrases] == [
        "Matin et soir le même jour : cet accueil coûte de 2,30 € à 3,10 € selon la tranche ; l'autre se paie au prix"
        " que dit son tarif.",
        "À partir du 2e enfant du foyer : −10 %.",
    ]
    aine, cadet, combine = regles.courbe(tarif)
    assert (aine.nom, cadet.nom, combine.nom) == ("1er enfant", "2e enfant", "Matin et soir")
    assert combine.points == [(0, D("2.30")), (600, D("2.30")), (601, D("2.70")), (900, D("2.70")), (901, D("3.10")),
                              (1080, D("3.10"))]  # fmt: skip
    assert "Matin et soir : de 2,30 € à 3,10 €." in regles.dessiner(tarif).phrase.replace("\u00a0", " ")
    assert [phrase.replace("\u00a0", " ") for phrase in regles.tableau(LE_MATIN).phrases] == [
        "Matin et soir le même jour : cet accueil coûte 0,00 € ; l'autre se paie au prix que dit son tarif."
    ]
    assert LE_SOIR.par_jour
    assert not fixe().par_jour


def test_un_forfait_ne_montre_pas_de_prix_qu_il_ne_facturerait_pas():
    mois = fixe(*RETARDS, Effet("hors_commune", "montant", D(8)), prix="32.00", unite="mois")
    lu = regles.tableau(mois)
    assert (lu.colonnes, lu.rangees[0][1]) == (["Le mois", "Foyer hors commune"], [D("32.00"), D("40.00")])
    assert [phrase.replace("\u00a0", " ") for phrase in lu.phrases] == ["Foyer hors commune : +8,00 €."]
    assert not regles.defauts(fixe(Effet("hors_commune", "montant", D(8)), unite="mois"))


@pytest.mark.parametrize(
    ("tarif", "phrase"),
    [
        (Grille("x", (Palier(600, D(1), D(2)), Palier(None, D(3)))), "pour toutes les tranches, ou pour aucune"),
        (Grille("x", (Palier(600, D(1), D(2)), Palier(None, D(3), D(1)))), "« matin et soir » d'une tranche ne peut"),
        (Grille("x", (Palier(None, D(3), D(1)),), unite="mois"), "n'a pas de prix « matin et soir »"),
        *[
            (fixe(Effet(cas, "montant", D(5)), unite=unite), "Un forfait ne regarde pas les jours")
            for cas in ("hors_delai", "sans_reservation", "absence", "retard", "combine") for unite in ("mois", "annee")
        ],
        (Grille("x", effort=Effort(D("0.002"), 900, 300)), "Le plancher d'un taux d'effort ne peut pas dépasser"),
        (Grille("x", effort=Effort(None, 0, 300)), "avec son taux et son plafond"),
        (Grille("x", effort=Effort(D("0.002"), 0, 900, D(-1))), "jamais négatifs"),
        (fixe(Effet("minimum", "fixe", D(5)), Effet("maximum", "fixe", D(4))), "ne peut pas dépasser le maximum"),
        (fixe(Effet("minimum", "pourcentage", D(5))), "est un prix fixe"),
    ],
)
def test_les_defauts_se_disent(tarif, phrase):
    assert any(phrase in dite for dite in regles.defauts(tarif))


# --- Ce qui est vrai de tous ----------------------------------------------------------------------------------------
prix_de_tranche = st.decimals("0", "50", places=2)
simples = ["hors_commune", "panier", "hors_delai", "sans_reservation", "absence", "combine"]
valeurs = st.decimals("-150", "150", places=2)
modes = st.sampled_from(["fixe", "montant", "pourcentage"])


@st.composite
def tarifs(draw):
    paliers, effort = (), None
    if draw(st.booleans()):
        plancher = draw(st.integers(0, 1500))
        effort = Effort(draw(st.decimals("0", "0.02", places=6)), plancher, plancher + draw(st.integers(0, 2500)),
                        draw(st.decimals("0", "5", places=2)))  # fmt: skip
    else:
        seuils = sorted(draw(st.sets(st.integers(0, 3000), max_size=5)))
        prix = sorted(draw(st.lists(prix_de_tranche, min_size=len(seuils) + 1, max_size=len(seuils) + 1)))
        combines = sorted(draw(st.lists(prix_de_tranche, min_size=len(prix), max_size=len(prix))))
        paliers = tuple(map(Palier, [*seuils, None], prix, combines if draw(st.booleans()) else [None] * len(prix)))
    autres = draw(st.lists(st.builds(Effet, st.sampled_from(simples), modes, valeurs), max_size=3,
                           unique_by=lambda e: e.cas))  # fmt: skip
    a_rang = draw(st.lists(
        st.builds(Effet, st.sampled_from(["fratrie", "retard"]), modes, valeurs, st.integers(2, 4)), max_size=3,
        unique_by=lambda e: (e.cas, e.rang)))  # fmt: skip
    bornes = draw(st.lists(st.builds(Effet, st.sampled_from(["minimum", "maximum"]), st.just("fixe"), prix_de_tranche),
                           max_size=2, unique_by=lambda e: e.cas))  # fmt: skip
    return Grille(
        "tarif", paliers, tuple(draw(st.permutations(autres + a_rang + bornes))), effort,
        draw(st.sampled_from(["acte", "duree", "mois", "annee"])), draw(st.sampled_from([15, 20, 30, 60])),
        garde=draw(st.integers(0, 100)),
    )  # fmt: skip


situations = st.builds(
    Circonstances, *[st.booleans()] * 5, rang=st.integers(1, 5), carence=st.booleans(), combine=st.booleans(),
    retard=st.integers(0, 5), periodes=st.integers(1, 24),
)  # fmt: skip
quotients = st.integers(0, 5000)
sans_delai = settings(deadline=None)  # une machine chargée n'est pas une règle fausse


@sans_delai
@given(tarifs(), st.none() | quotients.map(QF), situations)
def test_une_ligne_est_sa_quantite_fois_son_prix_et_sa_garde_y_tient(tarif, quotient, situation):
    calcule = regles.prix(tarif, quotient, situation)
    assert calcule.montant == calcule.quantite * calcule.unitaire >= 0
    assert calcule.unitaire == calcule.unitaire.quantize(D("0.01"))
    assert 0 <= calcule.garde <= calcule.montant
    assert len(calcule.pourquoi) <= 600


@sans_delai
@given(tarifs(), quotients, quotients, situations)
def test_un_quotient_plus_haut_ne_paie_jamais_moins(tarif, un, autre, situation):
    bas, haut = sorted([un, autre])
    assert regles.prix(tarif, QF(bas), situation).montant <= regles.prix(tarif, QF(haut), situation).montant
    assert regles.prix(tarif, QF(haut), situation).montant <= regles.prix(tarif, None, situation).montant


@sans_delai
@given(tarifs(), st.none() | quotients.map(QF), situations, st.integers(1, 6))
def test_un_cadet_ne_paie_jamais_plus_que_son_aine(tarif, quotient, situation, rang):
    aine, cadet = sorted([situation.rang, rang])
    assert (
        regles.prix(tarif, quotient, situation._replace(rang=cadet)).montant
        <= regles.prix(tarif, quotient, situation._replace(rang=aine)).montant
    )


heures = st.none() | st.times(dt.time(7), dt.time(20)).map(lambda t: t.replace(second=0, microsecond=0))
faits = st.lists(
    st.builds(
        Fait, st.just(1), st.integers(1, 2), st.integers(1, 400),
        st.dates(dt.date(2026, 9, 1), dt.date(2026, 9, 30)), st.sampled_from([MATIN, SOIR, MIDI]), st.booleans(),
        st.booleans(), st.sampled_from([None, "present", "absent", "excuse"]),
        st.sampled_from([None, "acceptee", "refusee"]), heures, heures,
    ),
    max_size=25, unique_by=lambda f: (f.enfant, f.activite, f.jour),
)  # fmt: skip


@sans_delai
@given(faits, st.fixed_dictionaries({MATIN: tarifs(), SOIR: tarifs(), MIDI: tarifs()}), st.none() | quotients.map(QF))
def test_la_somme_des_lignes_est_le_total_et_un_forfait_n_y_est_qu_une_fois(actes, grilles, quotient):
    lignes = mois(grilles, *actes, quotient=quotient)
    assert regles.total(lignes) == sum((li.prix.quantite * li.prix.unitaire for li in lignes), D(0))
    dus = [f for f in actes if regles.a_facturer(f.reserve, f.pointage, f.excuse)]
    attendus = {(f.enfant, f.activite, f.jour) for f in dus if grilles[f.activite].unite not in regles.FORFAITS}
    a_l_acte = [li.fait for li in lignes if li.prix.unite not in regles.FORFAITS]
    assert {(f.enfant, f.activite, f.jour) for f in a_l_acte} == attendus
    forfaits = [(li.fait.enfant, li.fait.activite) for li in lignes if li.prix.unite in regles.FORFAITS]
    ouverts = {(f.enfant, f.activite) for f in dus if grilles[f.activite].unite in regles.FORFAITS}
    assert sorted(forfaits) == sorted(ouverts)

"""Le prix : chaque règle par une table de cas nommés, puis ce qui doit être vrai de tous les tarifs possibles."""

import datetime as dt
from collections import Counter
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facturation import regles
from facturation.regles import QF, Circonstances, Donnees, Effet, Fait, Grille, Offre, Palier, Petit

QF742 = QF(742, "attestation CAF du 02/09")
PALIERS = (Palier(400, D("1.10")), Palier(600, D("2.10")), Palier(900, D("2.85")), Palier(None, D("3.60")))


def grille(*effets, paliers=PALIERS):
    return Grille("Restauration", paliers, effets)


# Les tarifs des règlements réels, le prix calculé à la main dans le nom du cas ou le commentaire.
CAS = {
    "la tranche du quotient": (grille(), QF742, {}, "2.85", "tranche 3 (QF 742, attestation CAF du 02/09)"),
    "le seuil est compris dans sa tranche": (grille(), QF(600), {}, "2.10", "tranche 2 (QF 600)"),
    "un euro de quotient au-dessus du seuil": (grille(), QF(601), {}, "2.85", "tranche 3 (QF 601)"),
    "un quotient nul": (grille(), QF(0), {}, "1.10", "tranche 1 (QF 0)"),
    "un quotient au-delà de tout": (grille(), QF(99999), {}, "3.60", "tranche 4 (QF 99999)"),
    "sans quotient, la plus haute et comment en changer": (
        grille(), None, {}, "3.60",
        "tranche 4, la plus haute, faute de quotient connu "
        "(pour en changer, transmettez votre attestation CAF ou MSA à la mairie)",
    ),
    "un prix unique ne parle pas de quotient": (
        grille(paliers=(Palier(None, D("3.20")),)), None, {}, "3.20", "prix unique",
    ),
    "l'occasionnel, une activité à part à 5 €": (
        grille(paliers=(Palier(None, D("5.00")),)), QF742, {}, "5.00", "prix unique",
    ),
    # 4,00 pour l'aîné, 3,60 pour le deuxième, 3,20 à partir du troisième.
    "fratrie en prix fixes, l'aîné": (
        grille(Effet("fratrie", "fixe", D("3.60"), 2), Effet("fratrie", "fixe", D("3.20"), 3),
               paliers=(Palier(None, D("4.00")),)),
        None, {"rang": 1}, "4.00", "prix unique",
    ),
    "fratrie en prix fixes, le deuxième": (
        grille(Effet("fratrie", "fixe", D("3.60"), 2), Effet("fratrie", "fixe", D("3.20"), 3),
               paliers=(Palier(None, D("4.00")),)),
        None, {"rang": 2}, "3.60", "2e enfant (prix fixe de 3,60 €)",
    ),
    "fratrie en prix fixes, le quatrième": (
        grille(Effet("fratrie", "fixe", D("3.60"), 2), Effet("fratrie", "fixe", D("3.20"), 3),
               paliers=(Palier(None, D("4.00")),)),
        None, {"rang": 4}, "3.20", "4e enfant (prix fixe de 3,20 €)",
    ),
    # 2,85 − 10 % = 2,565, arrondi au centime supérieur : 2,57.
    "fratrie en pourcentage, le demi-centime vers le haut": (
        grille(Effet("fratrie", "pourcentage", D("-10"), 2)), QF742, {"rang": 2}, "2.57",
        "tranche 3 (QF 742, attestation CAF du 02/09), 2e enfant (−10 %)",
    ),
    "un prix fixe de fratrie plus haut que la tranche ne s'applique pas": (
        grille(Effet("fratrie", "fixe", D("3.60"), 2)), QF(300), {"rang": 2}, "1.10", "tranche 1 (QF 300)",
    ),
    "un troisième enfant mal réglé ne paie pas plus que le deuxième": (
        grille(Effet("fratrie", "pourcentage", D("-20"), 2), Effet("fratrie", "pourcentage", D("-10"), 3)),
        QF(10000), {"rang": 3}, "2.88", "tranche 4 (QF 10000), 3e enfant (−20 %)",  # 3,60 × 0,8
    ),
    "hors commune, prix fixe : le quotient ne compte plus et n'est plus dit": (
        grille(Effet("hors_commune", "fixe", D("5"))), QF742, {"hors_commune": True}, "5.00",
        "foyer hors commune (prix fixe de 5,00 €)",
    ),
    "le repas apporté (PAI), sans un mot de santé": (
        grille(Effet("panier", "fixe", D("1.50"))), QF742, {"panier": True}, "1.50",
        "repas apporté par la famille (prix fixe de 1,50 €)",
    ),
    # 2,85 + 50 % = 4,275 → 4,28.
    "hors délai, moitié en plus": (
        grille(Effet("hors_delai", "pourcentage", D("50"))), QF742, {"hors_delai": True}, "4.28",
        "tranche 3 (QF 742, attestation CAF du 02/09), réservé hors délai (+50 %)",
    ),
    "sans réservation, deux euros de plus": (
        grille(Effet("sans_reservation", "montant", D("2"))), QF742, {"sans_reservation": True}, "4.85",
        "tranche 3 (QF 742, attestation CAF du 02/09), présent sans réservation (+2,00 €)",
    ),
    "présent sans réservation se dit même au prix ordinaire": (
        grille(), QF(300), {"sans_reservation": True}, "1.10", "tranche 1 (QF 300), présent sans réservation",
    ),
    "une absence non excusée se dit même au prix ordinaire": (
        grille(), QF(300), {"absence": True}, "1.10", "tranche 1 (QF 300), absence non excusée par écrit",
    ),
    "hors délai sans ajustement ne change rien et ne se dit pas": (
        grille(), QF(300), {"hors_delai": True}, "1.10", "tranche 1 (QF 300)",
    ),
    # L'ordre de la mairie : (2,85 − 10 %) + 2 = 4,565 → 4,57 ; dans l'autre ordre, (2,85 + 2) − 10 % = 4,365 → 4,37.
    "l'ordre dit par la mairie : fratrie puis hors délai": (
        grille(Effet("fratrie", "pourcentage", D("-10"), 2), Effet("hors_delai", "montant", D("2"))),
        QF742, {"rang": 2, "hors_delai": True}, "4.57",
        "tranche 3 (QF 742, attestation CAF du 02/09), 2e enfant (−10 %), réservé hors délai (+2,00 €)",
    ),
    "l'ordre dit par la mairie : hors délai puis fratrie": (
        grille(Effet("hors_delai", "montant", D("2")), Effet("fratrie", "pourcentage", D("-10"), 2)),
        QF742, {"rang": 2, "hors_delai": True}, "4.37",
        "tranche 3 (QF 742, attestation CAF du 02/09), réservé hors délai (+2,00 €), 2e enfant (−10 %)",
    ),
    "une remise plus grande que le prix donne zéro, jamais un crédit": (
        grille(Effet("fratrie", "montant", D("-5"), 2)), QF(300), {"rang": 2}, "0.00",
        "tranche 1 (QF 300), 2e enfant (−5,00 €)",
    ),
    "un pourcentage à virgule": (
        grille(Effet("hors_commune", "pourcentage", D("12.50"))), QF(300), {"hors_commune": True}, "1.24",
        "tranche 1 (QF 300), foyer hors commune (+12,5 %)",  # 1,10 × 1,125 = 1,2375
    ),
}


@pytest.mark.parametrize("nom", CAS)
def test_le_prix_et_sa_raison(nom):
    tarif, quotient, circonstances, montant, raison = CAS[nom]
    calcule = regles.prix(tarif, quotient, Circonstances(**circonstances))
    assert (calcule.montant, calcule.pourquoi.replace("\u00a0", " ")) == (D(montant), raison)


def test_la_phrase_entiere_se_lit_seule():
    calcule = regles.prix(grille(), QF742, Circonstances())
    assert regles.phrase("Repas", dt.date(2026, 11, 12), calcule.montant, calcule.pourquoi) == (
        "Repas du 12/11, tranche 3 (QF 742, attestation CAF du 02/09) : 2,85\u00a0€"
    )


FACTURES = {
    "présent comme réservé": (True, "present", None, "reserve"),
    "présent malgré une excuse acceptée": (True, "present", "acceptee", "reserve"),
    "présent sans réservation": (False, "present", None, "sans_reservation"),
    "réservé, pas pointé": (True, None, None, "reserve"),
    "réservé, pas pointé, excuse encore à décider": (True, None, "envoyee", "reserve"),
    "réservé, pas pointé, excuse acceptée": (True, None, "acceptee", None),
    "absent sans un mot": (True, "absent", None, "absence"),
    "absent, excuse à décider": (True, "absent", "envoyee", "absence"),
    "absent, excuse refusée": (True, "absent", "refusee", "absence"),
    "absent, excuse acceptée": (True, "absent", "acceptee", None),
    "noté excusé sur place": (True, "excuse", None, None),
    "noté excusé sur place, mais l'excuse écrite fut refusée": (True, "excuse", "refusee", "absence"),
    "ni réservé ni venu": (False, "absent", None, None),
    "annulé à temps": (False, None, None, None),
}


@pytest.mark.parametrize("nom", FACTURES)
def test_ce_qui_se_facture(nom):
    *fait, attendu = FACTURES[nom]
    assert regles.a_facturer(*fait) == attendu


def test_le_rang_suit_l_age_puis_l_ordre_d_inscription():
    petits = {
        3: Petit("Lina", dt.date(2020, 5, 1)), 1: Petit("Hugo", dt.date(2014, 2, 7)),
        8: Petit("Zoé", dt.date(2018, 1, 1)), 7: Petit("Max", dt.date(2018, 1, 1)),
    }
    assert regles.rangs_de_fratrie({3, 1, 8, 7}, petits) == {1: 1, 7: 2, 8: 3, 3: 4}


def test_seul_compte_dans_la_fratrie_l_enfant_qui_a_une_prestation_dans_le_mois():
    petits = {1: Petit("Hugo", dt.date(2014, 2, 7)), 2: Petit("Lina", dt.date(2020, 5, 1))}
    tarif = grille(Effet("fratrie", "pourcentage", D("-50"), 2), paliers=(Palier(None, D("4")),))

    def mois(pointage_de_hugo):
        faits = [Fait(1, 1, 10, dt.date(2026, 9, 1), 5, True, False, pointage_de_hugo, None),
                 Fait(1, 2, 11, dt.date(2026, 9, 3), 5, True)]
        lignes = regles.prestations_du_foyer(
            faits,
            Donnees(petits, False, lambda jour: None, lambda activite, jour: tarif, lambda activite: Offre("Repas")),
        )
        return [(ligne.prenom, ligne.prix.montant) for ligne in lignes]

    assert mois("present") == [("Hugo", D("4.00")), ("Lina", D("2.00"))]
    assert mois("excuse") == [("Lina", D("4.00"))]


def test_une_activite_sans_tarif_arrete_tout():
    faits = [Fait(1, 1, 10, dt.date(2026, 9, 1), 5, True)]
    with pytest.raises(regles.TarifManquant) as refus:
        regles.prestations_du_foyer(
            faits, Donnees({1: Petit("Hugo", dt.date(2014, 2, 7))}, False, lambda j: None, lambda a, j: None, Offre)
        )
    assert refus.value.args == (5, dt.date(2026, 9, 1))


DEFAUTS = {
    "un bon tarif": (grille(), []),
    "sans tranche": (grille(paliers=()), ["Un tarif a au moins une tranche."]),
    "sans tranche haute": (
        grille(paliers=(Palier(400, D(1)),)),
        ["Il manque la tranche sans seuil, la plus haute : c'est aussi celle des familles sans quotient."],
    ),
    "un prix qui redescend": (
        grille(paliers=(Palier(400, D(3)), Palier(None, D(2)))),
        ["Le prix d'une tranche ne peut pas dépasser celui de la tranche suivante."],
    ),
    "un supplément de fratrie": (
        grille(Effet("fratrie", "montant", D(1), 2)),
        ["Un ajustement de fratrie est une remise : sa valeur est négative."],
    ),
}


@pytest.mark.parametrize("nom", DEFAUTS)
def test_les_defauts_d_un_tarif_se_disent_en_phrases(nom):
    tarif, phrases = DEFAUTS[nom]
    assert regles.defauts(tarif) == phrases


@pytest.mark.parametrize(
    ("effet", "phrase"),
    [
        (Effet("fratrie", "pourcentage", D("-10"), 2), "À partir du 2e enfant du foyer : −10 %."),
        (Effet("hors_commune", "fixe", D("5")), "Foyer hors commune : prix fixe de 5,00 €."),
        (Effet("absence", "montant", D("1.5")), "Absence non excusée par écrit : +1,50 €."),
    ],
)
def test_chaque_ajustement_a_sa_phrase_pour_la_mairie(effet, phrase):
    assert regles.dire_ajustement(effet).replace("\u00a0", " ") == phrase


@pytest.mark.parametrize(
    ("jours", "phrase"), [([1], "le 1er"), ([1, 3], "les 1er et 3"), ([2, 3, 14], "les 2, 3 et 14")]
)
def test_les_jours_se_lisent(jours, phrase):
    assert regles.dire_jours([dt.date(2026, 9, jour) for jour in jours]) == phrase


@pytest.mark.parametrize(
    ("reste", "jour", "etat"),
    [
        ("0", dt.date(2026, 12, 1), "payee"), ("5", dt.date(2026, 11, 15), "a_payer"),
        ("5", dt.date(2026, 11, 16), "en_retard"),
    ],
)
def test_le_jour_de_l_echeance_on_peut_encore_payer(reste, jour, etat):
    assert regles.etat(D(reste), dt.date(2026, 11, 15), jour) == etat


@pytest.mark.parametrize(("reste", "prelevee", "transmise", "ici"), [
    ("28.50", False, None, True),
    ("0", False, None, False),
    ("28.50", True, None, False),
    ("28.50", False, dt.date(2026, 12, 1), False),
])  # fmt: skip
def test_un_reste_se_paie_ici_s_il_n_est_ni_preleve_ni_au_tresor(reste, prelevee, transmise, ici):
    assert regles.se_paie_ici(D(reste), prelevee, transmise) is ici


def test_un_echeancier_ne_demande_jamais_plus_que_le_reste_d_une_facture():
    assert regles.part_due(D("10"), D("28.50")) == D("10")
    assert regles.part_due(D("40"), D("28.50")) == D("28.50")


def test_un_prelevement_s_annonce_quatorze_jours_avant():
    emission = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    assert regles.jour_de_prelevement(dt.date(2026, 12, 2), emission) == dt.date(2026, 12, 2)
    assert regles.jour_de_prelevement(dt.date(2026, 11, 10), emission) == dt.date(2026, 11, 16)


def test_l_exercice_se_compte_a_l_heure_de_paris():
    assert regles.exercice(dt.datetime(2026, 12, 31, 22, 59, 59, tzinfo=dt.UTC)) == 2026
    assert regles.exercice(dt.datetime(2026, 12, 31, 23, tzinfo=dt.UTC)) == 2027


def test_l_iban_se_montre_masque():
    assert regles.masquer("FR7630006000011234567890189") == "FR76 •••• •••• 0189"


# Une machine chargée n'est pas une règle fausse : pas de délai par exemple.
sans_delai = settings(deadline=None)


# --- Ce qui est vrai de tous les tarifs ---------------------------------------------------------------------------
prix_de_tranche = st.decimals("0", "50", places=2)
valeurs = st.decimals("-150", "150", places=2)
cas = st.sampled_from(["hors_commune", "panier", "hors_delai", "sans_reservation", "absence"])
modes = st.sampled_from(["fixe", "montant", "pourcentage"])


@st.composite
def grilles(draw):
    seuils = sorted(draw(st.sets(st.integers(0, 3000), max_size=6)))
    prix = sorted(draw(st.lists(prix_de_tranche, min_size=len(seuils) + 1, max_size=len(seuils) + 1)))
    autres = draw(st.lists(st.builds(Effet, cas, modes, valeurs), max_size=4, unique_by=lambda e: e.cas))
    fratrie = draw(
        st.lists(st.builds(Effet, st.just("fratrie"), modes, valeurs, st.integers(2, 5)), max_size=3,
                 unique_by=lambda e: e.rang)
    )
    effets = draw(st.permutations(autres + fratrie))
    return Grille("tarif", tuple(map(Palier, [*seuils, None], prix)), tuple(effets))


circonstances = st.builds(
    Circonstances, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(1, 6)
)
quotients = st.integers(0, 4000)


@sans_delai
@given(grilles(), st.none() | quotients.map(QF), circonstances)
def test_un_prix_n_est_jamais_negatif_et_tient_au_centime(tarif, quotient, situation):
    montant = regles.prix(tarif, quotient, situation).montant
    assert montant >= 0
    assert montant == montant.quantize(D("0.01"))


@sans_delai
@given(grilles(), quotients, quotients, circonstances)
def test_un_quotient_plus_haut_ne_paie_jamais_moins(tarif, un, autre, situation):
    bas, haut = sorted([un, autre])
    assert regles.prix(tarif, QF(bas), situation).montant <= regles.prix(tarif, QF(haut), situation).montant


@sans_delai
@given(grilles(), quotients, circonstances)
def test_sans_quotient_on_paie_le_plus_haut(tarif, quotient, situation):
    assert regles.prix(tarif, QF(quotient), situation).montant <= regles.prix(tarif, None, situation).montant


@sans_delai
@given(grilles(), st.none() | quotients.map(QF), circonstances, st.integers(1, 6))
def test_un_cadet_ne_paie_jamais_plus_que_son_aine(tarif, quotient, situation, rang):
    aine, cadet = sorted([situation.rang, rang])
    assert (
        regles.prix(tarif, quotient, situation._replace(rang=cadet)).montant
        <= regles.prix(tarif, quotient, situation._replace(rang=aine)).montant
    )


pointages = st.sampled_from([None, "present", "absent", "excuse"])
excuses = st.sampled_from([None, "acceptee", "refusee"])
faits = st.lists(
    st.builds(
        Fait, st.just(1), st.integers(1, 4), st.integers(1, 60), st.dates(dt.date(2026, 9, 1), dt.date(2026, 9, 30)),
        st.integers(1, 3), st.booleans(), st.booleans(), pointages, excuses,
    ),
    max_size=40,
)


@sans_delai
@given(faits, grilles(), st.none() | quotients.map(QF), st.booleans())
def test_la_somme_des_lignes_est_le_total_et_chaque_acte_facture_a_sa_ligne(actes, tarif, quotient, ailleurs):
    petits = {n: Petit(f"Enfant {n}", dt.date(2014 + n, 1, 1), n == 2) for n in range(1, 5)}
    lignes = regles.prestations_du_foyer(
        actes, Donnees(petits, ailleurs, lambda jour: quotient, lambda activite, jour: tarif, Offre)
    )
    assert regles.total(lignes) == sum((ligne.prix.montant for ligne in lignes), D(0))
    assert Counter(ligne.fait for ligne in lignes) == Counter(
        fait for fait in actes if regles.a_facturer(fait.reserve, fait.pointage, fait.excuse)
    )
    assert all(len(ligne.prix.pourquoi) <= 600 for ligne in lignes)

"""Ce que vaut une réponse de PayFiP, et quand on la redemande."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.regles import payfip as regles
from facturation.regles.payfip import Demande, Etat, Reponse
from tests.fabriques import a_paris

DEMANDE = Demande("006382", "2026", "2026F000042P7", "Periscolaire", 2850, "celine@exemple.fr", "T", "http://n", "http://r")
BONNE = Reponse(
    "idop-1", "006382", "2026", "2026F000042P7", "Periscolaire", "2850", "celine@exemple.fr", "T", "P", "26112026",
    "0915", "A55A",
)  # fmt: skip

REPONSES = [
    ("carte acceptée", {}, Etat.PAYE),
    ("prélèvement accepté", {"resultrans": "V"}, Etat.PAYE),
    ("carte refusée", {"resultrans": "R"}, Etat.REFUSE),
    ("prélèvement refusé", {"resultrans": "Z"}, Etat.REFUSE),
    ("abandon", {"resultrans": "A"}, Etat.ABANDONNE),
    ("résultat inconnu : un doute, ni payé ni refusé", {"resultrans": "Q"}, Etat.DOUTE),
    ("résultat vide", {"resultrans": ""}, Etat.DOUTE),
    ("un centime de moins", {"montant": "2849"}, Etat.DOUTE),
    ("des zéros devant ne changent pas une somme", {"montant": "0002850"}, Etat.PAYE),
    ("la référence d'un autre", {"refdet": "2026F000043P8"}, Etat.DOUTE),
    ("le client d'un autre", {"numcli": "006383"}, Etat.DOUTE),
    ("l'idop d'un autre", {"idop": "idop-2"}, Etat.DOUTE),
    ("refusé, mais pas le nôtre", {"resultrans": "R", "montant": "1"}, Etat.DOUTE),
]


@pytest.mark.parametrize(("champs", "etat"), [c[1:] for c in REPONSES], ids=[c[0] for c in REPONSES])
def test_ce_que_vaut_une_reponse(champs, etat):
    assert regles.juger(("idop-1", DEMANDE), BONNE._replace(**champs)).etat == etat


def test_l_instant_du_paiement_est_celui_de_paris():
    assert regles.juger(("idop-1", DEMANDE), BONNE).quand == a_paris(2026, 11, 26, 9, 15)
    assert regles.instant("29022026", "1200") is None
    assert regles.instant("", "") is None


CREE = a_paris(2026, 11, 26, 9)
FAUTES = [
    ("pas encore", "P5", 1, Etat.EN_COURS),
    ("l'idop a vieilli, un résultat peut encore arriver", "P4", 60, Etat.EN_COURS),
    ("deux heures et vingt-neuf minutes", "P5", 149, Etat.EN_COURS),
    ("deux heures et demie : sans suite", "P4", 150, Etat.SANS_SUITE),
    ("inconnu du service : un doute", "P1", 1, Etat.DOUTE),
    ("une panne : un doute", "T9", 1, Etat.DOUTE),
    ("une faute sans code", "", 1, Etat.DOUTE),
]


@pytest.mark.parametrize(("code", "minutes", "etat"), [c[1:] for c in FAUTES], ids=[c[0] for c in FAUTES])
def test_une_faute_n_est_jamais_un_refus(code, minutes, etat):
    assert regles.juger_la_faute(code, CREE, CREE + dt.timedelta(minutes=minutes)).etat == etat


@given(st.text(max_size=5), st.integers(0, 10_000))
def test_aucune_faute_ne_paie_ni_ne_refuse(code, minutes):
    verdict = regles.juger_la_faute(code, CREE, CREE + dt.timedelta(minutes=minutes))
    assert verdict.etat not in (Etat.PAYE, Etat.REFUSE, Etat.ABANDONNE)


@given(st.text(max_size=200))
def test_un_objet_se_plie_toujours_a_ce_que_payfip_accepte(texte):
    dit = regles.objet(texte)
    assert len(dit) <= 100
    assert all(c.isascii() and (c.isalnum() or c == " ") for c in dit)


@given(st.integers(1, 999_999), st.integers(1, 10**9))
def test_une_reference_est_de_lettres_et_de_chiffres(numero, paiement):
    assert regles.reference(2026, numero, paiement).isalnum()
    assert len(regles.reference(2026, numero, paiement)) <= 30


@pytest.mark.parametrize(
    ("montant", "payable"),
    [("0.99", False), ("1.00", True), ("28.50", True), ("100000.00", True), ("100000.01", False)],
)
def test_les_bornes_d_un_paiement(montant, payable):
    assert (regles.empechement(regles.centimes(Decimal(montant)), "celine@exemple.fr") == "") is payable


REDEMANDES = [
    ("jamais demandé", Etat.EN_COURS, 1, None, True),
    ("il y a une minute, l'idop vit", Etat.EN_COURS, 5, 4, True),
    ("à l'instant", Etat.EN_COURS, 5, 4.5, False),
    ("l'idop est mort : toutes les dix minutes", Etat.EN_COURS, 30, 25, False),
    ("dix minutes plus tard", Etat.EN_COURS, 30, 20, True),
    ("un doute se redemande", Etat.DOUTE, 30, 20, True),
    ("un doute d'avant-hier : une fois par heure", Etat.DOUTE, 2880, 2815, True),
    ("un doute d'avant-hier, demandé il y a une demi-heure", Etat.DOUTE, 2880, 2850, False),
    ("un doute de plus d'une semaine : à la main", Etat.DOUTE, 10_081, None, False),
    ("en cours depuis un mois, les tâches étaient arrêtées", Etat.EN_COURS, 43_200, 10, True),
    ("payé : plus jamais", Etat.PAYE, 5, None, False),
]


@pytest.mark.parametrize(
    ("etat", "age", "demande", "voulu"), [c[1:] for c in REDEMANDES], ids=[c[0] for c in REDEMANDES]
)
def test_quand_on_redemande(etat, age, demande, voulu):
    maintenant = CREE + dt.timedelta(minutes=age)
    demande_le = None if demande is None else CREE + dt.timedelta(minutes=demande)
    assert regles.a_redemander(etat, CREE, demande_le, maintenant) is voulu

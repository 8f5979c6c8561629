"""Ce que vaut une réponse de PayFiP, et quand on la redemande."""

import datetime as dt
import re
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
    ("une réponse d'essai à une demande de production", {"saisie": "X"}, Etat.DOUTE),
    ("un montant qui n'est pas un nombre", {"montant": "28,50"}, Etat.DOUTE),
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


PAYE, REFUSE, ABANDON = (regles.Verdict(e, "dit") for e in (Etat.PAYE, Etat.REFUSE, Etat.ABANDONNE))
DOUTE, SANS_SUITE, EN_COURS = (regles.Verdict(e, "dit") for e in (Etat.DOUTE, Etat.SANS_SUITE, Etat.EN_COURS))
# L'état d'avant, le verdict, s'il est d'une réponse, si le doute l'était, si la régie avait tranché ; l'état d'après.
SUITES = [
    ("en cours, payé", Etat.EN_COURS, PAYE, True, False, False, Etat.PAYE),
    ("en cours, une faute", Etat.EN_COURS, DOUTE, False, False, False, Etat.DOUTE),
    ("en cours, muet", Etat.EN_COURS, None, False, False, False, Etat.EN_COURS),
    ("payé, puis refusé : reçu, c'est reçu", Etat.PAYE, REFUSE, True, True, False, Etat.PAYE),
    ("payé, puis payé : une fois", Etat.PAYE, PAYE, True, True, False, Etat.PAYE),
    ("doute d'une panne, pas encore", Etat.DOUTE, EN_COURS, False, False, False, Etat.EN_COURS),
    ("doute d'une panne, aucun paiement", Etat.DOUTE, SANS_SUITE, False, False, False, Etat.SANS_SUITE),
    ("doute d'une réponse, pas encore : rien ne s'efface", Etat.DOUTE, EN_COURS, False, True, False, Etat.DOUTE),
    ("doute d'une réponse, trop tard : rien ne s'efface", Etat.DOUTE, SANS_SUITE, False, True, False, Etat.DOUTE),
    ("doute d'une réponse, puis payé", Etat.DOUTE, PAYE, True, True, False, Etat.PAYE),
    ("sans suite, puis payé", Etat.SANS_SUITE, PAYE, True, False, False, Etat.PAYE),
    ("sans suite, puis un montant faux", Etat.SANS_SUITE, DOUTE, True, False, False, Etat.DOUTE),
    ("sans suite, puis refusé", Etat.SANS_SUITE, REFUSE, True, False, False, Etat.REFUSE),
    ("sans suite, puis une faute", Etat.SANS_SUITE, DOUTE, False, False, False, Etat.SANS_SUITE),
    ("refusé, puis payé", Etat.REFUSE, PAYE, True, True, False, Etat.PAYE),
    ("refusé, puis abandonné", Etat.REFUSE, ABANDON, True, True, False, Etat.REFUSE),
    ("tranché sans paiement, puis payé : la régie regarde", Etat.SANS_SUITE, PAYE, True, True, True, Etat.DOUTE),
    ("tranché sans paiement, puis refusé : rien de neuf", Etat.SANS_SUITE, REFUSE, True, True, True, Etat.SANS_SUITE),
    ("rouvert après la régie : à elle de trancher encore", Etat.DOUTE, PAYE, True, True, True, Etat.DOUTE),
]  # fmt: skip


@pytest.mark.parametrize(("etat", "verdict", "dit", "deja", "tranche", "apres"), [c[1:] for c in SUITES],
                         ids=[c[0] for c in SUITES])  # fmt: skip
def test_ce_que_devient_un_paiement(etat, verdict, dit, deja, tranche, apres):
    retenu = regles.retenir(etat, verdict, dit=dit, deja_dit=deja, tranche=tranche)
    assert (retenu.etat if retenu else etat) == apres


@given(st.sampled_from(list(Etat)), st.sampled_from([PAYE, REFUSE, ABANDON, DOUTE, SANS_SUITE, EN_COURS, None]),
       st.booleans(), st.booleans(), st.booleans())  # fmt: skip
def test_un_paiement_recu_ne_se_defait_jamais_et_seule_une_reponse_en_fait_un(etat, verdict, dit, deja, tranche):
    retenu = regles.retenir(etat, verdict, dit=dit, deja_dit=deja, tranche=tranche)
    if etat == Etat.PAYE:
        assert retenu is None
    if retenu and retenu.etat in (Etat.PAYE, Etat.REFUSE, Etat.ABANDONNE):
        assert retenu == verdict


@pytest.mark.parametrize(("minutes", "etat"), [(1, None), (149, None), (150, Etat.DOUTE), (100_000, Etat.DOUTE)])
def test_un_silence_n_apprend_rien_puis_alerte_la_regie(minutes, etat):
    verdict = regles.juger_le_silence(CREE, CREE + dt.timedelta(minutes=minutes))
    assert (verdict.etat if verdict else None) == etat


@pytest.mark.parametrize(
    ("dit", "voulu"),
    [(None, 28), (dt.date(2026, 11, 27), 27), (dt.date(2026, 12, 3), 28), (dt.date(1970, 1, 1), 26)],
    ids=["non dit : aujourd'hui", "dit", "dans l'avenir : aujourd'hui", "avant la demande : ce jour-là"],
)
def test_le_jour_du_reglement_est_entre_la_demande_et_aujourd_hui(dit, voulu):
    assert regles.recu_le(dit, dt.date(2026, 11, 26), dt.date(2026, 11, 28)).day == voulu


@pytest.mark.parametrize(
    ("modele", "dit"),
    [("{facture}", "2026-000042"), ("{exercice}T{numero}", "2026T000042"), ("fixe", "fixe"), ("{tiers}", None),
     ("{numero", None), ("{numero.__class__}", None)],
)  # fmt: skip
def test_la_reference_d_un_titre_suit_le_modele_de_la_commune(modele, dit):
    if dit:
        assert regles.reference_du_titre(modele, 2026, 42) == dit
    else:
        with pytest.raises(ValueError, match=re.escape(modele)):
            regles.reference_du_titre(modele, 2026, 42)


def test_une_faute_se_dit_en_francais():
    assert regles.dire_la_faute("T2") == "numéro de client (T2)"
    assert (regles.dire_la_faute("Z99"), regles.dire_la_faute("")) == ("Z99", "sans code")


@pytest.mark.parametrize(("longueur", "payable"), [(5, False), (6, True), (80, True), (81, False)])
def test_les_bornes_d_une_adresse_de_courriel(longueur, payable):
    assert (regles.empechement(2850, "a" * longueur) == "") is payable


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

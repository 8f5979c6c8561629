"""Le prélèvement SEPA, règle par règle, et le fichier vérifié par son schéma."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from facturation import pain008
from facturation.regles import prelevements as regles

JOUR = dt.date(2026, 12, 5)
IBAN = "FR7630006000011234567890189"
CREANCIER = pain008.Creancier("Commune de Migné-Auxances", "FR72ZZZ123456", IBAN, "AGRIFRPP")


@pytest.mark.parametrize(
    ("servi_le", "caduc"),
    [
        (dt.date(2023, 12, 5), dt.date(2026, 12, 5)),
        (dt.date(2024, 2, 29), dt.date(2027, 2, 28)),
        (dt.date(2024, 1, 31), dt.date(2027, 1, 31)),
        (dt.date(2023, 12, 31), dt.date(2026, 12, 31)),
    ],
)
def test_un_mandat_est_caduc_trente_six_mois_apres_son_dernier_prelevement(servi_le, caduc):
    assert regles.caduc_le(servi_le) == caduc


def mandat(**champs):
    defauts = {"signe_le": dt.date(2026, 9, 1), "revoque_le": None, "suspendu_le": None, "servi_le": None}
    return SimpleNamespace(**defauts | champs)


@pytest.mark.parametrize(
    ("cas", "signe", "reste", "en_ligne", "phrase"),
    [
        ("tout va bien", mandat(), "12.00", False, ""),
        ("plus de mandat", None, "12.00", False, "n'existe plus"),
        ("révoqué", mandat(revoque_le=JOUR), "12.00", False, "révoqué"),
        ("suspendu", mandat(suspendu_le=JOUR), "12.00", False, "suspendu"),
        ("signé il y a trois ans, jamais servi", mandat(signe_le=dt.date(2023, 12, 5)), "12.00", False, "caduc"),
        ("la veille, il valait encore", mandat(signe_le=dt.date(2023, 12, 6)), "12.00", False, ""),
        ("vieux mais servi", mandat(signe_le=dt.date(2020, 1, 1), servi_le=dt.date(2026, 1, 1)), "12.00", False, ""),
        ("déjà payée", mandat(), "0.00", False, "rien à payer"),
        ("payée en trop", mandat(), "-3.00", False, "rien à payer"),
        ("chez PayFiP", mandat(), "12.00", True, "paiement en ligne"),
    ],
)
def test_ce_qui_empeche_de_prelever(cas, signe, reste, en_ligne, phrase):
    dit = regles.empechement(signe, Decimal(reste), JOUR, en_ligne)
    assert phrase in dit, cas
    assert bool(dit) == bool(phrase), cas


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("Éloïse Œuvrard", "Eloise OEuvrard"),
        ("L’Hôte & fils <SARL>", "L'Hote fils SARL"),
        ("Nguyễn  Thị", "Nguyen Thi"),
        ("王", ""),
    ],
)
def test_le_jeu_de_caracteres_sepa(texte, attendu):
    assert regles.en_sepa(texte, 70) == attendu


@given(st.text(), st.integers(1, 140))
def test_tout_texte_devient_du_sepa(texte, longueur):
    dit = regles.en_sepa(texte, longueur)
    assert len(dit) <= longueur
    assert dit.isascii()
    assert not set(dit) & set("<>&;\n\t")


@pytest.mark.parametrize("code", regles.REJETS)
def test_chaque_motif_de_rejet_se_dit_en_francais(code):
    assert len(code) == 4
    assert regles.dire_le_rejet(code)[0].islower()


def test_un_compte_ferme_suspend_le_mandat_et_une_provision_insuffisante_non():
    assert [regles.definitif(code) for code in ("AC04", "AG01", "MD01", "AM04", "MD06", "MS03")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def debit(rang, montant, sequence):
    return pain008.Debit(
        f"2026-{rang:06d}-L1", Decimal(montant), sequence, f"PF{rang:06d}", dt.date(2026, 9, 1), "Éloïse D'Hœrt",
        IBAN, f"Facture 2026-{rang:06d}",
    )  # fmt: skip


def ecrire(version, debits, creancier=CREANCIER):
    return pain008.ecrire(version, "PF000001-20261128", dt.datetime(2026, 11, 28, 9, 0), JOUR, creancier, debits)


@pytest.mark.parametrize("version", ["02", "08"])
@given(montants=st.lists(st.decimals("0.01", "99999.99", places=2), min_size=1, max_size=8), premiers=st.integers(0, 8))
def test_les_sommes_du_fichier_sont_celles_des_debits_au_centime(version, montants, premiers):
    debits = [debit(n, m, "FRST" if n < premiers else "RCUR") for n, m in enumerate(montants)]
    relu = etree.fromstring(ecrire(version, debits))
    espace = {"s": f"urn:iso:std:iso:20022:tech:xsd:pain.008.001.{version}"}

    def lus(chemin, noeud=relu):
        return [Decimal(texte) for texte in noeud.xpath(f"{chemin}/text()", namespaces=espace)]

    assert sum(lus("//s:InstdAmt")) == sum(montants)
    assert lus("//s:GrpHdr/s:CtrlSum") == [sum(montants)]
    assert lus("//s:GrpHdr/s:NbOfTxs") == [len(montants)]
    for bloc in relu.xpath("//s:PmtInf", namespaces=espace):
        assert lus("s:CtrlSum", bloc) == [sum(lus(".//s:InstdAmt", bloc))]
        assert lus("s:NbOfTxs", bloc) == [len(lus(".//s:InstdAmt", bloc))]


@pytest.mark.parametrize(
    ("cas", "creancier"),
    [
        ("un BIC trop court", CREANCIER._replace(bic="AGRI")),
        ("un IBAN de chiffres", CREANCIER._replace(iban="12345")),
        ("un créancier sans nom écrit", CREANCIER._replace(nom="王")),
    ],
)
def test_un_fichier_que_son_schema_refuse_est_une_erreur(cas, creancier):
    with pytest.raises(pain008.Invalide, match=r"Ligne \d+"):
        ecrire("02", [debit(1, "12.00", "FRST")], creancier)


def test_le_bic_change_de_balise_avec_la_version():
    assert b"<BIC>AGRIFRPP</BIC>" in ecrire("02", [debit(1, "12.00", "FRST")])
    assert b"<BICFI>AGRIFRPP</BICFI>" in ecrire("08", [debit(1, "12.00", "FRST")])

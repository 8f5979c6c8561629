"""Le fichier des rejets de la banque : lu sans y croire, rapproché de nos lots, écrit une fois comme à la main."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation import actions, rejets
from facturation.models import Mandat, Prelevement, Regie, solde_de
from facturation.regles.prelevements import REJETS
from tests import fabriques as f

from .banque import camt054, pain002
from .test_prelevements import APRES, AVANT, IBAN, JOUR, SIGNE, ensemble, preleve, regie, remis  # noqa: F401

LE_7 = dt.date(2026, 12, 7)
FICHIERS = {"pain.002.001.03": (pain002, "03"), "pain.002.001.10": (pain002, "10"), "camt.054": (camt054, "02"),
            "camt.054.001.08": (camt054, "08")}  # fmt: skip


def lire(contenu):
    return rejets.lire(contenu)[0]


def ecrire(contenu, quand=APRES):
    return actions.enregistrer_rejets(lire(contenu), None, quand)


@pytest.fixture
def debit(regie):  # noqa: F811
    return remis(preleve("28.50"))


# --- Lire -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("nom", FICHIERS)
def test_chaque_format_dit_la_reference_le_motif_le_montant_et_le_jour(nom):
    fabrique, version = FICHIERS[nom]
    (lu,) = lire(fabrique([("2026-000042-L3", "AM04", "28.50")], version))
    assert lu[:4] == ("2026-000042-L3", "AM04", D("28.50"), LE_7)
    assert lu.ligne > 1


def test_ce_qui_n_est_pas_un_rejet_est_compte_et_laisse():
    assert rejets.lire(pain002([("A", "AM04", None)], acceptes=3)) == (
        [("A", "AM04", None, LE_7, rejets.lire(pain002([("A", "AM04", None)], acceptes=3))[0][0].ligne)], 3,
    )  # fmt: skip
    lus, ignores = rejets.lire(camt054([("A", "AC04", "1.00")], virements=2))
    assert ([r.reference for r in lus], ignores) == (["A"], 2)


ENTIER = pain002([]).replace(
    b"<OrgnlMsgId>PF000001</OrgnlMsgId>", b"<OrgnlMsgId>PF000001</OrgnlMsgId><GrpSts>RJCT</GrpSts>"
)
BON = pain002([("A", "AM04", "28.50")])
INVALIDES = {
    "vide": (b"", "bien formé"),
    "du texte": (b"Bonjour", "Ligne 1 : ce n'est pas du XML"),
    "coupé": (BON[:-40], "bien formé"),
    "un pain.008": (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.008.001.02'/>", "Ligne 1"),
    "un pain.002 trop ancien": (pain002([], version="02"), "Ligne 1"),
    "une page": (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "Ligne 1"),
    "sans espace": (b"<Document/>", "Ligne 1"),
    "une bombe": (b"<!DOCTYPE a [<!ENTITY x 'y'><!ENTITY z '&x;&x;'>]>" + BON.partition(b"?>")[2], "DOCTYPE"),
    "un fichier du serveur": (
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + BON.partition(b"?>")[2].replace(b"AM04", b"&x;"),
        "DOCTYPE",
    ),
    "un montant faux": (BON.replace(b"28.50", b"28,50"), "Ligne 23 : ce montant"),
    "un montant sans fin": (BON.replace(b"28.50", b"NaN"), "Ligne 23 : ce montant"),
    "des dollars": (BON.replace(b"EUR", b"USD"), "Ligne 23 : ce montant n'est pas en euros"),
    "une date fausse": (BON.replace(b"2026-12-07T", b"07/12/2026T"), "Ligne 6 : cette date"),
    "sans date": (BON.replace(b"CreDtTm", b"AutreDt"), "Ligne 3 : il manque GrpHdr / CreDtTm"),
    "une référence vide": (BON.replace(b">A<", b"><"), "Ligne 14 : OrgnlEndToEndId est vide"),
    "le lot entier refusé": (ENTIER, "refuse le lot entier"),
    "trop gros": (b" " * (rejets.TAILLE_MAX + 1), "trop gros"),
}


@pytest.mark.parametrize("nom", INVALIDES)
def test_un_fichier_invalide_est_refuse_avec_sa_ligne(nom):
    contenu, phrase = INVALIDES[nom]
    with pytest.raises(rejets.Invalide) as faute:
        rejets.lire(contenu)
    assert phrase in str(faute.value)


# --- Rapprocher, écrire ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("nom", FICHIERS)
def test_un_rejet_lu_s_ecrit_comme_a_la_main(debit, courriels, nom):
    fabrique, version = FICHIERS[nom]
    fait = ecrire(fabrique([(debit.reference, "AC04", "28.50")], version))
    assert [d.pk for _, d in fait.a_ecrire] == [debit.pk]
    debit.refresh_from_db()
    assert (debit.etat, debit.code_rejet, debit.rejete_le) == ("rejete", "AC04", LE_7)
    assert debit.reglement.annule_le
    assert solde_de(debit.facture.famille) == D("28.50")
    assert Mandat.objects.get().suspendu_le == LE_7
    assert ["rejet" in c["Subject"] for c in courriels()] == [True]


def test_le_meme_fichier_deux_fois_n_ecrit_rien_de_plus(debit, courriels):
    fichier = pain002([(debit.reference, "AM04", "28.50")] * 2)  # et deux fois la même ligne
    assert len(ecrire(fichier).a_ecrire) == 1
    debit.refresh_from_db()
    avant = debit.rejet_saisi_le
    fait = ecrire(fichier, APRES + dt.timedelta(hours=1))
    assert (fait.a_ecrire, len(fait.connus)) == ([], 2)
    debit.refresh_from_db()
    assert debit.rejet_saisi_le == avant
    assert len(courriels()) == 1


PAS_ECRITS = {
    "pas à nous": ("AUTRE", "28.50", LE_7, "inconnus"),
    "une autre facture": ("2026-999999-L1", "28.50", LE_7, "inconnus"),
    "un autre lot": ("{facture}-L999999", "28.50", LE_7, "inconnus"),
    "un autre exercice": ("2019-{numero}-L{lot}", "28.50", LE_7, "inconnus"),
    "un montant différent": ("{ref}", "28.49", LE_7, "a_la_main"),
    "avant la remise": ("{ref}", "28.50", dt.date(2026, 11, 1), "a_la_main"),
    "demain": ("{ref}", "28.50", dt.date(2026, 12, 10), "a_la_main"),
}


@pytest.mark.parametrize("nom", PAS_ECRITS)
def test_ce_qui_ne_se_rapproche_pas_ne_s_ecrit_pas(debit, nom):
    modele, montant, jour, ou = PAS_ECRITS[nom]
    reference = modele.format(
        ref=debit.reference, facture=debit.facture.reference, lot=debit.lot_id, numero=f"{debit.facture.numero:06d}"
    )
    fait = ecrire(pain002([(reference, "AM04", montant)], jour=jour.isoformat()))
    assert (fait.a_ecrire, len(getattr(fait, ou))) == ([], 1)
    assert Prelevement.objects.get().etat == "remis"


def test_un_debit_pas_encore_remis_ne_se_rejette_pas(regie):  # noqa: F811
    facture = preleve()
    actions.preparer_lot(JOUR, None, AVANT)
    fait = ecrire(pain002([(facture.prelevements.get().reference, "AM04", None)]))
    assert fait.a_la_main[0][2] == "ce débit n'est pas remis"


@pytest.mark.parametrize(("dit", "ecrit"), [("AM04", "AM04"), ("RR04", "RR04"), ("X999", "MS03"), ("", "MS03")])
def test_un_motif_que_l_on_ne_connait_pas_ne_s_invente_pas(debit, dit, ecrit):
    ecrire(pain002([(debit.reference, dit, "28.50")]))
    debit.refresh_from_db()
    assert debit.code_rejet == ecrit
    assert debit.rejet_dit == REJETS[ecrit][0]


def test_deux_envois_a_la_fois_n_ecrivent_qu_une_fois(transactional_db):
    f.commune(nom="Commune de Migné-Auxances", ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP")
    debits = [remis(preleve(jour=JOUR + dt.timedelta(days=n))) for n in range(3)]
    lus = lire(pain002([(d.reference, "AM04", "28.50") for d in debits]))
    faits = ensemble(*[lambda: actions.enregistrer_rejets(lus, None, APRES)] * 2)
    assert sorted((len(fait.a_ecrire), len(fait.connus)) for fait in faits) == [(0, 3), (3, 0)]
    assert Prelevement.objects.filter(etat="rejete").count() == 3


@pytest.mark.parametrize("combien", [1, 300])
def test_rapprocher_prend_une_requete(regie, combien):  # noqa: F811
    foyers = [f.famille(avec_compte=False) for _ in range(combien)]
    preleve(foyer=foyers[0])
    petit = foyers[0].enfants.first()
    for foyer in foyers[1:]:
        mandat = actions.signer_mandat(foyer, "Celine LA STAR", IBAN, SIGNE)
        f.facture(foyer, petit=petit, rum=mandat.rum, preleve_le=JOUR)
    actions.remettre_lot(actions.preparer_lot(JOUR, None, AVANT), None, AVANT)
    references = [d.reference for d in Prelevement.objects.select_related("facture")]
    lus = lire(pain002([(r, "AM04", "28.50") for r in references]))
    with CaptureQueriesContext(connection) as requetes:
        vu = actions.rapprocher(lus, APRES)
    assert (len(vu.a_ecrire), len(requetes)) == (combien, 1)


# --- La page --------------------------------------------------------------------------------------------------------
def televerser(client, contenu, nom="rejets.xml"):
    return client.post(
        reverse("admin:facturation_prelevement_rejets"), {"fichier": SimpleUploadedFile(nom, contenu)}
    ).content.decode()


def test_la_regie_relit_puis_ecrit(client, debit, time_machine):
    time_machine.move_to(APRES, tick=False)
    client.force_login(f.agent("Régie"))
    liste = client.get(reverse("admin:facturation_prelevement_changelist")).content.decode()
    assert "Lire un fichier de rejets" in liste
    fichier = pain002([(debit.reference, "X999", "28.50"), ("AUTRE", "AM04", "3.00")])
    page = televerser(client, fichier)
    assert "la banque dit « X999 »" in page
    assert "Pas à nous" in page
    assert Prelevement.objects.get().etat == "remis"
    lu = page.partition('name="lu" value="')[2].partition('"')[0]
    adresse = reverse("admin:facturation_prelevement_rejets")
    page = client.post(adresse, {"lu": lu}, follow=True).content.decode()
    assert "1 rejet écrit" in page
    assert debit.reference in page
    assert Prelevement.objects.get().etat == "rejete"
    assert "Rien de nouveau" in client.post(adresse, {"lu": lu}, follow=True).content.decode()
    assert "Ces rejets sont déjà écrits" in televerser(client, fichier)


def test_un_lot_refuse_en_entier_mene_au_lot(client, debit, time_machine):
    time_machine.move_to(APRES, tick=False)
    client.force_login(f.agent("Régie"))
    message = f"PF{debit.lot_id:06d}-20261128000000".encode()
    fichier = ENTIER.replace(b"PF000001</OrgnlMsgId><GrpSts>RJCT</GrpSts>", message + (
        b"</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>"))  # fmt: skip
    page = televerser(client, fichier)
    adresse = reverse("admin:facturation_lotdeprelevements_refuser", args=[debit.lot_id])
    assert f"{adresse}?code=FF01&amp;rejete_le=2026-12-07" in page
    formulaire = client.get(f"{adresse}?code=FF01&rejete_le=2026-12-07").content.decode()
    assert '<option value="FF01" selected>' in formulaire
    assert 'value="2026-12-07"' in formulaire
    client.post(adresse, {"code": "FF01", "rejete_le": "2026-12-07"})
    assert Prelevement.objects.get().etat == "refuse"
    assert "ouvrir le lot" in televerser(client, fichier)
    inconnu = televerser(client, ENTIER)  # d'un autre logiciel : on le dit, sans lot à ouvrir
    assert "refuse le lot entier" in inconnu
    assert "Refuser ce lot" not in inconnu


def test_ce_qui_n_a_pas_ete_lu_ne_s_ecrit_pas(client, debit, time_machine):
    time_machine.move_to(APRES, tick=False)
    client.force_login(f.agent("Régie"))
    adresse = reverse("admin:facturation_prelevement_rejets")
    page = client.post(adresse, {"lu": "W10:forgé"}, follow=True).content.decode()
    assert "donnez le fichier à nouveau" in page
    assert "Ligne 1" in televerser(client, b"<html/>")
    assert Prelevement.objects.get().etat == "remis"


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_un_autre_groupe_ne_lit_pas_de_rejets(client, debit, groupe):
    client.force_login(f.agent(groupe))
    assert client.get(reverse("admin:facturation_prelevement_rejets"), follow=True).status_code == 403

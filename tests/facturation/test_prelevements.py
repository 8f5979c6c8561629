"""Le lot de prélèvements, sur une vraie base : préparer, refaire le fichier, remettre, défaire, rejeter."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from lxml import etree

from facturation import actions
from facturation.models import (
    Facture,
    LotDePrelevements,
    Mandat,
    Paiement,
    Prelevement,
    Regie,
    Reglement,
    sera_prelevee,
    solde_de,
)
from familles.models import Famille
from tests import fabriques as f

JOUR = dt.date(2026, 12, 5)
AVANT = f.a_paris(2026, 11, 28)
APRES = f.a_paris(2026, 12, 9)
IBAN = "FR7630006000011234567890189"
SIGNE = dt.date(2026, 9, 1)
ESPACE = {"s": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"}


@pytest.fixture
def regie(db):
    f.commune(nom="Commune de Migné-Auxances", ics="FR72ZZZ123456")
    return Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP", sepa_identifiant="006382")


def preleve(total="28.50", signe=SIGNE, jour=JOUR, **champs):
    """Un foyer qui a un mandat et une facture annoncée prélevée ce jour-là ; rend la facture."""
    foyer = champs.pop("foyer", None) or f.famille()
    mandat = Mandat.objects.actifs().filter(famille=foyer).first()
    mandat = mandat or actions.signer_mandat(foyer, "Celine LA STAR", IBAN, signe)
    facture = f.facture(foyer, total=total, rum=mandat.rum, preleve_le=jour, **champs)
    facture.mandat = mandat
    return facture


def refus(geste, *arguments):
    with pytest.raises(ValidationError) as leve:
        geste(*arguments)
    return leve.value.code


def remis(facture):
    """Le prélèvement remis de cette facture."""
    actions.remettre_lot(actions.preparer_lot(facture.preleve_le, None, AVANT), None, AVANT)
    return facture.prelevements.get()


def test_le_lot_prend_ce_qui_reste_du_ce_jour_la(regie):
    entiere, entamee, payee = preleve("28.50"), preleve("40.00"), preleve("10.00")
    actions.encaisser(entamee.famille, Decimal("15.25"), "cheque", None, AVANT, facture=entamee)
    actions.encaisser(payee.famille, Decimal("10.00"), "cheque", None, AVANT, facture=payee)
    projet = actions.projeter(JOUR)
    assert [pourquoi for _, pourquoi in projet.ecartes] == ["il ne reste rien à payer"]
    lot = actions.preparer_lot(JOUR, None, AVANT)
    pris = dict(lot.prelevements.values_list("facture", "montant"))
    assert pris == {entiere.pk: Decimal("28.50"), entamee.pk: Decimal("24.75")}
    assert sum(pris.values()) == projet.total
    assert lot.nom_du_fichier == f"006382-DFT-SDD-20261205-{lot.pk}.xml"


def test_le_lot_ne_prend_que_ce_qui_est_annonce_pour_ce_jour(regie):
    preleve(jour=JOUR + dt.timedelta(days=1))
    f.facture(f.famille(), total="10.00")
    assert refus(actions.preparer_lot, JOUR, None, AVANT) == "vide"
    assert actions.jours_annonces(JOUR) == [(JOUR + dt.timedelta(days=1), 1)]


def test_un_jour_passe_ne_se_prepare_plus(regie):
    preleve()
    assert refus(actions.preparer_lot, JOUR, None, APRES) == "passe"


@pytest.mark.parametrize("champ", ["iban", "sepa_bic"])
def test_sans_les_reglages_rien_ne_se_prepare(regie, champ):
    preleve()
    Regie.objects.update(**{champ: ""})
    assert refus(actions.preparer_lot, JOUR, None, AVANT) == "reglages"
    assert not LotDePrelevements.objects.exists()


def test_un_mandat_revoque_suspendu_ou_caduc_n_est_pas_preleve(regie):
    revoque, suspendu, caduc = preleve(), preleve(), preleve(signe=dt.date(2023, 12, 5))
    actions.revoquer_mandat(revoque.mandat, dt.date(2026, 11, 20))
    Mandat.objects.filter(pk=suspendu.mandat.pk).update(suspendu_le=JOUR)
    raisons = {facture.pk: pourquoi for facture, pourquoi in actions.projeter(JOUR).ecartes}
    assert ["révoqué" in raisons[revoque.pk], "suspendu" in raisons[suspendu.pk], "caduc" in raisons[caduc.pk]] == [
        True, True, True,
    ]  # fmt: skip


def test_une_facture_qu_un_paiement_en_ligne_attend_n_est_pas_prelevee(regie):
    facture = preleve()
    Paiement.objects.create(
        famille=facture.famille, facture=facture, montant=facture.total, numcli="012345", refdet="R1", idop="i1",
        etat="en_cours", cree_le=AVANT,
    )  # fmt: skip
    assert "paiement en ligne" in actions.projeter(JOUR).ecartes[0][1]


def test_le_premier_prelevement_d_un_mandat_puis_les_suivants(regie):
    facture = preleve(mois=dt.date(2026, 10, 1))
    assert remis(facture).sequence == "FRST"
    suivante = preleve(foyer=facture.famille, mois=dt.date(2026, 11, 1), jour=dt.date(2027, 1, 5))
    assert remis(suivante).sequence == "RCUR"


def test_deux_factures_d_un_meme_mandat_le_meme_jour_n_ont_qu_un_premier(regie):
    facture = preleve(mois=dt.date(2026, 10, 1))
    preleve(foyer=facture.famille, mois=dt.date(2026, 11, 1))
    assert [sequence for _, _, sequence in actions.projeter(JOUR).retenus] == ["FRST", "RCUR"]


def test_apres_un_premier_rejete_le_suivant_est_encore_un_premier(regie):
    facture = preleve(mois=dt.date(2026, 10, 1))
    actions.rejeter(remis(facture), "AM04", dt.date(2026, 12, 8), None, APRES)
    preleve(foyer=facture.famille, mois=dt.date(2026, 11, 1), jour=dt.date(2027, 1, 5))
    assert [sequence for _, _, sequence in actions.projeter(dt.date(2027, 1, 5)).retenus] == ["FRST"]


@pytest.mark.parametrize("version", ["02", "08"])
def test_le_fichier_se_relit_se_somme_et_se_refait_octet_pour_octet(regie, version):
    Regie.objects.update(sepa_version=version)
    for total in ("28.50", "0.01", "1234.56"):
        preleve(total)
    lot = actions.preparer_lot(JOUR, None, AVANT)
    fichier = actions.fichier_du_lot(lot)
    relu = etree.fromstring(fichier)
    espace = {"s": f"urn:iso:std:iso:20022:tech:xsd:pain.008.001.{version}"}
    sommes = relu.xpath("//s:InstdAmt/text()", namespaces=espace)
    assert sum(map(Decimal, sommes)) == Decimal("1263.07")
    assert relu.xpath("string(//s:GrpHdr/s:CtrlSum)", namespaces=espace) == "1263.07"
    assert relu.xpath("//s:ReqdColltnDt/text()", namespaces=espace) == ["2026-12-05"]
    actions.remettre_lot(lot, None, AVANT)
    Regie.objects.update(iban="FR1420041010050500013M02606", sepa_bic="PSSTFRPP", sepa_version="02")
    assert actions.fichier_du_lot(LotDePrelevements.objects.get()) == fichier


def test_remis_le_lot_s_encaisse_au_centime_et_une_seule_fois(regie):
    factures = [preleve("28.50"), preleve("41.07")]
    lot = actions.preparer_lot(JOUR, None, AVANT)
    assert not Reglement.objects.exists()
    actions.remettre_lot(lot, None, AVANT)
    relu = etree.fromstring(actions.fichier_du_lot(lot))
    du_fichier = Decimal(relu.xpath("string(//s:GrpHdr/s:CtrlSum)", namespaces=ESPACE))
    recus = Reglement.objects.filter(moyen="prelevement")
    assert sum(recus.values_list("montant", flat=True)) == du_fichier == Decimal("69.57")
    assert set(recus.values_list("reference", flat=True)) == set(
        relu.xpath("//s:EndToEndId/text()", namespaces=ESPACE)
    )
    assert [solde_de(facture.famille) for facture in factures] == [0, 0]
    assert refus(actions.remettre_lot, lot, None, AVANT) == "deja_remis"
    assert recus.count() == 2


def test_defait_ses_factures_vont_dans_un_autre_lot(regie):
    preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    assert refus(actions.preparer_lot, JOUR, None, AVANT) == "vide"
    actions.defaire_lot(lot, AVANT)
    assert refus(actions.remettre_lot, lot, None, AVANT) == "defait"
    second = actions.preparer_lot(JOUR, None, AVANT)
    actions.remettre_lot(second, None, AVANT)
    assert refus(actions.defaire_lot, second, AVANT) == "deja_remis"


def test_la_base_refuse_de_debiter_deux_fois_une_facture(regie):
    facture = preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Prelevement.objects.create(lot=lot, facture=facture, montant=1, sequence="FRST")


def test_un_rejet_rend_la_dette_dit_pourquoi_et_ecrit_a_la_famille(regie, courriels):
    facture = preleve()
    debit = remis(facture)
    actions.rejeter(debit, "AM04", dt.date(2026, 12, 8), None, APRES)
    debit = Prelevement.objects.get()
    assert (debit.etat, debit.rejet_dit) == ("rejete", "la provision du compte était insuffisante")
    assert debit.reglement.motif_annulation == "prélèvement rejeté, AM04 : la provision du compte était insuffisante"
    assert solde_de(facture.famille) == Decimal("28.50")
    assert Facture.objects.impayees().get() == facture
    assert list(Prelevement.objects.a_suivre()) == [debit]
    assert Mandat.objects.get().suspendu_le is None
    [recu] = courriels()
    assert recu["To"] == facture.famille.compte.email
    assert "la provision du compte était insuffisante" in recu.get_body(("plain",)).get_content()
    actions.encaisser(facture.famille, Decimal("28.50"), "cheque", None, APRES, facture=facture)
    assert not Prelevement.objects.a_suivre().exists()


def test_un_motif_definitif_suspend_le_mandat(regie, courriels):
    facture = preleve()
    actions.rejeter(remis(facture), "AC04", dt.date(2026, 12, 8), None, APRES)
    assert Mandat.objects.get().suspendu_le == dt.date(2026, 12, 8)
    assert Mandat.objects.prelevables(dt.date(2027, 1, 5)) == []
    assert "il faut en signer un autre" in courriels()[0].get_body(("plain",)).get_content()


def test_un_rejet_se_saisit_une_fois_et_apres_la_remise(regie):
    facture = preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    debit = facture.prelevements.get()
    assert refus(actions.rejeter, debit, "AM04", JOUR, None, APRES) == "pas_remis"
    actions.remettre_lot(lot, None, AVANT)
    assert refus(actions.rejeter, debit, "XX99", JOUR, None, APRES) == "code"
    assert refus(actions.rejeter, debit, "AM04", dt.date(2026, 11, 27), None, APRES) == "jour"
    assert refus(actions.rejeter, debit, "AM04", dt.date(2026, 12, 10), None, APRES) == "jour"
    actions.rejeter(debit, "AM04", JOUR, None, APRES)
    assert refus(actions.rejeter, debit, "AM04", JOUR, None, APRES) == "deja_rejete"


def test_une_facture_rejetee_ne_se_debite_pas_une_seconde_fois(regie):
    facture = preleve()
    actions.rejeter(remis(facture), "AM04", JOUR, None, APRES)
    assert refus(actions.preparer_lot, JOUR, None, AVANT) == "vide"


# --- Le lot entier refusé -----------------------------------------------------------------------------------------
def test_un_lot_refuse_avant_son_jour_se_refait_et_les_familles_n_en_savent_rien(regie, courriels):
    facture = preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    fichier = actions.fichier_du_lot(lot)
    actions.remettre_lot(lot, None, AVANT)
    actions.rejeter_lot(lot, "FF01", dt.date(2026, 11, 30), None, f.a_paris(2026, 11, 30))
    debit, lot = facture.prelevements.get(), LotDePrelevements.objects.get()
    assert (lot.etat, debit.etat, debit.rejet_dit) == ("refusé", "refuse", "la banque refuse le format du fichier")
    assert debit.reglement.motif_annulation == "lot refusé par la banque, FF01 : la banque refuse le format du fichier"
    assert solde_de(facture.famille) == Decimal("28.50")
    assert courriels() == []
    assert actions.fichier_du_lot(lot) == fichier
    assert sera_prelevee(facture, JOUR)
    second = actions.preparer_lot(JOUR, None, f.a_paris(2026, 12, 1))
    assert [d.sequence for d in second.prelevements.all()] == ["FRST"]
    actions.remettre_lot(second, None, f.a_paris(2026, 12, 1))
    assert solde_de(facture.famille) == 0


def test_refuse_son_jour_passe_chaque_famille_l_apprend_et_aucun_mandat_n_est_suspendu(regie, courriels):
    factures = [preleve("28.50"), preleve("12.00")]
    deja = remis(factures[0])
    actions.rejeter(deja, "AM04", JOUR, None, APRES)
    courriels()
    actions.rejeter_lot(deja.lot, "AC04", dt.date(2026, 12, 8), None, APRES)
    assert [facture.prelevements.get().etat for facture in factures] == ["rejete", "refuse"]
    assert not Mandat.objects.exclude(suspendu_le=None).exists()
    recus = [recu for recu in courriels() if recu["Subject"] == "Votre prélèvement n'a pas eu lieu"]
    assert [recu["To"] for recu in recus] == [factures[1].famille.compte.email]
    assert factures[1].reference in recus[0].get_body(("plain",)).get_content()
    assert [solde_de(facture.famille) for facture in factures] == [Decimal("28.50"), Decimal("12.00")]


def test_un_lot_se_refuse_une_fois_remis_et_une_seule(regie):
    preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    assert refus(actions.rejeter_lot, lot, "FF01", JOUR, None, APRES) == "pas_remis"
    actions.remettre_lot(lot, None, AVANT)
    assert refus(actions.rejeter_lot, lot, "XX99", JOUR, None, APRES) == "code"
    assert refus(actions.rejeter_lot, lot, "FF01", dt.date(2026, 11, 27), None, APRES) == "jour"
    actions.rejeter_lot(lot, "FF01", JOUR, None, APRES)
    assert refus(actions.rejeter_lot, lot, "FF01", JOUR, None, APRES) == "deja_refuse"
    assert refus(actions.defaire_lot, lot, APRES) == "deja_remis"


def test_refuser_un_lot_prend_autant_de_requetes_pour_un_debit_que_pour_vingt(regie):
    comptees = []
    for combien, jour in ((1, JOUR), (20, dt.date(2026, 12, 6))):
        for _ in range(combien):
            preleve(jour=jour)
        lot = actions.preparer_lot(jour, None, AVANT)
        actions.remettre_lot(lot, None, AVANT)
        with CaptureQueriesContext(connection) as lues:
            actions.rejeter_lot(lot, "FF01", dt.date(2026, 11, 30), None, f.a_paris(2026, 11, 30))
        comptees.append(len(lues))
    assert comptees[0] == comptees[1]


def test_projeter_cent_factures_coute_autant_de_requetes_qu_une(regie, django_assert_max_num_queries):
    for _ in range(12):
        preleve()
    with django_assert_max_num_queries(6):
        assert len(actions.projeter(JOUR).retenus) == 12


def ensemble(*gestes):
    """Lance ces gestes en même temps, chacun sur sa connexion ; rend ce que chacun a donné (ou son refus)."""
    depart, resultats = threading.Barrier(len(gestes)), []

    def courir(geste):
        try:
            depart.wait()
            resultats.append(geste())
        except ValidationError as raison:
            resultats.append(raison.code)
        finally:
            connection.close()

    fils = [threading.Thread(target=courir, args=[geste]) for geste in gestes]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    return resultats


@pytest.mark.django_db(transaction=True)
def test_deux_lots_prepares_ensemble_ne_debitent_qu_une_fois():
    f.commune(nom="Commune", ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP")
    for _ in range(3):
        preleve()
    donnes = ensemble(*[lambda: actions.preparer_lot(JOUR, None, AVANT)] * 3)
    assert donnes.count("vide") == 2
    assert Prelevement.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_un_double_clic_sur_remettre_n_encaisse_qu_une_fois_et_un_rejet_ne_s_ecrit_qu_une_fois():
    f.commune(nom="Commune", ics="FR72ZZZ123456")
    Regie.objects.create(iban=IBAN, sepa_bic="AGRIFRPP")
    facture = preleve()
    lot = actions.preparer_lot(JOUR, None, AVANT)
    assert ensemble(*[lambda: actions.remettre_lot(lot, None, AVANT)] * 3).count("deja_remis") == 2
    assert Reglement.objects.count() == 1
    debit = facture.prelevements.get()
    faits = ensemble(*[lambda: actions.rejeter(debit, "AM04", dt.date(2026, 12, 8), None, APRES)] * 3)
    assert faits.count("deja_rejete") == 2


# --- Ce qu'on en dit à la famille ---------------------------------------------------------------------------------
ANNONCES = {
    # nom : (ce qui arrive au mandat ou au débit, vrai si le prélèvement tient encore, vrai si la facture reste due)
    "rien": ([], True, True),
    "préparé": (["preparer"], True, True),
    "remis": (["preparer", "remettre"], True, False),
    "révoqué": (["revoquer"], False, True),
    "suspendu": (["suspendre"], False, True),
    "révoqué une fois préparé": (["preparer", "revoquer"], True, True),
    "révoqué une fois remis": (["preparer", "remettre", "revoquer"], True, False),
    "lot défait, puis révoqué": (["preparer", "defaire", "revoquer"], False, True),
    "rejeté avant son jour": (["preparer", "remettre", "rejeter"], False, True),
}


@pytest.mark.parametrize("nom", ANNONCES)
def test_la_situation_et_l_accueil_n_annoncent_qu_un_prelevement_qui_tient(client, regie, time_machine, nom):
    time_machine.move_to(AVANT, tick=False)
    gestes, tient, due = ANNONCES[nom]
    facture = preleve("28.50", echeance=JOUR)
    for geste in gestes:
        arriver(geste, facture)
    assert sera_prelevee(facture, AVANT.date()) is tient
    client.force_login(facture.famille.compte)
    situation = client.get("/facturation/").content.decode()
    assert ("prélevée le" in situation, "à payer avant le" in situation) == (tient and due, not tient)
    accueil = client.get("/accueil/").content.decode()
    assert ("seront prélevés le" in accueil, "à régler avant le" in accueil) == (tient and due, not tient)


def arriver(geste, facture):
    if geste == "preparer":
        actions.preparer_lot(JOUR, None, AVANT)
    elif geste == "remettre":
        actions.remettre_lot(facture.prelevements.get().lot, None, AVANT)
    elif geste == "defaire":
        actions.defaire_lot(facture.prelevements.get().lot, AVANT)
    elif geste == "rejeter":
        actions.rejeter(facture.prelevements.get(), "AM04", AVANT.date(), None, AVANT)
    elif geste == "revoquer":
        actions.revoquer_mandat(facture.mandat, AVANT.date())
    else:
        Mandat.objects.update(suspendu_le=AVANT.date())


def test_un_jour_passe_n_est_plus_annonce(regie):
    facture = preleve()
    assert (sera_prelevee(facture, JOUR), sera_prelevee(facture, JOUR + dt.timedelta(days=1))) == (True, False)


# --- Trois cents débits ---------------------------------------------------------------------------------------------
def lot_de(combien):
    """Un lot préparé d'autant de débits ; un foyer sur deux est suspendu pour impayé."""
    f.commune(bloquer_impayes=True, ics="FR72ZZZ123456")
    petit = f.enfant()
    for rang in range(combien):
        foyer = f.famille(avec_compte=False)
        Famille.objects.filter(pk=foyer.pk).update(
            suspendue_le=AVANT if rang % 2 else None, suspendue_motif="une facture attend." if rang % 2 else ""
        )
        mandat = actions.signer_mandat(foyer, "Celine LA STAR", IBAN, SIGNE)
        f.facture(foyer, petit=petit, rum=mandat.rum, preleve_le=JOUR, echeance=dt.date(2026, 10, 1))
    return actions.preparer_lot(JOUR, None, AVANT)


def test_remettre_un_lot_prend_autant_de_requetes_pour_un_debit_que_pour_trois_cents(regie):
    def remettre(combien):
        lot = lot_de(combien)
        with CaptureQueriesContext(connection) as requetes:
            actions.remettre_lot(lot, None, AVANT)
        debits = list(lot.prelevements.select_related("reglement", "facture"))
        assert len(debits) == combien
        for debit in debits:
            assert (debit.etat, debit.reglement.montant, debit.reglement.facture_id, debit.reglement.famille_id) == (
                "remis", debit.montant, debit.facture_id, debit.facture.famille_id
            )
            assert (debit.reglement.reference, debit.reglement.moyen) == (debit.reference, "prelevement")
        return len(requetes)

    une = remettre(2)
    assert Famille.objects.exclude(suspendue_le=None).count() == 0  # payés, ils rouvrent
    assert remettre(300) == une <= 15
    assert Famille.objects.exclude(suspendue_le=None).count() == 0

"""Les titres de paiement, et l'avance rendue : ce qui se dit, ce qui se refuse, ce que la base garde."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from facturation import actions, regles
from facturation.models import (
    Contestation,
    Facture,
    Regie,
    Reglement,
    Remboursement,
    hors_facture,
    paiements_de,
    releve,
    solde_de,
)
from tests import fabriques as f

MAINTENANT = f.a_paris(2026, 11, 20)
JOUR = dt.date(2026, 11, 20)
pytestmark = pytest.mark.django_db


@pytest.fixture
def foyer():
    f.commune()
    return f.famille()


def code(action, *args, **options):
    with pytest.raises(ValidationError) as refus:
        action(*args, **options)
    return refus.value.code


def avance(foyer, montant="30"):
    return actions.encaisser(foyer, D(montant), "virement", None, MAINTENANT, reference="avance")


def rendre(foyer, montant="10", moyen="virement", reference="VIR 12", motif="Trop versé", **options):
    return actions.rembourser(foyer, D(montant), moyen, reference, motif, None, MAINTENANT, **options)


# --- Les titres ---------------------------------------------------------------------------------------------------
def regie(**champs):
    return Regie.objects.create(**{"titres_cesu": True, "titres_ancv": True, "titres_cesu_repas": True} | champs)


def titres(foyer, moyen="cesu", de="Domiserve", nombre=3, valeur="10", reference="1001 à 1003", **options):
    dits = (de, nombre, D(valeur))
    return actions.encaisser(
        foyer, D("30"), moyen, None, MAINTENANT, reference=reference, titres=dits, **options
    )


@pytest.mark.parametrize("moyen", ["cesu", "ancv"])
def test_des_titres_gardent_leur_emetteur_leurs_numeros_et_leur_valeur(foyer, moyen):
    regie()
    titres(foyer, moyen)
    recu = Reglement.objects.get()
    assert (recu.moyen, recu.emetteur, recu.nombre, recu.valeur, recu.reference, recu.montant) == (
        moyen, "Domiserve", 3, D("10"), "1001 à 1003", D("30")
    )
    assert recu.titres == "3 × 10,00\u00a0€, Domiserve"


TITRES_REFUSES = {
    "sans émetteur": ({"de": ""}, "titres"),
    "sans numéro": ({"reference": " "}, "titres"),
    "sans nombre": ({"nombre": 0}, "titres"),
    "une valeur qui ne fait pas le montant": ({"valeur": "9"}, "valeur"),
    "l'émetteur d'un chèque": ({"moyen": "cheque"}, "titres"),
}


@pytest.mark.parametrize("nom", TITRES_REFUSES)
def test_des_titres_mal_dits_sont_refuses(foyer, nom):
    regie()
    champs, attendu = TITRES_REFUSES[nom]
    assert code(titres, foyer, **champs) == attendu
    assert not Reglement.objects.exists()


@pytest.mark.parametrize("moyen", ["cesu", "ancv"])
def test_une_regie_qui_ne_les_accepte_pas_refuse_les_titres(foyer, moyen):
    Regie.objects.create()
    assert code(titres, foyer, moyen) == "refuses"


def test_un_cesu_ne_paie_pas_les_repas_sauf_si_la_regie_le_dit(foyer):
    reglages = regie(titres_cesu_repas=False)
    repas = f.facture(foyer, total="30")  # une seule ligne, un repas
    assert code(titres, foyer) == "repas"
    assert code(titres, foyer, facture=repas) == "repas"
    titres(foyer, "ancv", facture=repas)  # un chèque-vacances n'est pas un CESU
    reglages.titres_cesu_repas = True
    reglages.save()
    titres(foyer, facture=repas)
    assert Reglement.objects.count() == 2


def test_un_cesu_paie_du_repas_la_part_de_garde_que_le_tarif_a_dite_moins_ce_qui_est_rendu(foyer):
    regie(titres_cesu_repas=False)
    repas = f.facture(foyer, total="50", garde=D("40"))  # 80 % de surveillance, 20 % de repas
    actions.emettre_avoir(repas, D("12.50"), "Geste", None, MAINTENANT)  # un quart rendu : il reste 30 € de garde
    titres(foyer, facture=repas)
    assert Reglement.objects.get().montant == D("30")
    assert code(titres, foyer, facture=repas) == "repas", "la garde est payée"


def test_la_base_refuse_des_titres_sans_leur_valeur(foyer):
    with pytest.raises(IntegrityError), transaction.atomic():
        Reglement.objects.create(famille=foyer, moyen="cesu", montant=D("10"), recu_le=JOUR, saisi_le=MAINTENANT)


# --- Rembourser ---------------------------------------------------------------------------------------------------
def test_une_avance_rendue_est_un_fait_date_au_compte_du_foyer(foyer):
    avance(foyer)
    rendu = rendre(foyer, "12.50", fait_le=dt.date(2026, 11, 18))
    assert (solde_de(foyer), rendu.fait_le, rendu.reference) == (D("-17.50"), dt.date(2026, 11, 18), "VIR 12")
    lignes = [(m.genre, m.montant) for m in releve(foyer)]
    assert sorted(lignes) == [("reglement", D("-30.00")), ("remboursement", D("12.50"))]
    assert releve(foyer)[-1].solde == D("-17.50")
    assert not Reglement.objects.filter(montant__lt=0).exists()


REFUS = {
    "davantage que l'avance": ({"montant": "30.01"}, "trop"),
    "rien": ({"montant": "0"}, "montant"),
    "un demi-centime": ({"montant": "1.005"}, "montant"),
    "en chèques-vacances": ({"moyen": "ancv"}, "moyen"),
    "sans référence": ({"reference": "  "}, "reference"),
    "sans motif": ({"motif": ""}, "reference"),
    "demain": ({"fait_le": dt.date(2026, 11, 21)}, "futur"),
}


@pytest.mark.parametrize("nom", REFUS)
def test_un_remboursement_faux_est_refuse(foyer, nom):
    avance(foyer)
    champs, attendu = REFUS[nom]
    assert code(rendre, foyer, **champs) == attendu
    assert solde_de(foyer) == D("-30")


def test_qui_doit_n_est_pas_rembourse(foyer):
    f.facture(foyer, total="40")
    avance(foyer)
    assert code(rendre, foyer, "1") == "trop"


def test_ce_qui_est_rendu_ne_paie_plus_la_facture_suivante(foyer):
    avance(foyer)
    rendre(foyer, "20")
    facture = f.facture(foyer, total="25")
    reste = Facture.objects.avec_reste().get().reste
    assert (reste, solde_de(foyer)) == (D("15"), D("15"))
    assert sum(somme for _, somme in paiements_de(foyer)[facture.pk]) == D("10")  # l'attestation ne compte pas le rendu


def test_annule_le_remboursement_rend_l_avance(foyer):
    avance(foyer)
    rendu = rendre(foyer)
    assert code(actions.annuler_remboursement, rendu, " ", None, MAINTENANT) == "motif"
    actions.annuler_remboursement(rendu, "Virement rejeté : compte clos", None, MAINTENANT)
    assert solde_de(foyer) == D("-30")
    assert [m.genre for m in releve(foyer)] == ["reglement", "annulation", "remboursement"]
    assert releve(foyer)[-1].solde == D("-30")
    assert code(actions.annuler_remboursement, rendu, "encore", None, MAINTENANT) == "deja_annule"


def test_le_meme_formulaire_envoye_deux_fois_ne_rend_qu_une_fois(foyer):
    avance(foyer)
    for _ in range(2):
        rendre(foyer, jeton="5f0c7f7e-6f5e-4a4c-9d3f-000000000002")
    assert solde_de(foyer) == D("-20")


def test_une_contestation_a_rembourser_l_est_une_fois(foyer):
    facture = f.facture(foyer, total="28.50")
    actions.encaisser(foyer, D("28.50"), "cheque", None, MAINTENANT, facture=facture)
    contestee = Contestation.objects.create(
        ligne=facture.lignes.get(), motif="Absente", envoyee_le=MAINTENANT, repondre_avant=JOUR
    )
    contestee = actions.accepter_contestation(contestee, "rembourser", "", None, MAINTENANT)
    assert list(Contestation.objects.a_rembourser()) == [contestee]
    assert code(rendre, f.famille(nom="AUTRE"), contestation=contestee) == "contestation"
    rendu = rendre(foyer, "28.50", contestation=contestee)
    assert not Contestation.objects.a_rembourser().exists()
    assert code(rendre, foyer, contestation=contestee) == "contestation"
    actions.annuler_remboursement(rendu, "rejeté", None, MAINTENANT)
    assert list(Contestation.objects.a_rembourser()) == [contestee]


GESTES_INTERDITS = {
    "le changer": "UPDATE facturation_remboursement SET montant = 1",
    "l'effacer": "DELETE FROM facturation_remboursement",
    "rendre plus que l'avance":
        "INSERT INTO facturation_remboursement (famille_id, montant, moyen, reference, fait_le, motif, saisi_le, "
        "motif_annulation) SELECT famille_id, 25, 'virement', 'x', fait_le, 'x', saisi_le, '' "
        "FROM facturation_remboursement",
    "changer un règlement": "UPDATE facturation_reglement SET montant = 1",
    "effacer un règlement": "DELETE FROM facturation_reglement",
}  # fmt: skip


@pytest.mark.parametrize("geste", GESTES_INTERDITS)
def test_la_base_refuse(foyer, geste):
    avance(foyer)
    rendre(foyer)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(GESTES_INTERDITS[geste])
    assert solde_de(foyer) == D("-20")


@pytest.mark.django_db(transaction=True)
def test_deux_remboursements_a_la_fois_ne_rendent_pas_deux_fois_l_avance(foyer):
    avance(foyer)

    def essayer(_):
        try:
            rendre(foyer, "20")
            return "rendu"
        except ValidationError as refus:
            return refus.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as fils:
        assert sorted(fils.map(essayer, range(4))) == ["rendu", "trop", "trop", "trop"]
    assert (Remboursement.objects.count(), solde_de(foyer)) == (1, D("-10"))


# --- La règle de l'affectation ------------------------------------------------------------------------------------
AFFECTER = {
    "rien de rendu": (0, {1: 20, 2: 10}),
    "une part de l'avance": (4, {1: 20, 2: 6}),
    "toute l'avance": (10, {1: 20}),
}


@pytest.mark.parametrize("nom", AFFECTER)
def test_ce_qui_est_rendu_est_pris_sur_l_avance(nom):
    rendu, attendu = AFFECTER[nom]
    recus = [regles.Recu(JOUR, D("30"), 1)]
    parts = regles.affecter({1: D("20"), 2: D("15")}, recus, D(rendu))
    assert {facture: sum(somme for _, somme in siennes) for facture, siennes in parts.items()} == attendu


# --- Un paiement annulé quand son avance est déjà partie ------------------------------------------------------------
ANNULES = {
    # nom : (facture, chèque, remboursé, un autre règlement libre, ce que les factures portent, ce que le compte porte)
    "sans facture": (None, "40", "40", None, "0", "40"),
    "une facture et un surplus rendu": ("60", "100", "40", None, "60", "40"),
    "un surplus rendu en partie": ("60", "100", "15", None, "60", "15"),
    "rien n'est rendu": ("60", "100", None, None, "60", "0"),
    "un autre règlement couvre ce qui fut rendu": ("60", "100", "40", "45", "55", "0"),
    "un autre règlement en couvre une part": ("60", "100", "40", "25", "60", "15"),
}


@pytest.mark.parametrize("nom", ANNULES)
def test_un_cheque_sans_provision_laisse_au_compte_l_avance_deja_rendue(foyer, nom):
    du, cheque, rendu, autre, portees, hors = ANNULES[nom]
    facture = f.facture(foyer, total=du) if du else None
    recu = actions.encaisser(foyer, D(cheque), "cheque", None, MAINTENANT, facture=facture, reference="CHQ 1")
    if rendu:
        rendre(foyer, rendu)
    actions.annuler_reglement(recu, "chèque sans provision", None, MAINTENANT)
    if autre:
        avance(foyer, autre)
    restes = [facture.reste for facture in Facture.objects.impayees()]
    assert (sum(restes), hors_facture(foyer)) == (D(portees), D(hors))
    assert sum(restes) + hors_facture(foyer) == solde_de(foyer)


def test_ce_que_le_compte_porte_se_paie_sans_designer_de_facture(foyer):
    facture = f.facture(foyer, total="60")
    recu = actions.encaisser(foyer, D("100"), "cheque", None, MAINTENANT, facture=facture, reference="CHQ 1")
    rendre(foyer, "40")
    actions.annuler_reglement(recu, "chèque sans provision", None, MAINTENANT)
    actions.encaisser(foyer, D("60"), "virement", None, MAINTENANT, facture=facture)
    assert (hors_facture(foyer), solde_de(foyer), list(Facture.objects.impayees())) == (D("40"), D("40"), [])
    avance(foyer, "40")
    assert (hors_facture(foyer), solde_de(foyer)) == (0, 0)


def test_un_debit_rejete_apres_un_avoir_rembourse_ne_se_perd_pas(foyer):
    """La banque reprend 60 €, dont 20 € d'un avoir ont déjà été rendus à la famille : elle en doit 60, et non 40."""
    facture = f.facture(foyer, total="60")
    debit = actions.encaisser(foyer, D("60"), "prelevement", None, MAINTENANT, facture=facture)
    actions.emettre_avoir(facture, D("20"), "Sortie scolaire", None, MAINTENANT)
    rendre(foyer, "20")
    actions.annuler_reglement(debit, "prélèvement rejeté", None, MAINTENANT)
    reste = Facture.objects.avec_reste().get().reste
    assert (reste, hors_facture(foyer), solde_de(foyer)) == (D("40"), D("20"), D("60"))


def test_la_regie_et_la_famille_lisent_ce_que_le_compte_porte(client, foyer, time_machine):
    time_machine.move_to(MAINTENANT, tick=False)
    facture = f.facture(foyer, total="60")
    recu = actions.encaisser(foyer, D("100"), "cheque", None, MAINTENANT, facture=facture, reference="CHQ 1")
    rendre(foyer, "40", fait_le=dt.date(2026, 11, 18))
    client.force_login(f.agent("Régie"))
    adresse = reverse("admin:facturation_reglement_annuler", args=[recu.pk])
    page = client.post(adresse, {"motif": "sans provision"}, follow=True).content.decode().replace("\u00a0", " ")
    assert "a déjà été remboursée le 18 novembre 2026 : 40,00 € restent dus sans facture" in page
    client.force_login(foyer.compte)
    page = client.get(reverse("facturation:situation")).content.decode().replace("\u00a0", " ")
    assert "Dont 40,00 € d'une avance que la mairie vous avait rendue" in page
    actions.encaisser(foyer, D("60"), "virement", None, MAINTENANT, facture=facture)
    page = client.get(reverse("facturation:situation")).content.decode().replace("\u00a0", " ")
    assert "Ce sont 40,00 € d'une avance" in page

"""Transmettre au Trésor : après la dernière relance, sous un numéro sans trou, jamais ce qui vient d'être payé."""

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, transaction

from facturation import actions
from facturation.models import (
    Contestation,
    EnvoiDeRelances,
    EtatDesRestes,
    Facture,
    Regie,
    Relance,
    Transmission,
    installer_niveaux,
)
from tests import fabriques as f

pytestmark = pytest.mark.django_db
MATIN = f.a_paris(2026, 12, 20)
ECHUE = dt.date(2026, 9, 15)
OCTOBRE = dt.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def regie():
    f.commune()
    installer_niveaux()
    return Regie.objects.create(tresor_ou="Trésorerie de Poitiers, 05 49 00 00 00")


def relancee(foyer=None, total="28.50", jour=dt.date(2026, 11, 30), rang=3, **champs):
    """Une facture qui a reçu ce niveau ce jour-là."""
    facture = f.facture(foyer or f.famille(), total, echeance=ECHUE, **champs)
    envoi = EnvoiDeRelances.objects.create(lance_le=MATIN, termine_le=MATIN)
    Relance.objects.create(
        envoi=envoi, facture=facture, rang=rang, nom="Dernière relance", du=total, jour=jour, moyen="courriel"
    )
    return facture


def transmettre(*factures, quand=MATIN):
    return actions.transmettre([facture.pk for facture in factures], None, quand)


def code(action, *args, **options):
    with pytest.raises(ValidationError) as refus:
        action(*args, **options)
    return refus.value.code


def test_un_etat_porte_un_numero_et_chaque_dette_son_reste(courriels):
    une, deux = relancee(), relancee(total="50")
    actions.encaisser(deux.famille, D("10"), "cheque", None, MATIN, facture=deux)
    etat = transmettre(une, deux)
    assert (etat.reference, list(etat.transmissions.values_list("facture", "montant"))) == (
        "T2026-000001", [(une.pk, D("28.50")), (deux.pk, D("40.00"))]
    )  # fmt: skip
    recus = courriels()
    assert len(recus) == 2
    assert "Trésorerie de Poitiers" in recus[0].get_body(("plain",)).get_content()
    assert transmettre(relancee(mois=OCTOBRE)).reference == "T2026-000002"


REFUS = {
    "avant-dernière relance": lambda: relancee(rang=2),
    "dernière relance trop récente": lambda: relancee(jour=dt.date(2026, 12, 6)),
    "jamais relancée": lambda: f.facture(f.famille(), "28.50", echeance=ECHUE),
}


@pytest.mark.parametrize("nom", REFUS)
def test_ce_qui_n_est_pas_assez_relance_ne_se_transmet_pas(nom):
    assert code(transmettre, REFUS[nom]()) == "pas_prete"
    assert not EtatDesRestes.objects.exists()


def test_ni_payee_ni_contestee_ni_echelonnee_ni_deux_fois():
    payee, contestee, planifiee, prise = (relancee() for _ in range(4))
    actions.encaisser(payee.famille, payee.total, "cheque", None, MATIN)
    Contestation.objects.create(
        ligne=contestee.lignes.get(), motif="Absente", envoyee_le=MATIN, repondre_avant=MATIN.date()
    )
    suite = [(dt.date(2027, 1, 5), D("28.50"))]
    actions.accorder_echeancier(planifiee.famille, [planifiee.pk], suite, None, MATIN)
    transmettre(prise)
    for facture in (payee, contestee, planifiee, prise):
        assert code(transmettre, facture) == "pas_prete"
    assert code(actions.transmettre, [], None, MATIN) == "vide"


def test_sous_quinze_euros_on_garde_et_on_groupe_par_foyer():
    foyer = f.famille()
    petite = relancee(foyer, "8")
    assert code(transmettre, petite) == "seuil"
    autre = relancee(foyer, "7", mois=OCTOBRE)
    assert code(transmettre, petite) == "seuil", "ce qui est coché doit l'atteindre"
    assert transmettre(petite, autre).transmissions.count() == 2


def test_transmise_plus_de_relance_ni_de_paiement_en_ligne_mais_la_regie_encaisse_encore():
    facture = relancee(rang=3)
    transmettre(facture)
    [examen] = actions.prevoir_relances(f.a_paris(2027, 3, 1))
    assert [raison for _, raison in examen.ecartees] == ["transmise au Trésor public"]
    Regie.objects.update(payfip="regie", payfip_client="012345", payfip_saisie="W")
    assert code(
        actions.ouvrir_paiement, facture, facture.famille.adultes.get().compte, MATIN, "http://x/", lambda p: "http://x/"
    ) == "tresor"  # fmt: skip
    actions.encaisser(facture.famille, facture.total, "cheque", None, MATIN, facture=facture)
    assert Facture.objects.avec_reste().get(pk=facture.pk).reste == 0


def test_une_erreur_se_retire_tant_que_rien_n_est_venu_puis_plus():
    une, deux = relancee(), relancee()
    transmettre(une, deux)
    dette, autre = Transmission.objects.order_by("pk")
    assert code(actions.retirer_du_tresor, dette, " ", None, MATIN) == "motif"
    actions.retirer_du_tresor(dette, "Échéancier promis au téléphone", None, MATIN)
    assert code(actions.retirer_du_tresor, dette, "Encore", None, MATIN) == "deja"
    assert transmettre(une).reference == "T2026-000002", "retirée, elle peut y retourner"
    apres = MATIN + dt.timedelta(minutes=5)
    actions.encaisser(deux.famille, D("5"), "cheque", None, apres, facture=deux)
    assert code(actions.retirer_du_tresor, autre, "Erreur", None, apres) == "suite"


GESTES = {
    "changer la somme": lambda: Transmission.objects.update(montant=1),
    "effacer": lambda: Transmission.objects.all().delete(),
    "renuméroter": lambda: EtatDesRestes.objects.update(numero=9),
    "deux fois": lambda: Transmission.objects.create(
        etat=EtatDesRestes.objects.get(), facture=Facture.objects.get(), montant=1
    ),
}


@pytest.mark.parametrize("nom", GESTES)
def test_la_base_garde_un_etat_tel_qu_il_fut_remis(nom):
    transmettre(relancee())
    with pytest.raises(DatabaseError), transaction.atomic():
        GESTES[nom]()


def test_la_base_refuse_un_echeancier_ouvert_et_le_tresor_a_la_fois():
    facture = relancee()
    actions.accorder_echeancier(facture.famille, [facture.pk], [(dt.date(2027, 1, 5), D("28.50"))], None, MATIN)
    etat = EtatDesRestes.objects.create(exercice=2026, numero=1, fait_le=MATIN)
    with pytest.raises(DatabaseError, match="échéancier ouvert"), transaction.atomic():
        Transmission.objects.create(etat=etat, facture=facture, montant=1)


@pytest.mark.django_db(transaction=True)
def test_un_reglement_pendant_la_transmission_est_attendu_puis_compte():
    facture, pose = relancee(), threading.Event()

    def regler():
        try:
            with transaction.atomic():
                actions.encaisser(facture.famille, facture.total, "cheque", None, MATIN, facture=facture)
                pose.set()
                time.sleep(0.4)
        finally:
            connections.close_all()

    def remettre():
        try:
            pose.wait()
            return code(transmettre, facture)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        paye, remise = fils.submit(regler), fils.submit(remettre)
        paye.result()
        assert remise.result() == "pas_prete"
    assert not Transmission.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deux_regisseurs_en_meme_temps_ne_transmettent_qu_une_fois():
    facture, depart = relancee(), threading.Barrier(2)

    def remettre(_):
        try:
            depart.wait()
            return transmettre(facture).numero
        except ValidationError as refus:
            return refus.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        assert set(fils.map(remettre, range(2))) == {1, "pas_prete"}
    assert list(EtatDesRestes.objects.values_list("numero", flat=True)) == [1], "le refus ne laisse pas de trou"

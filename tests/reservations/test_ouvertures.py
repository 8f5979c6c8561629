"""Préparer une ouverture et ses vœux ; à la seconde près, avant, à l'heure, après."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reservations.actions import (
    admettre,
    deposer_voeux,
    enregistrer,
    ouvrir_seances,
    position,
    preparer_ouverture,
    reserver_ce_qui_se_peut,
    suivre,
    tirer_au_sort,
)
from reservations.models import Mouvement, Ouverture, Reservation, Seance, Voeu, lire, lire_ouverture
from reservations.regles import Statut, statut
from tests import fabriques as f

from .ouverture import (
    AVANT,
    AVANT_LES_VOEUX,
    LUNDI,
    NEUF_HEURES,
    PENDANT_LES_VOEUX,
    UNE_SECONDE,
    Decor,
)
from .test_enregistrement import ensemble

PARENT = Mouvement.Origine.PARENT


@pytest.fixture
def decor(db):
    return Decor()


def reserver(decor, foyer, maintenant):
    souhaits = dict.fromkeys(decor.tout(foyer, jours=1), True)
    return [r.code for r in enregistrer(foyer, foyer.compte, souhaits, maintenant, PARENT).refus]


def faire_entrer(decor, foyer, maintenant=NEUF_HEURES):
    """Le foyer prend son rang et, s'il y a de la place, est admis."""
    suivre(decor.ouverture.pk, foyer.compte, maintenant)


# --- Préparer -----------------------------------------------------------------------------------------------------
def test_une_seance_n_a_qu_une_ouverture(decor):
    with pytest.raises(ValidationError) as refus:
        decor.ouvrir(nom="Une autre")
    assert refus.value.code == "ailleurs"
    assert set(Seance.objects.values_list("ouverture", flat=True)) == {decor.ouverture.pk}


def test_une_seance_que_l_ouverture_quitte_redevient_ordinaire_sauf_si_l_on_y_a_un_voeu(decor):
    foyer = decor.foyer()
    deposer_voeux(decor.ouverture, foyer, {(foyer.petits[0].pk, decor.seances[2].pk)}, PENDANT_LES_VOEUX)
    decor.ouverture.au = LUNDI + dt.timedelta(days=1)
    with pytest.raises(ValidationError) as refus:
        preparer_ouverture(decor.ouverture, [decor.centre], PENDANT_LES_VOEUX)
    assert refus.value.code == "voeux"
    Voeu.objects.all().delete()
    preparer_ouverture(decor.ouverture, [decor.centre], PENDANT_LES_VOEUX)
    assert [s.ouverture_id for s in Seance.objects.order_by("jour")] == [decor.ouverture.pk, decor.ouverture.pk, None]


def test_une_ouverture_commencee_ne_change_plus(decor):
    with pytest.raises(ValidationError) as refus:
        preparer_ouverture(decor.ouverture, [decor.centre], NEUF_HEURES)
    assert refus.value.code == "commencee"


def test_une_seance_creee_ensuite_attend_l_ouverture_aussi(decor):
    f.jour_ferme(LUNDI, fin=LUNDI + dt.timedelta(days=10), motif="vacances", libelle="Vacances de Noël")
    ouvrir_seances(f.annee(), AVANT_LES_VOEUX)
    dernier = LUNDI + dt.timedelta(days=4)
    dedans, apres = Seance.objects.filter(jour__lte=dernier), Seance.objects.filter(jour__gt=dernier)
    assert list(dedans.values_list("ouverture", flat=True)) == [decor.ouverture.pk] * 5
    assert list(apres.values_list("ouverture", flat=True)) == [None] * 4


# --- À la seconde près --------------------------------------------------------------------------------------------
def test_avant_neuf_heures_a_paris_on_ne_reserve_pas_a_neuf_heures_chacun_son_tour(decor):
    foyer = decor.foyer()
    assert reserver(decor, foyer, AVANT) == ["pas_ouvert"]
    assert reserver(decor, foyer, NEUF_HEURES) == ["file"]
    faire_entrer(decor, foyer)
    assert reserver(decor, foyer, NEUF_HEURES) == []


def test_le_tour_d_un_foyer_ne_vaut_que_pour_lui_et_finit_a_la_seconde(decor):
    foyer, voisin = decor.foyer(), decor.foyer()
    faire_entrer(decor, foyer)
    fin = NEUF_HEURES + dt.timedelta(minutes=10)
    assert reserver(decor, voisin, NEUF_HEURES) == ["file"]
    assert reserver(decor, foyer, fin) == ["file"]
    assert reserver(decor, foyer, fin - UNE_SECONDE) == []


def test_la_file_levee_chacun_reserve(decor):
    foyer = decor.foyer()
    Ouverture.objects.update(finie_le=NEUF_HEURES + UNE_SECONDE)
    assert reserver(decor, foyer, NEUF_HEURES + dt.timedelta(hours=1)) == []


def test_en_mode_tirage_on_ne_reserve_qu_apres_le_tirage(db):
    decor = Decor(mode="tirage")
    foyer = decor.foyer()
    assert reserver(decor, foyer, AVANT) == ["pas_ouvert"]
    assert reserver(decor, foyer, NEUF_HEURES) == ["tirage"]
    tirer_au_sort(decor.ouverture, None, NEUF_HEURES)
    assert reserver(decor, foyer, NEUF_HEURES) == []


def test_annuler_ne_depend_pas_de_l_ouverture(decor):
    foyer = decor.foyer()
    f.reservation(foyer.petits[0], decor.seances[0])
    souhaits = {(foyer.petits[0].pk, decor.seances[0].pk): False}
    assert enregistrer(foyer, foyer.compte, souhaits, AVANT, PARENT).refus == []


def test_le_planning_dit_quand_cela_ouvre_puis_que_chacun_a_son_tour(decor):
    foyer = decor.foyer()

    def dit(maintenant):
        [lecture] = lire([foyer.petits[0]], foyer, LUNDI, LUNDI)
        case = lecture.cases[0]
        return statut(case.faits, maintenant)

    assert [dit(AVANT), dit(NEUF_HEURES)] == [Statut.PAS_OUVERT, Statut.PAS_OUVERT]
    faire_entrer(decor, foyer)
    assert dit(NEUF_HEURES) == Statut.LIBRE


# --- Les vœux -----------------------------------------------------------------------------------------------------
def deposer(decor, foyer, maintenant, choisis=None):
    try:
        return deposer_voeux(decor.ouverture, foyer, decor.tout(foyer) if choisis is None else choisis, maintenant)
    except ValidationError as refus:
        return refus.code


def test_les_voeux_se_gardent_de_leur_heure_a_celle_de_l_ouverture(decor):
    foyer = decor.foyer()
    assert deposer(decor, foyer, f.a_paris(2026, 11, 23, 8, 59, 59)) == "ferme"
    assert deposer(decor, foyer, f.a_paris(2026, 11, 23, 9)) == 3
    assert deposer(decor, foyer, AVANT, decor.tout(foyer, jours=1)) == 1
    assert deposer(decor, foyer, NEUF_HEURES, set()) == "ferme"
    assert Voeu.objects.count() == 1


def test_un_voeu_garde_son_numero_quand_on_change_les_autres(decor):
    foyer = decor.foyer("Hugo", "Lina")
    deposer(decor, foyer, PENDANT_LES_VOEUX)
    avant = dict(Voeu.objects.values_list("pk", "rang_enfant"))
    deposer(decor, foyer, AVANT, decor.tout(foyer, jours=2))
    apres = dict(Voeu.objects.values_list("pk", "rang_enfant"))
    assert len(apres) == 4
    assert apres.items() < avant.items()


def test_on_ne_depose_que_pour_ses_enfants_inscrits_et_pour_l_ouverture(decor):
    foyer, voisin = decor.foyer(), decor.foyer()
    dehors = f.seance(decor.centre, LUNDI + dt.timedelta(days=30))
    non_inscrit = f.enfant(foyer, prenom="Lina", ecole=decor.ecole)
    lundi = decor.seances[0].pk
    assert deposer(decor, foyer, PENDANT_LES_VOEUX, {(voisin.petits[0].pk, lundi)}) == "inconnu"
    assert deposer(decor, foyer, PENDANT_LES_VOEUX, {(foyer.petits[0].pk, dehors.pk)}) == "inconnu"
    assert deposer(decor, foyer, PENDANT_LES_VOEUX, {(foyer.petits[0].pk, 987654)}) == "inconnu"
    assert deposer(decor, foyer, PENDANT_LES_VOEUX, {(non_inscrit.pk, lundi)}) == "non_inscrit"
    assert Voeu.objects.count() == 0


def test_l_autre_foyer_d_un_enfant_ne_demande_pas_le_meme_jour(decor):
    mere, pere = decor.foyer(), f.famille()
    f.rattacher(mere.petits[0], pere)
    f.inscription(mere.petits[0], decor.centre, famille=pere)
    pere.petits = mere.petits
    assert deposer(decor, mere, PENDANT_LES_VOEUX, decor.tout(mere, jours=1)) == 1
    assert deposer(decor, pere, PENDANT_LES_VOEUX) == "autre_foyer"
    assert Voeu.objects.filter(ticket__famille=pere).count() == 0


@pytest.mark.django_db(transaction=True)
def test_un_double_envoi_simultane_garde_une_fois_chaque_voeu():
    decor = Decor()
    foyer = decor.foyer("Hugo", "Lina")
    rendus = ensemble([lambda: deposer(decor, foyer, PENDANT_LES_VOEUX)] * 5)
    assert rendus == [6] * 5
    assert (Voeu.objects.count(), foyer.tickets.count()) == (6, 1)


# --- Réserver ce qui se peut --------------------------------------------------------------------------------------
def test_ce_qui_est_complet_est_nomme_et_le_reste_reserve(decor, courriels):
    foyer, autre = decor.foyer("Hugo", "Lina"), decor.foyer()
    f.reservation(autre.petits[0], decor.seances[0])
    faire_entrer(decor, foyer)
    resultat = reserver_ce_qui_se_peut(foyer, foyer.compte, decor.tout(foyer), NEUF_HEURES)
    assert [(r.code, r.seance_id) for r in resultat.refus] == [("complet", decor.seances[0].pk)]
    assert len(resultat.faits) == 5
    assert Reservation.objects.filter(famille=foyer, etat="reservee").count() == 5
    assert len(courriels()) == 1


@pytest.mark.django_db(transaction=True)
def test_les_dernieres_places_de_l_ouverture_ne_se_vendent_qu_une_fois_a_trente_foyers():
    decor = Decor(capacite=7, a_la_fois=100)
    foyers = [decor.foyer() for _ in range(30)]
    for foyer in foyers:
        suivre(decor.ouverture.pk, foyer.compte, AVANT)
    admettre(decor.ouverture.pk, position(decor.ouverture.pk, foyers[0].compte, NEUF_HEURES), NEUF_HEURES)

    def demande(foyer):
        return lambda: reserver_ce_qui_se_peut(foyer, foyer.compte, decor.tout(foyer), NEUF_HEURES)

    rendus = ensemble([demande(foyer) for foyer in foyers])
    assert sum(len(r.faits) for r in rendus) == 21
    assert {r.code for resultat in rendus for r in resultat.refus} == {"complet"}
    assert [Reservation.objects.filter(seance=s, etat="reservee").count() for s in decor.seances] == [7, 7, 7]


# --- Lire ---------------------------------------------------------------------------------------------------------
def requetes(action):
    with CaptureQueriesContext(connection) as contexte:
        action()
    return len(contexte)


def test_lire_une_ouverture_ne_depend_ni_des_enfants_ni_des_jours(decor):
    foyer = decor.foyer("Hugo", "Lina", "Tom")
    un = Decor()
    seul = un.foyer()
    for n in range(3, 5):
        decor.seances.append(f.seance(decor.centre, LUNDI + dt.timedelta(days=n), ouverture=decor.ouverture))
    deposer(decor, foyer, PENDANT_LES_VOEUX)
    assert len(lire_ouverture(decor.ouverture, foyer.compte)) == 3
    assert requetes(lambda: lire_ouverture(decor.ouverture, foyer.compte)) == requetes(
        lambda: lire_ouverture(un.ouverture, seul.compte)
    )


def test_chaque_case_dit_son_etat(decor):
    foyer, autre = decor.foyer(), decor.foyer("Ana", "Bao")
    pere = f.famille()
    f.rattacher(foyer.petits[0], pere)
    for petit in autre.petits:
        f.reservation(petit, decor.seances[0])
    f.reservation(foyer.petits[0], decor.seances[1])
    f.reservation(foyer.petits[0], decor.seances[2], famille=pere)
    [vu] = lire_ouverture(decor.ouverture, foyer.compte)
    assert [c.etat for _, cases in vu.activites[0].semaines for c in cases] == ["complet", "reserve", "autre"]

"""La liste d'attente sous de vraies transactions, toutes au même instant."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from reservations.actions import annuler, enregistrer, quitter_attente, repondre, tenir_les_listes
from reservations.models import Mouvement, Reservation
from tests.reservations.attente import JEUDI, Decor
from tests.reservations.test_enregistrement import ensemble

pytestmark = pytest.mark.django_db(transaction=True)


def essayer(action, *args):
    """Le geste, ou le code de son refus."""

    def geste():
        try:
            return action(*args) or "fait"
        except ValidationError as refus:
            return refus.code

    return geste


def test_la_place_liberee_est_offerte_a_un_seul_pendant_que_vingt_familles_reservent():
    """Dix attendent, dix réservent au vol, et l'occupant annule : la place est au premier de la liste."""
    decor = Decor(capacite=1)
    occupant = decor.remplir()[0]
    attendent, presses = decor.enfants(10), decor.enfants(10)
    for rang, petit in enumerate(attendent):
        decor.attendre(petit, rang)

    def reserver(petit):
        foyer = decor.foyer(petit)
        return lambda: enregistrer(foyer, None, {(petit.pk, decor.seance.pk): True}, JEUDI, "parent").refus

    rendus = ensemble([*map(reserver, presses), essayer(annuler, decor.reservation(occupant), None, "Parti", JEUDI)])
    assert [[r.code for r in refus] for refus in rendus[:-1]] == [["complet"]] * 10
    prises = Reservation.objects.qui_prennent_une_place().filter(seance=decor.seance)
    assert [r.enfant for r in prises] == [attendent[0]]
    assert decor.file() == attendent[1:]


def test_vingt_places_rendues_ensemble_vont_aux_vingt_premiers():
    decor = Decor(capacite=20)
    occupants, attendent = decor.remplir(), decor.enfants(25)
    for rang, petit in enumerate(attendent):
        decor.attendre(petit, rang)
    ensemble([essayer(annuler, decor.reservation(petit), None, "Sortie", JEUDI) for petit in occupants])
    proposees = Reservation.objects.proposees().order_by("enfant").values_list("enfant", flat=True)
    assert list(proposees) == [petit.pk for petit in attendent[:20]]
    assert Mouvement.objects.filter(apres="proposee").count() == 20
    assert decor.file() == attendent[20:]


def test_vingt_familles_entrent_ensemble_et_chacune_a_son_rang():
    decor = Decor(capacite=1)
    decor.remplir()
    rangs = ensemble([essayer(decor.attendre, petit) for petit in decor.enfants(20)])
    assert sorted(rangs) == list(range(1, 21))


@pytest.fixture
def offre():
    decor = Decor(capacite=1)
    occupant = decor.remplir()[0]
    decor.un, decor.deux, decor.trois = decor.enfants(3)
    for rang, petit in enumerate([decor.un, decor.deux, decor.trois]):
        decor.attendre(petit, rang)
    annuler(decor.reservation(occupant), None, "Parti", JEUDI)
    decor.offre = decor.reservation(decor.un)
    return decor


def etats(decor):
    return [decor.etat(petit) for petit in (decor.un, decor.deux, decor.trois)]


def test_deux_ouvriers_qui_passent_une_offre_au_meme_instant_ne_la_passent_qu_une_fois(offre, courriels):
    fin = offre.offre.offre_jusqu_a
    assert sorted(ensemble([lambda: tenir_les_listes(fin)] * 4)) == [0, 0, 0, 1]
    assert etats(offre) == ["annulee", "proposee", "attente"]
    assert len([c for c in courriels() if "n'attend plus" in c["Subject"]]) == 1


def test_accepter_quatre_fois_ensemble_n_ecrit_qu_une_fois(offre, courriels):
    codes = ensemble([essayer(repondre, offre.offre, True, None, JEUDI)] * 4)
    assert sorted(codes) == ["deja", "deja", "deja", "fait"]
    assert Mouvement.objects.filter(avant="proposee").count() == 1
    assert len([c for c in courriels() if "1 réservation" in c["Subject"]]) == 1


def test_accepter_et_laisser_ensemble_ne_font_qu_une_reponse(offre):
    codes = ensemble([essayer(repondre, offre.offre, accepte, None, JEUDI) for accepte in (True, False) * 3])
    assert sorted(codes) == ["deja"] * 5 + ["fait"]
    assert etats(offre) in (["reservee", "attente", "attente"], ["annulee", "proposee", "attente"])


@pytest.mark.parametrize("essai", range(5))
def test_accepter_a_la_derniere_seconde_pendant_que_l_offre_passe_ne_vend_pas_deux_fois(offre, essai):
    """Les deux horloges ne disent pas la même seconde : qui a le verrou le premier l'emporte, entièrement."""
    fin = offre.offre.offre_jusqu_a
    rendus = ensemble([
        essayer(repondre, offre.offre, True, None, fin - dt.timedelta(milliseconds=1)),
        lambda: tenir_les_listes(fin),
    ])  # fmt: skip
    assert (rendus, etats(offre)) in [
        (["fait", 0], ["reservee", "attente", "attente"]),
        (["deja", 1], ["annulee", "proposee", "attente"]),
    ]
    assert Reservation.objects.qui_prennent_une_place().filter(seance=offre.seance).count() == 1


def test_quitter_la_liste_pendant_qu_une_place_s_offre_ne_la_perd_pas(offre):
    """Le suivant s'en va au moment où la place lui revient : elle est à lui, ou au troisième, jamais à personne."""
    deux = offre.reservation(offre.deux)
    ensemble([
        essayer(repondre, offre.offre, False, None, JEUDI), essayer(quitter_attente, deux, None, JEUDI),
    ])  # fmt: skip
    assert etats(offre) in (["annulee", "annulee", "proposee"], ["annulee", "proposee", "attente"])

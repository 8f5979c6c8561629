"""Défaire un enregistrement, sur un vrai PostgreSQL : une seule fois, et jamais par-dessus ce qui a suivi."""

import datetime as dt

import pytest

from reservations.actions import defaire, inverse
from reservations.models import Mouvement, Reservation
from tests.reservations.test_enregistrement import AVANT, Decor, ensemble


def deux_jours(decor):
    """Hugo réserve lundi et mardi ; rend le résultat et ses cases."""
    voulus = decor.hugo_veut(*decor.seances[:2])
    return decor.enregistrer(voulus), set(voulus)


@pytest.mark.django_db
def test_l_inverse_d_un_enregistrement_est_ce_qu_il_y_avait_avant():
    decor = Decor()
    decor.enregistrer(decor.hugo_veut(decor.seances[0]))
    change = {(decor.hugo.pk, decor.seances[0].pk): False, (decor.hugo.pk, decor.seances[1].pk): True}
    lot = decor.enregistrer(change).lot
    assert inverse(lot, decor.foyer).souhaits == {cle: not vers for cle, vers in change.items()}


@pytest.mark.django_db
def test_ce_qui_a_suivi_ne_se_defait_pas_par_dessous():
    """Mardi, annulé puis repris depuis, n'est plus l'affaire du premier enregistrement."""
    decor = Decor()
    premier, cles = deux_jours(decor)
    mardi = (decor.hugo.pk, decor.seances[1].pk)
    decor.enregistrer({mardi: False})
    decor.enregistrer({mardi: True})
    trouve = inverse(premier.lot, decor.foyer)
    assert mardi not in trouve.souhaits
    assert trouve.perdues == ["Hugo, Restauration du mardi 8 septembre : a changé depuis cet enregistrement."]
    refus = defaire(premier.lot, decor.foyer, decor.foyer.compte, cles, AVANT).refus
    assert [r.code for r in refus] == ["changee"]
    assert Reservation.objects.reservees().count() == 2


@pytest.mark.django_db
def test_une_case_hors_du_lot_ne_se_defait_pas_avec_lui():
    decor = Decor()
    premier, _ = deux_jours(decor)
    decor.enregistrer(decor.hugo_veut(decor.seances[2]))
    autre = (decor.hugo.pk, decor.seances[2].pk)
    assert defaire(premier.lot, decor.foyer, decor.foyer.compte, {autre}, AVANT).lot is None
    assert Reservation.objects.reservees().count() == 3


@pytest.mark.django_db
def test_apres_la_limite_rien_ne_se_defait_et_c_est_dit():
    decor = Decor()
    premier, cles = deux_jours(decor)
    refus = defaire(premier.lot, decor.foyer, decor.foyer.compte, cles, AVANT + dt.timedelta(days=7)).refus
    assert [r.code for r in refus] == ["trop_tard_annuler"] * 2
    assert Reservation.objects.reservees().count() == 2


@pytest.mark.django_db(transaction=True)
def test_quatre_fois_en_meme_temps_ne_se_defait_qu_une_fois():
    decor = Decor()
    premier, cles = deux_jours(decor)
    rendus = ensemble([lambda: defaire(premier.lot, decor.foyer, decor.foyer.compte, cles, AVANT)] * 4)
    assert sorted(len(r.faits) for r in rendus) == [0, 0, 0, 2]
    assert Mouvement.objects.count() == 4
    assert Reservation.objects.reservees().count() == 0

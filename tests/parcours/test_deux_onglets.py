"""Le planning ouvert deux fois, ou enregistré d'un double clic : rien ne se perd, rien ne s'écrit deux fois."""

import pytest

from reservations.models import Mouvement

from . import parent
from .navigateur import dit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def planning(celine, navigateurs):
    page = navigateurs.ouvrir()
    parent.se_connecter(page, mot_de_passe="portail-famille")
    parent.ouvrir_le_planning(page)
    return page


def test_un_onglet_en_retard_apprend_ce_qui_a_change_et_ne_perd_rien(planning, navigateurs, courriels):
    en_retard, neuf = planning, navigateurs.autre_onglet(planning)
    neuf.goto(planning.url)
    parent.case(neuf, "Restauration", "lundi 16").check()
    parent.enregistrer(neuf)
    dit(neuf, "1 réservation enregistrée.")

    assert not parent.case(en_retard, "Restauration", "lundi 16").is_checked()  # il ne sait pas encore
    parent.case(en_retard, "Restauration", "mardi 17").check()
    parent.enregistrer(en_retard)
    dit(en_retard, "1 réservation enregistrée.")
    dit(en_retard, "Entre-temps, un autre écran avait changé : Hugo, Restauration du lundi 16 novembre (réservé).")
    assert parent.case(en_retard, "Restauration", "lundi 16").is_checked()
    assert parent.enregistrees() == ["Restauration le 16/11", "Restauration le 17/11"]
    assert len(courriels()) == 2


def test_un_double_clic_n_enregistre_qu_une_fois(planning, courriels):
    parent.case(planning, "Restauration", "lundi 16").check()
    parent.case(planning, "Restauration", "jeudi 19").check()
    planning.get_by_role("button", name="Enregistrer").dblclick()
    dit(planning, "2 réservations enregistrées.")
    assert parent.case(planning, "Restauration", "jeudi 19").is_checked()
    assert Mouvement.objects.count() == 2
    assert Mouvement.objects.values("lot").distinct().count() == 1
    assert [courriel["Subject"] for courriel in courriels()] == ["Planning de Hugo : 2 réservations"]

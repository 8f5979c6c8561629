"""Une adresse retenue est celle que Django trouverait."""

import pytest
from django.urls import NoReverseMatch, reverse

from commune.adresses import adresse


@pytest.mark.parametrize(("page", "cles"), [
    ("accueil", ()), ("reservations:planning_enfant", (12,)), ("reservations:planning_enfant", (7,)),
    ("reservations:attente", (12, 345)), ("reservations:attente", (345, 12)),
])  # fmt: skip
def test_l_adresse_retenue_est_celle_de_django(page, cles):
    assert adresse(page, *cles) == adresse(page, *cles) == reverse(page, args=cles)


def test_une_page_inconnue_ou_un_argument_de_trop_se_disent():
    with pytest.raises(NoReverseMatch):
        adresse("reservations:nulle_part")
    with pytest.raises(NoReverseMatch):
        adresse("accueil", 3)


def test_un_argument_qui_n_est_pas_une_cle_est_refuse():
    with pytest.raises(TypeError):
        adresse("reservations:planning_enfant", "../../admin")

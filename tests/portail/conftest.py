"""Un foyer qui a de tout, le jour où la ville des essais est arrêtée."""

import pytest

from tests import fabriques as f
from tests.acces import MAINTENANT, maison, ville


@pytest.fixture
def ici(db, time_machine):
    time_machine.move_to(MAINTENANT, tick=False)
    return ville()


@pytest.fixture
def zut(ici):
    """Un foyer dont chaque chose à lui porte « Zut »."""
    return maison(ici, "Zut")


@pytest.fixture
def heure_fixe(time_machine):
    """Compter des essais ne doit pas tomber à cheval sur deux périodes de la limite."""
    time_machine.move_to(f.a_paris(2026, 9, 1, 10, 5))

"""Le banc : ce qu'il mesure, et qu'il ne laisse rien derrière lui."""

import time

import pytest

from familles.models import Famille
from portail import mesures
from tests import fabriques as f

pytestmark = pytest.mark.django_db


def test_attendre_prend_du_temps_et_non_du_processeur():
    attente = mesures.mesurer("attente", lambda: time.sleep(0.05), mesures.repere, passages=3)
    calcul = mesures.mesurer("repere", mesures.repere, mesures.repere, passages=3)
    assert attente.ms >= 50
    assert attente.cpu < 25
    assert calcul.cpu > 0.5
    assert calcul.en_json().keys() == {"ms", "cpu", "pages", "queries", "kb"}


def test_le_repere_fait_toujours_le_meme_travail():
    assert mesures.repere() == mesures.repere()
    assert mesures.repere().startswith(b"enfant 0 : ")


def test_une_action_mesuree_n_a_pas_eu_lieu():
    mesure = mesures.mesurer("famille", lambda: f.famille().nom.encode(), mesures.repere, passages=2, annuler=True)
    assert not Famille.objects.exists()
    assert mesure.queries > 0


def test_le_tableau_montre_ce_qui_manque_sa_cible():
    def une(nom, cible_ms):
        return mesures.Mesure(nom, ms=20, cpu=10, pages=2.5, queries=8, kb=0, cible_ms=cible_ms, cible_queries=8)

    _, tenue, manquee = mesures.tableau([une("tenue", 20), une("manquée", 19)]).split("\n")
    assert (tenue[0], manquee[0]) == (" ", "!")

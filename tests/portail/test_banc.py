"""Le banc : ce qu'il mesure, et qu'il ne laisse rien derrière lui."""

import time

import pytest
from django.db import connection

from familles.models import Famille
from portail.banc import grand, mesures
from portail.banc.mois import VilleAuMois
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

pytestmark = pytest.mark.django_db


def test_attendre_prend_du_temps_et_non_du_processeur():
    attente = mesures.mesurer("attente", lambda: time.sleep(0.05), mesures.repere, passages=3)
    calcul = mesures.mesurer("repere", mesures.repere, mesures.repere, passages=3)
    assert attente.ms >= 50
    assert attente.cpu < 25
    assert calcul.cpu > 0.5
    assert calcul.en_json().keys() == {"ms", "mieux", "cpu", "sql", "pages", "queries", "kb"}


def test_le_temps_passe_dans_postgresql_se_lit_a_part():
    def dormir():
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_sleep(0.05)")

    assert 50 <= mesures.mesurer("base", dormir, mesures.repere, passages=3).sql < 500
    assert mesures.mesurer("repere", mesures.repere, mesures.repere, passages=3).sql == 0


def test_le_repere_fait_toujours_le_meme_travail():
    assert mesures.repere() == mesures.repere()
    assert mesures.repere().startswith(b"enfant 0 : ")


def test_une_action_mesuree_n_a_pas_eu_lieu():
    mesure = mesures.mesurer("famille", lambda: f.famille().nom.encode(), mesures.repere, passages=2, annuler=True)
    assert not Famille.objects.exists()
    assert mesure.queries > 0


def test_le_tableau_montre_ce_qui_manque_sa_cible():
    def une(nom, cible_ms):
        return mesures.Mesure(nom, ms=20, cpu=10, sql=3, pages=2.5, queries=8, kb=0, cible_ms=cible_ms, cible_queries=8)

    _, tenue, manquee = mesures.tableau([une("tenue", 20), une("manquée", 19)]).split("\n")
    assert (tenue[0], manquee[0]) == (" ", "!")


@pytest.mark.django_db(transaction=True)
def test_la_grande_ville_se_mesure_en_petit(monkeypatch):
    for nom, valeur in {"FOYERS": 30, "ECOLES": 2, "SEMAINES": 1, "TOURS": 3}.items():
        monkeypatch.setattr(grand, nom, valeur)
    ville = grand.GrandeVille(lambda message: None)
    assert Reservation.objects.count() == Mouvement.objects.count() == 50 * 2 * 10  # enfants, activités, jours
    semaine, liste = ville.semaine_d_un_foyer(), ville.liste_d_une_ecole()
    assert semaine.queries <= 10
    assert liste.kb > semaine.kb / 10
    assert liste.sql > 0
    with connection.cursor() as curseur:  # les index sont revenus
        curseur.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'reservations_reservation'")
        assert ("reservation_en_attente",) in curseur.fetchall()


@pytest.mark.django_db(transaction=True)
def test_le_mois_de_la_grande_ville_se_mesure_en_petit(monkeypatch):
    monkeypatch.setattr(grand, "ECOLES", 2)
    dits = []
    mesure = VilleAuMois(dits.append, foyers=20).facturer_60000()
    assert mesure.cible_ms == 20  # un millième de seconde par foyer
    assert dits[-1].startswith("  20 factures, ")

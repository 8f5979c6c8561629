"""La ville où l'on fait les parcours, l'heure qu'il y est, et des navigateurs surveillés."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from commune.models import Ecole
from facturation.models import Regie
from portail.actions import accepter, texte_en_vigueur
from portail.demo import ville as demonstration
from tests import fabriques

from .navigateur import Navigateurs

AUJOURD_HUI = fabriques.a_paris(2026, 11, 12, 10)  # un jeudi d'école


class Horloge:
    """L'heure de la mairie. Elle avance d'elle-même ; ``aller`` et ``attendre`` la font sauter, sans dormir."""

    def __init__(self, voyage):
        self._voyage = voyage

    def aller(self, instant):
        self._voyage.move_to(instant)

    def attendre(self, secondes):
        self._voyage.shift(dt.timedelta(seconds=secondes))


@pytest.fixture
def horloge():
    with time_machine.travel(AUJOURD_HUI, tick=True) as voyage:
        yield Horloge(voyage)


@pytest.fixture
def ville(transactional_db, live_server, settings, horloge):
    """Migné-Auxances, ses cinq écoles, son vrai calendrier, ses séances de l'année ; et la mairie à son poste."""
    settings.ALTCHA_VERIFICATION_ENABLED = True  # la vraie preuve, calculée par le vrai script
    settings.ADRESSE = live_server.url  # le début des liens des courriels
    annee = demonstration.installer(dt.date(2026, 9, 1), timezone.now())
    Regie.objects.create(seuil=0)  # la famille du parcours n'a que quelques repas, et veut sa facture
    fabriques.agent("Direction", email="mairie@demo.fr", prenom="Claire", nom="MARTIN")
    fabriques.agent("Régie", email="regie@demo.fr", prenom="Paul", nom="PETIT")
    fabriques.agent("Agents", email="agent@demo.fr", prenom="Nadia", nom="BENALI")
    return annee


@pytest.fixture
def navigateurs(new_context, live_server, horloge):
    """``navigateurs.ouvrir(…)`` rend une page ; à la fin, aucune n'a rien eu à redire."""
    ouverts = Navigateurs(new_context, live_server.url, horloge)
    yield ouverts
    assert ouverts.fautes == []


@pytest.fixture
def celine(ville):
    """Le compte de Celine, son dossier validé ; Hugo est inscrit à la restauration et au soir de son école."""
    maintenant = timezone.now()
    foyer = fabriques.famille(avec_compte=fabriques.compte(email="celine@exemple.fr"))
    accepter(foyer.compte, texte_en_vigueur(maintenant), maintenant, "192.0.2.1")
    ecole = Ecole.objects.get(nom="Primaire de Limbre")
    hugo = fabriques.enfant(foyer, ecole=ecole)
    for activite in ecole.activites.filter(genre__in=["midi", "soir"]):
        fabriques.inscription(hugo, activite, annee=ville)
    return foyer.compte

"""La ville de démonstration : Migné-Auxances, ses cinq écoles et des familles inventées.

Le même jour donne toujours la même ville : le hasard part d'une graine fixe. Les tarifs sont fictifs,
et le disent. Rien ici n'écrit ce que les étages savent faire : les séances, les textes, les pièces,
les factures passent par leurs actions.
"""

import datetime as dt
import random

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from commune.regles import jour_de_paris

from . import (
    attente,
    caisse,
    contestations,
    delais,
    deux_foyers,
    evenements,
    exports,
    factures,
    familles,
    montre,
    ouvertures,
    quotients,
    rappels,
    recouvrement,
    vie,
    ville,
)
from .commun import GRAINE, MOT_DE_PASSE, annee_du

__all__ = ["GRAINE", "MOT_DE_PASSE", "annee_du", "charger_demo"]


def charger_demo(maintenant=None, dire=lambda message: None, foyers=330):
    """Remplit une base vide de ``foyers`` familles ; ``maintenant`` (instant) fixe ce qui est passé, ``dire`` suit.

    Lève ``ImproperlyConfigured`` hors démonstration : ces comptes au mot de passe public
    ne doivent exister sur aucun vrai portail.
    """
    if not settings.DEMO:
        raise ImproperlyConfigured("Les comptes de démonstration n'existent que si DEMO est vrai.")
    maintenant = maintenant or timezone.now()
    jour = jour_de_paris(maintenant)
    hasard = random.Random(GRAINE)

    dire("La commune, ses écoles et son calendrier")
    annee = ville.installer(dt.date(annee_du(jour), 9, 1), maintenant)
    delais.installer(annee, maintenant)
    dire("Les familles et leurs documents")
    valides = familles.installer(hasard, jour, maintenant, foyers)
    dire("Les inscriptions et les réservations")
    exemples = reservations(hasard, valides, annee, jour, maintenant)
    dire("Les factures des derniers mois")
    argent(hasard, annee, jour, maintenant)
    exemples |= montre.argent()
    exemples["événement"] = evenements.installer(jour, maintenant)
    dire("Les jours d'ouverture")
    exemples["ouverture"] = ouvertures.installer(random.Random(GRAINE), annee, jour, maintenant)
    if manquent := [quoi for quoi, installe in exemples.items() if not installe]:
        dire(f"À cette date de l'année, rien à montrer pour : {', '.join(manquent)}")


def reservations(hasard, foyers, annee, jour, maintenant):
    """Huit semaines de cantine, puis ce qui leur arrive ; dit ce que la date a permis d'en montrer."""
    vie.installer(hasard, foyers, annee, jour, maintenant)
    # Une base qui vient de naître n'a pas encore de statistiques : PostgreSQL relirait tout à chaque case.
    with connection.cursor() as curseur:
        curseur.execute("ANALYZE")
    exemples = {"rappels": rappels.installer(jour), "liste d'attente": attente.installer(jour, maintenant)}
    deux_foyers.installer(annee, jour, maintenant)
    return exemples


def argent(hasard, annee, jour, maintenant):
    """Les factures et tout ce qui les suit, de la contestation aux écritures."""
    factures.installer(hasard, annee, jour, maintenant)
    contestations.installer(maintenant)
    quotients.installer(maintenant)
    caisse.installer(jour, maintenant)
    recouvrement.installer(jour, maintenant)
    exports.installer(jour, maintenant)

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

MOT_DE_PASSE = "portail-famille"
GRAINE = 86158  # le code INSEE de la commune


def annee_du(jour):
    """L'année (celle de septembre) de l'année scolaire à montrer ce jour-là : dès le 15 août, la prochaine."""
    return jour.year if (jour.month, jour.day) >= (8, 15) else jour.year - 1


def charger_demo(maintenant=None, dire=lambda message: None, foyers=330):
    """Remplit une base vide de ``foyers`` familles ; ``maintenant`` (instant) fixe ce qui est passé, ``dire`` suit.

    Lève ``ImproperlyConfigured`` hors démonstration : ces comptes au mot de passe public
    ne doivent exister sur aucun vrai portail.
    """
    if not settings.DEMO:
        raise ImproperlyConfigured("Les comptes de démonstration n'existent que si DEMO est vrai.")
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
        ouvertures,
        quotients,
        rappels,
        recouvrement,
        vie,
        ville,
    )

    maintenant = maintenant or timezone.now()
    jour = jour_de_paris(maintenant)
    hasard = random.Random(GRAINE)
    rentree = dt.date(annee_du(jour), 9, 1)

    dire("La commune, ses écoles et son calendrier")
    annee = ville.installer(rentree, maintenant)
    delais.installer(annee, maintenant)
    dire("Les familles et leurs documents")
    valides = familles.installer(hasard, jour, maintenant, foyers)
    dire("Les inscriptions et les réservations")
    vie.installer(hasard, valides, annee, jour, maintenant)
    # Une base qui vient de naître n'a pas encore de statistiques : PostgreSQL relirait tout à chaque case.
    with connection.cursor() as curseur:
        curseur.execute("ANALYZE")
    il_y_a = {"rappels": rappels.installer(jour), "liste d'attente": attente.installer(jour, maintenant)}
    deux_foyers.installer(annee, jour, maintenant)
    dire("Les factures des derniers mois")
    factures.installer(hasard, annee, jour, maintenant)
    contestations.installer(maintenant)
    quotients.installer(maintenant)
    caisse.installer(jour, maintenant)
    recouvrement.installer(jour, maintenant)
    exports.installer(jour, maintenant)
    il_y_a["événement"] = evenements.installer(jour, maintenant)
    dire("Les jours d'ouverture")
    il_y_a["ouverture"] = ouvertures.installer(random.Random(GRAINE), annee, jour, maintenant)
    if manquent := [chose for chose, installee in il_y_a.items() if not installee]:
        dire(f"À cette date de l'année, rien à montrer pour : {', '.join(manquent)}")

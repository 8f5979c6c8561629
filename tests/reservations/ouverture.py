"""Le décor des essais d'ouverture : un centre de loisirs, trois jours de vacances, des foyers inscrits."""

import datetime as dt

from reservations.actions import preparer_ouverture
from reservations.models import Ouverture
from tests import fabriques as f

LUNDI = dt.date(2026, 12, 21)
NEUF_HEURES = f.a_paris(2026, 12, 1, 9)
UNE_SECONDE = dt.timedelta(seconds=1)
AVANT = NEUF_HEURES - UNE_SECONDE
AVANT_LES_VOEUX = f.a_paris(2026, 11, 20)
PENDANT_LES_VOEUX = f.a_paris(2026, 11, 28)


class Decor:
    """Une activité, ses trois séances, une ouverture à venir ; ``foyer()`` en ajoute un, ses enfants inscrits."""

    def __init__(self, capacite=2, **champs):
        self.ecole = f.ecole()
        self.centre = f.activite(
            site=self.ecole, nom="Centre de loisirs", genre="vacances", jours=[0, 1, 2, 3, 4], capacite=capacite
        )
        self.seances = [f.seance(self.centre, LUNDI + dt.timedelta(days=n)) for n in range(3)]
        self.ouverture = self.ouvrir(**champs)

    def ouvrir(self, **champs):
        defauts = {
            "nom": "Vacances de Noël", "du": LUNDI, "au": LUNDI + dt.timedelta(days=4),
            "voeux_des": f.a_paris(2026, 11, 23, 9), "ouvre_le": NEUF_HEURES,
        }  # fmt: skip
        return preparer_ouverture(Ouverture(**defauts | champs), [self.centre], AVANT_LES_VOEUX)

    def foyer(self, *prenoms):
        """Un foyer de plus ; ``foyer.petits`` sont ses enfants, tous inscrits."""
        foyer = f.famille()
        foyer.petits = []
        for rang, prenom in enumerate(prenoms or ["Hugo"]):
            petit = f.enfant(foyer, prenom=prenom, ecole=self.ecole, date_naissance=dt.date(2016 + rang, 2, 7))
            f.inscription(petit, self.centre)
            foyer.petits.append(petit)
        return foyer

    def tout(self, foyer, jours=3):
        """Tous les enfants du foyer, à toutes les séances."""
        return {(e.pk, s.pk) for e in foyer.petits for s in self.seances[:jours]}

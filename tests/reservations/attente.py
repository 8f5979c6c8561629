"""Un accueil du soir complet, et des enfants de familles différentes qui voudraient y venir."""

import datetime as dt

from reservations.actions import attendre
from reservations.models import Reservation, files_d_attente
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
JEUDI = f.a_paris(2026, 9, 3, 18)


class Decor:
    """``seance`` a deux places le lundi 7 ; un jeudi à 18 h, une offre va jusqu'au lendemain 18 h."""

    def __init__(self, capacite=2, **activite):
        defauts = {"nom": "Accueil du soir", "genre": "soir", "place_liberee": "proposer", "capacite": capacite,
                   "heure_debut": dt.time(16), "heure_fin": dt.time(19)}  # fmt: skip
        self.site = f.ecole()
        self.soir = f.activite(site=self.site, **defauts | activite)
        self.seance = f.seance(self.soir, LUNDI)

    def enfants(self, combien):
        """Des enfants inscrits, chacun d'un foyer à lui."""
        petits = []
        for rang in range(combien):
            petit = f.enfant(f.famille(), prenom=f"Enfant{rang}", ecole=self.site)
            f.inscription(petit, self.soir)
            petits.append(petit)
        return petits

    def remplir(self):
        """Occupe toutes les places ; rend les enfants qui les ont."""
        occupants = self.enfants(self.soir.capacite)
        for petit in occupants:
            f.reservation(petit, self.seance)
        return occupants

    def foyer(self, petit):
        return petit.familles.order_by("rattachements__foyer").first()

    def compte(self, petit):
        return self.foyer(petit).adultes.get().compte

    def attendre(self, petit, minute=0):
        instant = JEUDI + dt.timedelta(minutes=minute)
        return attendre(self.foyer(petit), self.compte(petit), petit, self.seance, instant)

    def reservation(self, petit):
        return Reservation.objects.get(enfant=petit, seance=self.seance)

    def etat(self, petit):
        return self.reservation(petit).etat

    def file(self):
        return [r.enfant for r in files_d_attente([self.seance.pk]).get(self.seance.pk, [])]


def texte(courriel):
    """La partie texte, espaces insécables rendues ordinaires."""
    return courriel.get_body(("plain",)).get_content().replace("\u00a0", " ")

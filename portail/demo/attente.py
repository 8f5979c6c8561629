"""Les listes d'attente de la démonstration : une où Hugo est deuxième, et une place qui attend sa réponse."""

import datetime as dt

from familles.models import Enfant
from inscriptions.models import Activite, Inscription, PlaceLiberee
from reservations.actions import annuler, attendre
from reservations.models import Reservation, Seance

VOISINS = 3  # enfants qui n'ont rien ce soir-là, pour la file


def installer(jour, maintenant):
    """Deux soirs complets de l'école de Hugo, par les gestes mêmes des familles ; faux en vacances ou trop près."""
    hugo = Enfant.objects.get(prenom="Hugo", nom="LA STAR")
    Activite.objects.filter(genre__in=["soir", "mercredi"]).update(place_liberee=PlaceLiberee.PROPOSER)
    soirs = Seance.objects.reservables(maintenant + dt.timedelta(days=2)).filter(
        activite__site=hugo.ecole, activite__genre="soir", jour__gt=jour, jour__lte=jour + dt.timedelta(days=21)
    )
    soirs = soirs.avec_effectifs().filter(reservees__gt=0).exclude(
        reservations__in=Reservation.objects.reservees().filter(enfant=hugo)
    )
    soirs = [s for s in soirs.select_related("activite").order_by("jour") if len(_voisins(hugo, s)) >= VOISINS][:2]
    if len(soirs) < 2:
        return False
    for soir in soirs:
        soir.capacite = soir.reservees  # ces soirs-là seulement : les places d'un jour sont à lui
        soir.save(update_fields=["capacite"])
    deuxieme, offerte = soirs
    premier, troisieme, *_ = _voisins(hugo, deuxieme)
    for rang, enfant in enumerate([premier, hugo, troisieme]):
        _attendre(enfant, deuxieme, maintenant - dt.timedelta(hours=20 - rang))
    _attendre(hugo, offerte, maintenant - dt.timedelta(hours=26))
    _attendre(_voisins(hugo, offerte)[0], offerte, maintenant - dt.timedelta(hours=25))
    rendue = Reservation.objects.reservees().filter(seance=offerte).order_by("pk").first()
    annuler(rendue, None, "Annulée par téléphone", maintenant)
    return True


def _voisins(hugo, seance):
    """Les autres enfants inscrits qui n'ont rien ce soir-là, toujours dans le même ordre."""
    pris = Reservation.objects.filter(seance=seance).values("enfant")
    inscrits = Inscription.objects.valables(seance.jour, seance.jour).filter(activite=seance.activite)
    inscrits = inscrits.exclude(enfant__in=pris).exclude(enfant=hugo).exclude(famille=hugo.familles.first())
    return [i.enfant for i in inscrits.select_related("enfant").order_by("pk")[:VOISINS]]


def _attendre(enfant, seance, quand):
    famille = enfant.familles.first()
    compte = famille.adultes.exclude(compte=None).select_related("compte").order_by("pk").first()
    attendre(famille, compte and compte.compte, enfant, seance, quand)

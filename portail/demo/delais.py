"""Les règles de la démonstration : un délai de la semaine avec supplément, un minimum, des priorités."""

import datetime as dt
from decimal import Decimal

from facturation.models import Ajustement, Tarif
from inscriptions.actions import publier_reglement
from inscriptions.models import Activite
from inscriptions.regles import ANNULER, EN_SEMAINES, MAIRIE, OUVERTURE, OUVRES, RESERVER, SUPPLEMENT, Delai
from reservations.actions import changer_delais

JEUDI = 3


def installer(annee, maintenant):
    """Le règlement d'origine (version 1), puis les règles de chaque activité."""
    publier_reglement(None, maintenant)
    genres = {genre: list(Activite.objects.filter(genre=genre)) for genre in ("mercredi", "matin")}
    # Une école seulement : ailleurs, la famille qui essaie le portail coche et décoche comme elle veut.
    Activite.objects.filter(genre="soir", site__nom="Primaire de Limbre").update(semaine_min=2)
    for activite in genres["mercredi"]:
        activite.priorites, activite.par_classe = ["fratrie", "travail", "commune"], 8
        activite.save()
    # Le mercredi se réserve la semaine d'avant, avec un supplément ensuite ; il s'annule deux jours d'ouverture avant.
    changer_delais(genres["mercredi"], [
        (RESERVER, Delai(EN_SEMAINES, 1, jour_semaine=JEUDI, heure=dt.time(12), ensuite=SUPPLEMENT)),
        (ANNULER, Delai(nombre=2, decompte=OUVERTURE)),
    ], None, maintenant)  # fmt: skip
    # L'accueil du matin change de règle en janvier : le jour même d'abord, deux jours ouvrés ensuite.
    janvier = dt.date(annee.fin.year, 1, 1)
    changer_delais(genres["matin"], [
        (RESERVER, Delai(nombre=0, heure=dt.time(7), fin=janvier - dt.timedelta(days=1))),
        (RESERVER, Delai(nombre=2, decompte=OUVRES, heure=dt.time(12), ensuite=MAIRIE, debut=janvier)),
    ], None, maintenant)  # fmt: skip
    tarif = Tarif.objects.get(genre="mercredi")
    Ajustement.objects.create(tarif=tarif, cas="hors_delai", mode="montant", valeur=Decimal(2), ordre=9)

"""Deux mois facturés, en partie réglés, avec un avoir."""

import datetime as dt
from decimal import Decimal

from facturation.actions import emettre_avoir, encaisser, facturer

from facturation.models import Facture
from portail.models import Compte


def mois_passes(annee, jour):
    """Les premiers jours des deux derniers mois entiers de l'année scolaire avant ``jour``."""
    premier = jour.replace(day=1)
    avant = (premier - dt.timedelta(days=1)).replace(day=1)
    encore_avant = (avant - dt.timedelta(days=1)).replace(day=1)
    return [mois for mois in (encore_avant, avant) if mois >= annee.debut.replace(day=1)]


def installer(hasard, annee, jour, maintenant):
    """Facture par la même action que la mairie, puis encaisse les trois quarts."""
    regie = Compte.objects.get(email="regie@demo.fr")
    for mois in mois_passes(annee, jour):
        facturer(mois, regie, maintenant)
    for facture in Facture.objects.select_related("famille").order_by("pk"):
        if facture.total > 0 and hasard.random() < 0.75 and facture.famille.nom != "LA STAR":
            moyen = hasard.choice(["cheque", "virement", "prelevement", "especes"])
            encaisser(facture.famille, facture.total, moyen, regie, maintenant, facture=facture)
    celine = Facture.objects.filter(famille__nom="LA STAR").order_by("mois")
    if celine:
        encaisser(celine[0].famille, celine[0].total, "cheque", regie, maintenant, facture=celine[0])
        emettre_avoir(celine[0], Decimal("2.85"), "Repas du premier vendredi : sortie de classe.", regie, maintenant)

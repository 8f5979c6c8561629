"""Les codes comptables, fictifs comme les tarifs, et un premier export des écritures au journal."""

import datetime as dt

from facturation.actions import exporter
from facturation.models import Comptabilite, Facturation, Reglement
from inscriptions.models import Activite
from portail.models import Compte

PRODUITS = {Activite.Genre.MIDI: ("70-REPAS", "REST"), Activite.Genre.MERCREDI: ("70-LOISIRS", "MERC"),
            Activite.Genre.VACANCES: ("70-LOISIRS", "VAC")}  # fmt: skip
AUTRES = ("70-GARDE", "PERI")


def installer(jour, maintenant):
    """Les écritures du dernier mois complet, s'il y en a."""
    codes = Comptabilite.objects.create(tiers="41-FAMILLES", budget="DEMO")
    for genre in Activite.Genre.values:
        compte, analytique = PRODUITS.get(genre, AUTRES)
        codes.imputations.create(genre=genre, compte=compte, analytique=analytique)
    for moyen in Reglement.Moyen.values:
        caisse = moyen in Reglement.EN_CAISSE
        codes.tresoreries.create(moyen=moyen, compte="53-CAISSE" if caisse else "51-BANQUE")
    if Facturation.objects.exists():
        fin = jour.replace(day=1) - dt.timedelta(days=1)
        exporter("ecritures", "csv", fin.replace(day=1), fin, Compte.objects.get(email="regie@demo.fr"), maintenant)

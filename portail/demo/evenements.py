"""Une grève la semaine prochaine, appliquée : le bandeau, le planning fermé, les courriels."""

import datetime as dt

from commune.regles import lundi
from portail.models import Compte
from reservations.actions import appliquer
from reservations.models import Evenement, Seance

MESSAGE = "L'école accueille les enfants aux heures habituelles. Prévoyez un pique-nique ou venez les chercher à midi."


def installer(jour, maintenant):
    """Le jeudi de la semaine prochaine, ou le premier jour de restauration qui suit, à l'école de Hugo et Lina ; faux
    s'il n'y en a plus.
    """
    jeudi = lundi(jour) + dt.timedelta(days=10)
    midis = Seance.objects.filter(activite__genre="midi", activite__site__ordre=0, ouverte=True, jour__gte=jeudi)
    midi = midis.select_related("activite__site").order_by("jour").first()
    if midi is None:  # l'été
        return False
    equipe = Compte.objects.get(email="periscolaire@demo.fr")
    greve = Evenement.objects.create(
        nature="greve", libelle="Grève du personnel", message=MESSAGE, du=midi.jour, au=midi.jour,
        cree_le=maintenant, cree_par=equipe,
    )  # fmt: skip
    greve.sites.add(midi.activite.site)
    greve.activites.add(midi.activite)
    appliquer(greve, equipe, maintenant)
    return True

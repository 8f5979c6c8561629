"""L'aperçu d'un mois : calculé à l'instant dans une petite ville, par une tâche de fond dans une grande."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from procrastinate.contrib.django import app

from facturation.models import Prevision
from facturation.models.previsions import repere
from familles.models import Famille

from .apercu import apercu, comparer

TACHE_PREVISION = "facturation.prevoir"  # dans facturation.taches
TOUT_DE_SUITE = 300  # foyers : lus en une demi-seconde ; au-delà, la page n'attend pas
GARDE = dt.timedelta(days=7)


def se_calcule_ici():
    """Vrai si la ville est assez petite pour que la page calcule elle-même son aperçu."""
    return Famille.objects.count() <= TOUT_DE_SUITE


def prevoir(prevision, suivre=None):
    """Remplit cette ``Prevision`` (et la rend), sans l'enregistrer ; ``suivre(foyers)`` est appelé à chaque lot lu.

    Lève ``ValidationError`` (code ``sans_tarif``).
    """
    prevision.repere = repere()
    vu = apercu(prevision.mois, suivre=suivre)
    comparaison = comparer(vu)
    prevision.a_faire = prevision.faites = vu.foyers
    prevision.factures, prevision.total, prevision.sans_facture = vu.factures, vu.total, vu.sans_facture
    prevision.reportes, prevision.reporte = len(vu.reportes), vu.reporte
    prevision.mois_avant, prevision.factures_avant = comparaison.mois, comparaison.factures
    prevision.total_avant = comparaison.total
    prevision.activites = [
        [str(activite), actes, str(somme), None if avant is None else str(avant)]
        for activite, actes, somme, avant in comparaison.activites
    ]
    prevision.ecarts = [
        [e.foyer, None if e.avant is None else str(e.avant), str(e.maintenant), e.pourquoi] for e in comparaison.ecarts
    ]
    return prevision


@transaction.atomic
def demander_prevision(mois, compte, maintenant):
    """Confie l'aperçu de ce mois à une tâche de fond et rend la ``Prevision``.

    Celle qui n'a pas fini est reprise, et rendue telle quelle ; une autre remplace la précédente.
    """
    prevision = Prevision.objects.select_for_update().filter(mois=mois).first()
    if prevision is None or not prevision.court:
        valeurs = {"demandee_le": maintenant, "demandee_par": compte, "a_faire": Famille.objects.count()}
        Prevision.objects.filter(mois=mois).delete()
        prevision = Prevision.objects.create(mois=mois, **valeurs)
    app.configure_task(TACHE_PREVISION).defer(prevision=prevision.pk)
    return prevision


def calculer_prevision(cle, maintenant):
    """Calcule l'aperçu demandé (sa clé). Sans effet s'il est fini, ou remplacé. Un refus s'y écrit."""
    siennes = Prevision.objects.filter(pk=cle, terminee_le=None)
    prevision = siennes.first()
    if prevision is None:
        return
    try:
        prevoir(prevision, lambda lus: siennes.update(faites=lus))
    except ValidationError as refus:
        siennes.update(incident=" ".join(refus.messages)[:500])
        return
    prevision.terminee_le, prevision.incident = maintenant, ""
    with transaction.atomic():
        if siennes.select_for_update().exists():  # remplacé entre-temps : l'autre se calcule
            prevision.save(force_update=True)


def purger_previsions(maintenant):
    """Chaque nuit : les aperçus demandés depuis plus de sept jours. Rend leur nombre."""
    return Prevision.objects.filter(demandee_le__lt=maintenant - GARDE).delete()[0]

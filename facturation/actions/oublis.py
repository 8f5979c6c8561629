"""Facturer encore des jours d'un mois déjà émis : ils attendent la prochaine facture du foyer, une seule fois."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction

from facturation import regles
from facturation.models import Facturation, Report, budgets_des, jours_oublies
from inscriptions.models import Activite


@transaction.atomic
def refacturer(cles, depuis, avant):
    """Met les jours choisis (leurs ``Oubli.cle``) en attente de la prochaine facture, et rend les ``Report`` créés.

    De ``depuis`` à ``avant``, exclu, comme ``jours_oublies``. Une facture émise n'y change pas. Lève
    ``ValidationError`` (code ``rien``) s'il n'en reste aucun : un collègue vient de le faire, ou le jour n'est plus dû.
    """
    # Verrouillées d'abord, relus ensuite : un second clic attend, et trouve les reports du premier.
    passages = Facturation.objects.select_for_update(no_key=True).filter(mois__gte=depuis, mois__lt=avant)
    par_mois, groupes = {passage.mois: passage for passage in passages.order_by("pk")}, defaultdict(list)
    budgets = budgets_des(Activite.objects.in_bulk())
    for oubli in jours_oublies(depuis, avant):
        if oubli.cle in cles:
            fait = oubli.prestation.fait
            groupes[oubli.famille, oubli.mois, budgets.get(fait.activite)].append(oubli.prestation)
    if not groupes:
        raise ValidationError("Aucun de ces jours ne reste à facturer.", code="rien")
    return [
        Report.objects.create(
            famille_id=famille, mois=mois, budget_id=budget, facturation=par_mois[mois],
            montant=regles.total(prestations), activites=sorted({p.fait.activite for p in prestations}),
            actes=[[p.fait.enfant, p.fait.seance] for p in prestations],
        )
        for (famille, mois, budget), prestations in groupes.items()
    ]  # fmt: skip

"""Les tarifs : en préparer un nouveau sans toucher au passé."""

import datetime as dt
from copy import copy

from django.core.exceptions import ValidationError
from django.db import transaction

from facturation.models import Ajustement, Tarif, Tranche


@transaction.atomic
def reconduire(tarif, debut, nom, projet=False):
    """Copie une grille à partir de ``debut`` ; celle qui valait finit la veille, ou plus tôt si elle l'était déjà.

    Un ``projet`` ne touche à rien : il se compare ; adopté, il succède à celle qui valait. Rend le nouveau ``Tarif``.
    Lève ``ValidationError`` (codes ``dates``, ``chevauchement``).
    """
    tarif = Tarif.objects.select_for_update().get(pk=tarif.pk)
    tranches, ajustements = list(tarif.tranches.all()), list(tarif.ajustements.all())
    if not projet and not tarif.projet and debut <= tarif.debut:
        raise ValidationError("Le tarif suivant commence après celui-ci.", code="dates")
    if not projet:
        semblables = Tarif.objects.filter(genre=tarif.genre, activite=tarif.activite, debut__lt=debut)
        semblables.au(debut, debut).update(fin=debut - dt.timedelta(days=1))
    suivant = copy(tarif)
    suivant.pk, suivant.nom, suivant.debut, suivant.fin, suivant.projet = None, nom, debut, None, projet
    suivant._state.adding = True
    try:
        suivant.validate_constraints()
    except ValidationError as refus:
        raise ValidationError(refus.messages[0], code="chevauchement") from refus
    suivant.save()
    Tranche.objects.bulk_create(
        Tranche(tarif=suivant, jusqu_a=t.jusqu_a, prix=t.prix, combine=t.combine) for t in tranches
    )
    Ajustement.objects.bulk_create(
        Ajustement(tarif=suivant, cas=a.cas, rang=a.rang, mode=a.mode, valeur=a.valeur, ordre=a.ordre)
        for a in ajustements
    )
    return suivant

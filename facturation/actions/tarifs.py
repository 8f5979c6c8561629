"""Les tarifs : en préparer un nouveau sans toucher au passé."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from facturation.models import Ajustement, Tarif, Tranche


@transaction.atomic
def reconduire(tarif, debut, nom):
    """Copie une grille à partir de ``debut`` ; l'ancienne finit la veille, ou plus tôt si elle l'était déjà.

    Rend le nouveau ``Tarif``. Lève ``ValidationError`` (codes ``dates``, ``chevauchement``).
    """
    tarif = Tarif.objects.select_for_update().get(pk=tarif.pk)
    if debut <= tarif.debut:
        raise ValidationError("Le tarif suivant commence après celui-ci.", code="dates")
    veille = debut - dt.timedelta(days=1)
    if tarif.fin is None or tarif.fin > veille:
        tarif.fin = veille
        tarif.save(update_fields=["fin"])
    suivant = Tarif(nom=nom, genre=tarif.genre, activite=tarif.activite, debut=debut)
    try:
        suivant.validate_constraints()
    except ValidationError as refus:
        raise ValidationError(refus.messages[0], code="chevauchement") from refus
    suivant.save()
    Tranche.objects.bulk_create(Tranche(tarif=suivant, jusqu_a=t.jusqu_a, prix=t.prix) for t in tarif.tranches.all())
    Ajustement.objects.bulk_create(
        Ajustement(tarif=suivant, cas=a.cas, rang=a.rang, mode=a.mode, valeur=a.valeur, ordre=a.ordre)
        for a in tarif.ajustements.all()
    )
    return suivant

"""La garde partagée, saisie du jugement par la mairie."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from commune.regles import UN_JOUR

from ..models import Enfant, Garde, PeriodeDeGarde
from .courriels import ecrire_aux_foyers


@transaction.atomic
def regler_garde(enfant, partage, debut, acte, compte, maintenant):
    """Dit comment deux foyers se partagent cet enfant à partir du jour ``debut`` (date de Paris). Rend la ``Garde``.

    La garde d'avant finit la veille ; celles qui commençaient ce jour-là ou plus tard sont remplacées. Rien d'autre ne
    change : les échanges acceptés valent toujours, et ce qui est réservé reste à qui l'a réservé, jusqu'à ce que la
    mairie le passe à l'autre foyer (``suivre_la_garde``, à l'étage des réservations). Les deux foyers l'apprennent par
    courriel. Lève ``ValidationError`` : ``deux_foyers`` si l'enfant n'est pas de ces deux-là.
    """
    # Deux agents, l'un après l'autre ; sans bloquer qui ne fait que désigner l'enfant (un échange que l'on propose).
    enfant = Enfant.objects.select_for_update(no_key=True).get(pk=enfant.pk)
    foyers = set(enfant.rattachements.actuels().values_list("famille_id", flat=True))
    if foyers != {partage.foyer, partage.autre}:
        raise ValidationError("Une garde se partage entre les deux foyers actuels de l'enfant.", code="deux_foyers")
    _terminer(enfant, debut)
    garde = Garde.objects.create(
        enfant=enfant, foyer_id=partage.foyer, autre_id=partage.autre, semaines=partage.semaines,
        bascule=partage.bascule, vacances=partage.vacances, debut=debut, acte=acte, dite_par=compte, dite_le=maintenant,
    )  # fmt: skip
    PeriodeDeGarde.objects.bulk_create(PeriodeDeGarde(garde=garde, debut=du, fin=au) for du, au in partage.periodes)
    ecrire_aux_foyers("familles/courriels/garde", {foyer: {"dite": True} for foyer in foyers})
    return garde


@transaction.atomic
def terminer_garde(enfant, debut):
    """À partir du jour ``debut``, plus aucun partage n'est dit : chacun des deux foyers réserve comme il veut.

    Lève ``ValidationError`` : ``rien`` si aucune garde ne valait encore.
    """
    enfant = Enfant.objects.select_for_update(no_key=True).get(pk=enfant.pk)
    foyers = set(enfant.rattachements.actuels().values_list("famille_id", flat=True))
    if not _terminer(enfant, debut):
        raise ValidationError("Aucune garde ne valait plus à cette date.", code="rien")
    ecrire_aux_foyers("familles/courriels/garde", {foyer: {"dite": False} for foyer in foyers})


def _terminer(enfant, debut):
    """Rend le nombre de gardes finies ou remplacées."""
    siennes = Garde.objects.select_for_update().filter(enfant=enfant)
    plus_tard = list(siennes.filter(debut__gte=debut))
    Garde.objects.filter(pk__in=[garde.pk for garde in plus_tard]).delete()
    coupees = siennes.filter(Q(fin=None) | Q(fin__gte=debut), debut__lt=debut).update(fin=debut - UN_JOUR)
    return len(plus_tard) + coupees

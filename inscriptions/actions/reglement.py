"""Changer les règles de délai, et publier le règlement qui les dit."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from commune.actions import recalculer_les_limites
from commune.regles import jour_de_paris

from ..models import RegleDelai, VersionReglement, partout, reglement


@transaction.atomic
def poser_delais(activites, delais):
    """Remplace les règles de ces activités par ``delais`` : des ``(geste, regles.Delai)``.

    Les limites des séances ne bougent pas : c'est ``reservations.actions.changer_delais`` qui les recalcule. Lève
    ``ValidationError`` (``delais``) si deux règles d'un geste valent le même jour, ou si l'une n'a pas de sens.
    """
    nouvelles = [
        RegleDelai(
            activite=activite, geste=geste, debut=d.debut, fin=d.fin, forme=d.forme, nombre=d.nombre,
            decompte=d.decompte, jour_semaine=d.jour_semaine, heure=d.heure, ensuite=d.ensuite,
        )
        for activite in activites for geste, d in delais
    ]  # fmt: skip
    RegleDelai.objects.filter(activite__in=activites).delete()
    try:
        with transaction.atomic():
            RegleDelai.objects.bulk_create(nouvelles)
    except IntegrityError as erreur:
        for regle in nouvelles[: len(delais)]:
            regle.clean_fields()
        raise ValidationError(
            "Deux règles valent le même jour pour le même geste : séparez leurs dates.", code="delais"
        ) from erreur


@transaction.atomic
def publier_reglement(compte, maintenant):
    """Publie une nouvelle version du règlement si son texte a changé ; la rend, ou ``None``.

    Ce qui est fini ne compte pas : une règle qui s'éteint d'elle-même ne fait pas une version. Une version qui paraît
    recalcule les limites des séances à venir : jours, heures et activités y sont aussi dits.
    """
    with connection.cursor() as curseur:  # deux règles changées ensemble font deux versions, l'une après l'autre
        curseur.execute("LOCK TABLE inscriptions_versionreglement IN SHARE ROW EXCLUSIVE MODE")
    texte, commun, jour = reglement(), partout(), jour_de_paris(maintenant)
    derniere = VersionReglement.objects.order_by("-numero").first()
    if derniere and derniere.dit(texte, commun, jour):
        return None
    recalculer_les_limites()
    return VersionReglement.objects.create(
        numero=derniere.numero + 1 if derniere else 1, publiee_le=maintenant, publiee_par=compte, texte=texte,
        partout=commun,
    )  # fmt: skip

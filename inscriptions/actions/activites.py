"""Copier une activité, avec ses règles, vers d'autres écoles."""

from django.db import transaction

from ..models import Activite, Condition, RegleDelai
from .reglement import publier_reglement


@transaction.atomic
def copier_activite(activite, ecoles, compte, maintenant):
    """Copie l'activité, ses pièces et ses règles vers ces écoles ; les écoles accueillies en plus restent à choisir.

    Ce qu'elle exige ou exclut se retrouve par son nom dans l'école d'arrivée ; ce qui n'y existe pas ne se copie pas.
    """
    pieces, delais = list(activite.pieces.all()), list(activite.regles_delai.all())
    conditions = list(activite.conditions.select_related("autre"))
    copies = []
    for ecole in ecoles:
        copie = Activite.objects.get(pk=activite.pk)
        copie.pk, copie.site, copie._state.adding = None, ecole, True
        copie.save()
        copie.pieces.set(pieces)
        for regle in delais:
            regle.pk, regle.activite, regle._state.adding = None, copie, True
        RegleDelai.objects.bulk_create(delais)
        voisines = {a.nom: a for a in Activite.objects.filter(site=ecole).exclude(pk=copie.pk)}
        Condition.objects.bulk_create(
            Condition(activite=copie, sens=c.sens, autre=voisines[c.autre.nom])
            for c in conditions if c.autre.nom in voisines
        )  # fmt: skip
        copies.append(copie)
    publier_reglement(compte, maintenant)
    return copies

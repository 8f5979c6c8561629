"""Le règlement des réservations, relu des règles en cinq requêtes."""

from collections import defaultdict
from itertools import groupby

from commune.models import Commune
from familles.models import Enfant

from .. import regles
from .delais import Condition
from .tables import Activite


def reglement():
    """Le texte d'aujourd'hui : ``[{"site", "activites": [regles.article(…)]}]``, les sites dans leur ordre."""
    activites = (
        Activite.objects.actives().select_related("site").prefetch_related("regles_delai")
        .order_by("site__ordre", "site__nom", "site", "ordre", "heure_debut", "nom")
    )  # fmt: skip
    liees = defaultdict(list)
    for condition in Condition.objects.select_related("autre").order_by("autre__ordre", "autre__nom"):
        liees[condition.activite_id, condition.sens].append(condition.autre.nom)
    return [
        {"site": site.nom, "activites": [_article(activite, liees) for activite in siennes]}
        for site, siennes in groupby(activites, key=lambda a: a.site)
    ]


def partout():
    """Ce qui vaut aujourd'hui pour toutes les activités, relu de la base : la fiche en mémoire a jusqu'à une minute."""
    return regles.partout(Commune.objects.first() or Commune())


def _article(activite, liees):
    return regles.article(
        activite, activite.delais_pour(regles.RESERVER), activite.delais_pour(regles.ANNULER),
        liees[activite.pk, Condition.Sens.EXIGE], liees[activite.pk, Condition.Sens.EXCLUT],
        [nom for code, nom in Enfant.Classe.choices if code in activite.classes],
    )  # fmt: skip

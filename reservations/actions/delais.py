"""Changer les délais d'activités : dire d'abord qui est touché, puis recalculer les séances à venir."""

from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Count, Q

from commune.models import AnneeScolaire
from commune.regles import PARIS, jour_de_paris
from inscriptions.actions import poser_delais, publier_reglement
from inscriptions.models import VersionReglement

from ..models import Reservation, Seance
from .limites import Calculateur


@dataclass(frozen=True, slots=True)
class Effet:
    """Ce que change une règle : des nombres de séances à venir, et de réservations qui s'y trouvent."""

    seances: int = 0
    reservations: int = 0
    plus_annulables: int = 0  # réservations que leur famille pouvait encore annuler, et ne pourra plus
    de_nouveau_annulables: int = 0
    fermees: int = 0  # séances où l'on réservait encore, et où l'on ne réservera plus
    rouvertes: int = 0
    version: VersionReglement | None = None


def prevoir_delais(activites, delais, maintenant):
    """Ce que ferait :func:`changer_delais`, sans rien écrire."""
    return _effet(_plan(activites, delais, maintenant, Seance.objects), activites, maintenant)


@transaction.atomic
def changer_delais(activites, delais, compte, maintenant):
    """Donne à ces activités les règles ``delais`` (``[(geste, inscriptions.regles.Delai)]``), recalcule les séances
    qui n'ont pas commencé (y compris celles des années déjà ouvertes), publie le règlement. Rend l':class:`Effet`.

    Le nombre de requêtes ne dépend ni des séances ni des activités. Lève ``ValidationError`` (``delais``).
    """
    poser_delais(activites, delais)
    # Verrouillées dans l'ordre, comme le fait une famille qui réserve : elle lit l'ancienne limite ou la nouvelle.
    plan = _plan(activites, delais, maintenant, Seance.objects.select_for_update(no_key=True, of=("self",)))
    effet = _effet(plan, activites, maintenant)
    Seance.objects.poser_limites({pk: apres for pk, (_, apres) in plan.items()})
    version = publier_reglement(compte, maintenant)
    return replace(effet, version=version)


def _plan(activites, delais, maintenant, seances):
    """``{pk: (limites d'avant, limites d'après)}`` des séances à venir qui changent."""
    ici = maintenant.astimezone(PARIS)
    lues = (
        seances.filter(activite__in=activites)
        .filter(Q(jour__gt=ici.date()) | Q(jour=ici.date(), activite__heure_debut__gt=ici.time()))
        .order_by("pk").values_list(
            "pk", "activite", "jour", "limite_reservation", "limite_annulation", "apres_limite"
        )
    )  # fmt: skip
    calcul = Calculateur(AnneeScolaire.objects.filter(fin__gte=ici.date()).order_by("debut"), activites, delais)
    plan = {}
    for pk, activite, jour, *avant in lues:
        apres = calcul.limites(calcul.activites[activite], jour)
        if tuple(avant) != apres:
            plan[pk] = (tuple(avant), apres)
    return plan


def _effet(plan, activites, maintenant):
    """Compte ce qui change vraiment pour une famille, à cet instant."""
    a_venir = Reservation.objects.reservees().filter(
        seance__activite__in=activites, seance__jour__gte=jour_de_paris(maintenant)
    )
    nombres = a_venir.order_by().values_list("seance").annotate(n=Count("pk"))
    reservees = {pk: n for pk, n in nombres if pk in plan}
    plus, nouveau, fermees, rouvertes = 0, 0, 0, 0
    for pk, (avant, apres) in plan.items():
        annulable = maintenant < avant[1], maintenant < apres.annulation
        plus += reservees.get(pk, 0) * (annulable == (True, False))
        nouveau += reservees.get(pk, 0) * (annulable == (False, True))
        ouverte = (
            maintenant < avant[0] or avant[2] == "supplement",
            maintenant < apres.reservation or apres.apres == "supplement",
        )
        fermees += ouverte == (True, False)
        rouvertes += ouverte == (False, True)
    return Effet(len(plan), sum(reservees.values()), plus, nouveau, fermees, rouvertes)

"""Changer les délais d'activités : dire d'abord qui est touché, puis recalculer les séances à venir."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q

from commune.models import AnneeScolaire
from commune.regles import PARIS, jour_de_paris
from inscriptions.actions import poser_delais, publier_reglement
from inscriptions.models import VersionReglement
from inscriptions.regles import SUPPLEMENT

from .. import regles
from ..models import Reservation, Seance
from .limites import Calculateur


class Change(NamedTuple):
    """Une séance dont les limites changent."""

    activite: int
    jour: dt.date
    avant: regles.Limites
    apres: regles.Limites


@dataclass(slots=True)
class Touchees:
    """Ce qui change d'une activité : ses séances à venir, de la première à la dernière, et leurs réservations."""

    activite: object
    seances: int = 0
    reservations: int = 0
    du: dt.date = dt.date.max
    au: dt.date = dt.date.min


@dataclass(frozen=True, slots=True)
class Effet:
    """Ce que change une règle : des nombres de séances à venir, et de réservations qui s'y trouvent."""

    seances: int = 0
    reservations: int = 0
    plus_annulables: int = 0  # réservations que leur famille pouvait encore annuler, et ne pourra plus
    de_nouveau_annulables: int = 0
    fermees: int = 0  # séances où l'on réservait encore, et où l'on ne réservera plus
    rouvertes: int = 0
    par_activite: list = field(default_factory=list)  # des Touchees, dans l'ordre des activités changées
    version: VersionReglement | None = None


def prevoir_delais(activites, delais, maintenant):
    """Ce que ferait :func:`changer_delais`, sans rien écrire."""
    seances = Seance.objects.filter(activite__in=activites)
    return _effet(_plan(seances, maintenant, activites, delais), activites, maintenant)


@transaction.atomic
def changer_delais(activites, delais, compte, maintenant):
    """Donne à ces activités les règles ``delais`` (``[(geste, inscriptions.regles.Delai)]``), recalcule les séances
    qui n'ont pas commencé (y compris celles des années déjà ouvertes), publie le règlement. Rend l':class:`Effet`.

    Le nombre de requêtes ne dépend ni des séances ni des activités. Lève ``ValidationError`` (``delais``).
    """
    poser_delais(activites, delais)
    # Verrouillées dans l'ordre, comme le fait une famille qui réserve : elle lit l'ancienne limite ou la nouvelle.
    plan = _plan(_verrouillees().filter(activite__in=activites), maintenant, activites, delais)
    effet = _effet(plan, activites, maintenant)
    _poser(plan)
    version = publier_reglement(compte, maintenant)
    return replace(effet, version=version)


@transaction.atomic
def recalculer(maintenant):
    """Remet les limites des séances qui n'ont pas commencé à ce que disent aujourd'hui les règles, le calendrier et les
    jours des activités ; rend combien ont changé. Relancée, elle ne trouve rien à faire.
    """
    changees = _plan(Seance.objects.all(), maintenant)
    plan = _plan(_verrouillees().filter(pk__in=changees), maintenant) if changees else {}
    _poser(plan)
    return len(plan)


def _verrouillees():
    return Seance.objects.select_for_update(no_key=True, of=("self",))


def _poser(plan):
    Seance.objects.poser_limites({pk: change.apres for pk, change in plan.items()})


def _plan(seances, maintenant, changees=(), delais=()):
    """``{pk: Change}`` de celles de ces ``seances`` à venir qui changent, si les activités
    ``changees`` ont ces ``delais``.
    """
    ici = maintenant.astimezone(PARIS)
    lues = (
        seances
        .filter(Q(jour__gt=ici.date()) | Q(jour=ici.date(), activite__heure_debut__gt=ici.time()))
        .order_by("pk").values_list(
            "pk", "activite", "jour", "limite_reservation", "limite_annulation", "apres_limite"
        )
    )  # fmt: skip
    calcul = Calculateur(AnneeScolaire.objects.filter(fin__gte=ici.date()).order_by("debut"), changees, delais)
    plan = {}
    for pk, activite, jour, *avant in lues:
        apres = calcul.limites(calcul.activites[activite], jour)
        if avant != list(apres):
            plan[pk] = Change(activite, jour, regles.Limites(*avant), apres)
    return plan


def _effet(plan, activites, maintenant):
    """Compte ce qui change vraiment pour une famille, à cet instant."""
    a_venir = Reservation.objects.reservees().filter(
        seance__activite__in=activites, seance__jour__gte=jour_de_paris(maintenant)
    )
    nombres = a_venir.order_by().values_list("seance").annotate(n=Count("pk"))
    reservees = {pk: n for pk, n in nombres if pk in plan}
    plus, nouveau, fermees, rouvertes = 0, 0, 0, 0
    touchees = {activite.pk: Touchees(activite) for activite in activites}
    for pk, (activite, jour, avant, apres) in plan.items():
        annulable = maintenant < avant.annulation, maintenant < apres.annulation
        plus += reservees.get(pk, 0) * (annulable == (True, False))
        nouveau += reservees.get(pk, 0) * (annulable == (False, True))
        ouverte = (
            maintenant < avant.reservation or avant.apres == SUPPLEMENT,
            maintenant < apres.reservation or apres.apres == SUPPLEMENT,
        )
        fermees += ouverte == (True, False)
        rouvertes += ouverte == (False, True)
        sienne = touchees[activite]
        sienne.seances += 1
        sienne.reservations += reservees.get(pk, 0)
        sienne.du, sienne.au = min(sienne.du, jour), max(sienne.au, jour)
    par_activite = [sienne for sienne in touchees.values() if sienne.seances]
    return Effet(len(plan), sum(reservees.values()), plus, nouveau, fermees, rouvertes, par_activite)

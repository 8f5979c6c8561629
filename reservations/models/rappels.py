"""Lire, pour toutes les familles d'un coup, qui a oublié de réserver et ce que résume le dimanche."""

import datetime as dt
from collections import defaultdict

from django.contrib.auth import get_user_model
from django.db.models import Exists, Min, OuterRef, Q
from django.db.models.functions import TruncWeek

from commune.regles import jour_de_paris
from commune.regles import lundi as lundi_de
from familles.models import garde_des
from inscriptions.models import Inscription

from .. import regles
from .preferences import Preferences, RappelEnvoye
from .tables import Reservation, Seance

HORIZON = dt.timedelta(days=70)  # la limite la plus lointaine qu'une commune écrit : 60 jours
PASSE = dt.timedelta(days=140)  # de quoi retrouver quatre semaines d'école de l'autre côté de l'été
SIX_JOURS = dt.timedelta(days=6)


def limites_des_semaines(maintenant):
    """Pour chaque activité et chaque semaine à venir où il reste de la place, sa prochaine limite de réservation."""
    jour = jour_de_paris(maintenant)
    lignes = (
        Seance.objects.reservables(maintenant).avec_une_place().du(jour, jour + HORIZON)
        .order_by().values("activite", semaine=TruncWeek("jour")).annotate(limite=Min("limite_reservation"))
    )  # fmt: skip
    return [regles.SemaineARappeler(li["activite"], li["semaine"], li["limite"]) for li in lignes]


def oublis(semaines):
    """Les enfants qui n'ont rien réservé d'une semaine qu'ils réservent d'habitude : ``{(foyer, lundi): [Enfant]}``.

    ``semaines`` : des :class:`regles.SemaineARappeler`. Six requêtes par semaine distincte, quel que soit le nombre
    de familles.
    """
    par_lundi = defaultdict(list)
    for semaine in semaines:
        par_lundi[semaine.lundi].append(semaine.activite)
    resultat = defaultdict(list)
    for lundi, activites in par_lundi.items():
        for inscription in _sans_reservation(lundi, activites):
            resultat[inscription.famille_id, lundi].append(inscription.enfant)
    return dict(resultat)


def _sans_reservation(lundi, activites):
    """Une inscription par enfant et par foyer : ceux qui d'habitude réservent, et cette semaine-là n'ont rien."""
    depuis, fin = lundi - PASSE, lundi + SIX_JOURS
    candidates = _inscriptions_sans_rien(lundi, fin, activites)
    garde = garde_des({i.enfant_id for i in candidates}, depuis, fin)
    ouverts = _jours_ouverts(activites, depuis, fin)
    reservees = _semaines_reservees({i.enfant_id for i in candidates}, depuis, lundi - dt.timedelta(days=1))
    retenues = {}
    for i in candidates:
        cle = i.enfant_id, i.famille_id
        # D'une garde partagée, seules comptent les semaines où l'enfant est ici.
        ouvertes = {lundi_de(jour) for jour in ouverts[i.activite_id] if garde.a_nous(*cle, jour)}
        if lundi in ouvertes and regles.est_habituelle(reservees[cle], ouvertes - {lundi}):
            retenues.setdefault(cle, i)
    return list(retenues.values())


def _inscriptions_sans_rien(lundi, fin, activites):
    """Les inscriptions de la semaine, sans les enfants qui y ont quelque chose, fût-ce à une autre activité."""
    # Deux questions simples : en une seule (« n'existe pas »), un PostgreSQL sans statistiques y passait des minutes.
    prises = set(
        Reservation.objects.exclude(etat=Reservation.Etat.ANNULEE).filter(seance__jour__range=(lundi, fin))
        .order_by().values_list("enfant", flat=True).distinct()
    )  # fmt: skip
    inscriptions = (
        Inscription.objects.valables(lundi, fin).filter(activite__in=activites, famille__suspendue_le=None)
        .select_related("enfant").order_by("enfant__date_naissance", "enfant", "famille", "pk")
    )  # fmt: skip
    return [i for i in inscriptions if i.enfant_id not in prises]


def _jours_ouverts(activites, debut, fin):
    """``{activité: [jour]}``."""
    ouverts = defaultdict(list)
    seances = Seance.objects.filter(ouverte=True, activite__in=activites).du(debut, fin).order_by()
    for activite, jour in seances.values_list("activite", "jour"):
        ouverts[activite].append(jour)
    return ouverts


def _semaines_reservees(enfants, debut, fin):
    """``{(enfant, foyer): {lundi}}`` : les semaines où ce foyer leur a réservé quelque chose."""
    reservees = defaultdict(set)
    siennes = Reservation.objects.reservees().filter(enfant__in=enfants, seance__jour__range=(debut, fin)).order_by()
    for enfant, famille, lundi in siennes.values_list("enfant", "famille", TruncWeek("seance__jour")).distinct():
        reservees[enfant, famille].add(lundi)
    return reservees


def a_prevenir(foyers, lundi, genre):
    """Les comptes de ces foyers qui veulent ce rappel et ne l'ont pas encore eu : ``[(compte, foyer)]``."""
    comptes = get_user_model().objects
    veut = {
        RappelEnvoye.Genre.LIMITE: ~Exists(Preferences.objects.filter(compte=OuterRef("pk"), rappel_limite=False)),
        RappelEnvoye.Genre.DIMANCHE: Exists(Preferences.objects.filter(compte=OuterRef("pk"), resume_dimanche=True)),
    }[genre]
    deja = RappelEnvoye.objects.filter(compte=OuterRef("pk"), genre=genre, semaine=lundi)
    filtre = Q(adulte__fin=None, adulte__famille__isnull=False)
    if foyers is not None:
        filtre &= Q(adulte__famille__in=foyers)
    voulus = comptes.filter(filtre, veut, ~Exists(deja), is_active=True).select_related("adulte").order_by("pk")
    return [(compte, compte.adulte.famille_id) for compte in voulus]


def semaines_des_foyers(foyers, lundi):
    """Ce que chaque foyer a réservé d'une semaine : ``{foyer: [Reservation]}``, dans l'ordre où on le lit."""
    resultat = defaultdict(list)
    for reservation in (
        Reservation.objects.reservees()
        .filter(famille__in=foyers, seance__ouverte=True, seance__jour__range=(lundi, lundi + SIX_JOURS))
        .select_related("enfant", "seance__activite")
        .order_by("enfant__date_naissance", "enfant", "seance__jour", "seance__activite__heure_debut")
    ):
        resultat[reservation.famille_id].append(reservation)
    return resultat


def inscrits_des_foyers(foyers, lundi):
    """Les enfants de ces foyers à qui une séance ouvre cette semaine-là : ``{foyer: [Enfant]}``, l'aîné d'abord."""
    ouvre = Seance.objects.filter(
        activite=OuterRef("activite"), ouverte=True, jour__range=(lundi, lundi + SIX_JOURS),
        jour__gte=OuterRef("debut"), jour__lte=OuterRef("fin"),
    )  # fmt: skip
    resultat = defaultdict(list)
    for i in (
        Inscription.objects.valables(lundi, lundi + SIX_JOURS).filter(Exists(ouvre), famille__in=foyers)
        .select_related("enfant").order_by("enfant__date_naissance", "enfant", "pk")
    ):  # fmt: skip
        if i.enfant not in resultat[i.famille_id]:
            resultat[i.famille_id].append(i.enfant)
    return resultat

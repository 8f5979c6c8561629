"""Ce que l'agenda d'un foyer montre : ce qui est réservé, et ce qu'il reste à réserver."""

import datetime as dt

from django.db.models import Exists, F, OuterRef

from inscriptions.models import Inscription

from .tables import Reservation, Seance

AVANT, APRES = dt.timedelta(days=31), dt.timedelta(days=400)
A_RESERVER = dt.timedelta(days=28)  # au-delà, les limites encombreraient l'agenda


def reservations_de_l_agenda(compte, jour):
    """Les réservations du foyer de ce compte, d'un mois avant ``jour`` à la fin de l'année."""
    return (
        Reservation.objects.du_compte(compte).reservees()
        .filter(seance__ouverte=True, seance__jour__range=(jour - AVANT, jour + APRES))
        .select_related("enfant", "seance__activite__site").order_by("seance__jour", "pk")
    )  # fmt: skip


def a_reserver(compte, jour, maintenant):
    """Les séances des quatre semaines qui viennent, ni complètes ni réservées pour un enfant inscrit : chacune avec son
    ``prenom``, sa clé ``enfant`` et celle du foyer, ``famille``.
    """
    inscrit = "activite__inscriptions"
    prise = Reservation.objects.exclude(etat=Reservation.Etat.ANNULEE).filter(
        seance=OuterRef("pk"), enfant=OuterRef(f"{inscrit}__enfant")
    )
    return (
        Seance.objects.reservables(maintenant).avec_une_place().du(jour, jour + A_RESERVER)
        .filter(
            ~Exists(prise),
            **{
                f"{inscrit}__etat": Inscription.Etat.VALIDEE,
                f"{inscrit}__famille__adultes__compte": compte,
                f"{inscrit}__famille__adultes__fin": None,
                f"{inscrit}__famille__suspendue_le": None,
                f"{inscrit}__debut__lte": F("jour"),
                f"{inscrit}__fin__gte": F("jour"),
            },
        )
        .annotate(
            prenom=F(f"{inscrit}__enfant__prenom"), enfant=F(f"{inscrit}__enfant"), famille=F(f"{inscrit}__famille")
        )
        .select_related("activite")
        .order_by("limite_reservation", "jour", "activite__ordre", "pk")
    )  # fmt: skip

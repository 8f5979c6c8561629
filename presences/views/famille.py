"""Ce que la famille voit du pointage : « Présent », sur les jours passés de son planning."""

import datetime as dt

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.regles import jour_de_paris, lire_numero, lundi
from reservations.models import Reservation
from reservations.views.foyer import jour_demande

from ..models import Pointage

SIX_JOURS = dt.timedelta(days=6)


@require_safe
def famille(request):
    """Les réservations de la semaine où un agent a vu l'enfant. Avec htmx, le planning les montre dans ses cases ; sans
    lui, une page les dit.

    Seules les réservations de ce foyer se disent : la journée chez l'autre foyer ne le regarde pas.
    """
    debut = lundi(jour_demande(request, jour_de_paris(timezone.now())))
    siennes = Reservation.objects.reservees().du_compte(request.user).filter(
        seance__jour__range=(debut, debut + SIX_JOURS)
    )
    if enfant := lire_numero(request.GET.get("enfant")):
        siennes = siennes.filter(enfant=enfant)
    siennes = list(
        siennes.select_related("enfant", "seance__activite").order_by("seance__jour", "seance__activite__ordre", "pk")
    )
    vus = set(
        Pointage.objects.presents().filter(
            enfant__in={r.enfant_id for r in siennes}, seance__in={r.seance_id for r in siennes}
        ).values_list("enfant", "seance")
    )  # fmt: skip
    presents = [r for r in siennes if (r.enfant_id, r.seance_id) in vus]
    gabarit = "presences/cases.html" if request.htmx else "presences/semaine.html"
    return render(request, gabarit, {"presents": presents, "debut": debut, "fin": debut + SIX_JOURS})

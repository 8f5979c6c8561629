"""Ce que la famille voit du pointage : « Présent », sur les jours passés de son planning."""

import datetime as dt

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.regles import jour_de_paris, lundi
from reservations.models import Reservation
from reservations.views.foyer import jour_demande

from ..models import Pointage


@require_safe
def famille(request):
    """Les cases de la semaine où un agent a vu l'enfant, pour htmx : le planning les montre sur place.

    Seules les réservations de ce foyer se disent : la journée chez l'autre foyer ne le regarde pas.
    """
    debut = lundi(jour_demande(request, jour_de_paris(timezone.now())))
    siennes = Reservation.objects.reservees().du_compte(request.user).filter(
        seance__jour__range=(debut, debut + dt.timedelta(days=6))
    )
    if request.GET.get("enfant", "").isdecimal():
        siennes = siennes.filter(enfant=request.GET["enfant"][:18])
    cases = set(siennes.values_list("enfant", "seance"))
    vus = Pointage.objects.presents().filter(
        enfant__in={enfant for enfant, _ in cases}, seance__in={seance for _, seance in cases}
    )
    presents = sorted(cases.intersection(vus.values_list("enfant", "seance")))
    return render(request, "presences/famille.html", {"presents": [f"{e}-{s}" for e, s in presents]})

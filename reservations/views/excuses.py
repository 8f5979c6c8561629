"""Excuser par écrit une absence que l'on ne peut plus annuler."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.fichiers import servir

from .. import regles
from ..actions import excusable_jusqu_a, verifier_excuse
from ..forms import ExcuseForm
from ..models import Excuse, Reservation


def excuser(request, pk):
    """La page d'une absence : le formulaire d'excuse, ou l'excuse envoyée et la réponse de la mairie."""
    reservation = get_object_or_404(
        Reservation.objects.du_compte(request.user).select_related("enfant", "famille", "seance__activite", "excuse"),
        pk=pk,
    )
    excuse, maintenant = getattr(reservation, "excuse", None), timezone.now()
    form = ExcuseForm(request.POST or None, request.FILES or None, reservation=reservation, compte=request.user)
    if request.method == "POST" and not excuse and form.is_valid():
        try:
            form.save(maintenant)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre excuse est envoyée à la mairie, qui vous répondra par courriel.")
            return redirect(_planning(reservation))
    contexte = {
        "reservation": reservation, "enfant": reservation.enfant, "excuse": excuse, "form": form,
        "jour": regles.date_dite(reservation.seance.jour), "retour": _planning(reservation),
        "empeche": "" if excuse else _empechement(reservation, maintenant),
        "jusqu_a": regles.phrase_limite(excusable_jusqu_a(reservation.seance), maintenant),
    }  # fmt: skip
    return render(request, "reservations/excuse.html", contexte)


def _empechement(reservation, maintenant):
    """Pourquoi cette absence ne s'excuse pas, ou plus ; vide si elle s'excuse."""
    try:
        verifier_excuse(reservation, maintenant)
    except ValidationError as refus:
        return refus.message
    return ""


@require_safe
def justificatif(request, pk):
    """Le justificatif que la famille a joint à son excuse."""
    excuse = get_object_or_404(Excuse.objects.du_compte(request.user), reservation=pk)
    return servir(excuse.fichier, f"justificatif-{excuse.envoyee_le:%Y-%m-%d}")


def _planning(reservation):
    adresse = reverse("reservations:planning_enfant", args=[reservation.enfant_id])
    return f"{adresse}?jour={reservation.seance.jour}"

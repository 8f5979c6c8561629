"""Excuser par écrit une absence que l'on ne peut plus annuler, et y joindre un certificat."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.fichiers import servir

from .. import regles
from ..actions import certifiable_jusqu_a, excusable_jusqu_a, verifier_excuse
from ..forms import CertificatForm, ExcuseForm
from ..models import Excuse, Reservation


def excuser(request, pk):
    """La page d'une absence : de quoi l'excuser, ou l'excuse envoyée, son certificat et la réponse de la mairie."""
    reservation = get_object_or_404(
        Reservation.objects.du_compte(request.user).select_related("enfant", "famille", "seance__activite", "excuse"),
        pk=pk,
    )
    excuse, maintenant = getattr(reservation, "excuse", None), timezone.now()
    if excuse:
        return _joindre(request, excuse, maintenant)
    form = ExcuseForm(request.POST or None, request.FILES or None, reservation=reservation, compte=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            form.save(maintenant)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre excuse est envoyée à la mairie, qui vous répondra par courriel.")
            return redirect(_planning(reservation))
    empeche = _empechement(reservation, maintenant)
    jusqu_a = regles.phrase_limite(excusable_jusqu_a(reservation.seance), maintenant)
    return _page(request, reservation, form=form, empeche=empeche, jusqu_a=jusqu_a)


def _joindre(request, excuse, maintenant):
    """L'excuse envoyée ; tant qu'elle n'a pas de justificatif, le formulaire qui le joint."""
    # Le second clic d'une première excuse arrive ici sans « joindre » : il la montre, et rien d'autre.
    envoi = (request.POST, request.FILES) if "joindre" in request.POST else ()
    form = CertificatForm(*envoi, excuse=excuse, maintenant=maintenant)
    if form.is_valid():
        try:
            form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre certificat est joint à l'excuse : la mairie le lit avec elle.")
            return redirect("reservations:excuser", excuse.reservation_id)
    jusqu_a = regles.phrase_limite(certifiable_jusqu_a(excuse.reservation.seance), maintenant)
    return _page(request, excuse.reservation, excuse=excuse, form=form, jusqu_a=jusqu_a)


def _page(request, reservation, **suite):
    contexte = {
        "reservation": reservation, "enfant": reservation.enfant, "retour": _planning(reservation),
        "jour": regles.date_dite(reservation.seance.jour),
    }  # fmt: skip
    return render(request, "reservations/excuse.html", contexte | suite)


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

"""La liste d'attente d'une séance : qui attend, dans quel ordre, ce qui fut proposé ; et une place donnée à la main."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from .. import regles
from ..forms import DonForm
from ..models import Mouvement, Reservation, files_d_attente


def liste_d_attente(seances, request, pk):
    """La page de la liste ; ``seances`` est la page d'administration des séances, qui dit les droits."""
    if not seances.has_view_permission(request):
        raise PermissionDenied
    seance = get_object_or_404(seances.get_queryset(request), pk=pk)
    peut, maintenant = request.user.has_perm("reservations.change_reservation"), timezone.now()
    if request.method == "POST" and not peut:
        raise PermissionDenied
    form = DonForm(request.POST or None, seance=seance, compte=request.user)
    if form.is_valid():
        try:
            donnee = form.save(maintenant)
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"{donnee.enfant} a sa place. La famille est prévenue par courriel.")
            return redirect("admin:reservations_seance_attente", pk)
    contexte = {
        **seances.admin_site.each_context(request), "title": "Liste d'attente", "opts": seances.opts,
        "seance": seance, "jour": regles.date_dite(seance.jour, annee=True), "form": form, "peut": peut,
        "file": files_d_attente([pk]).get(pk, []), "proposees": _proposees(seance, maintenant),
        "offres": _offres_passees(seance),
        "limite": regles.phrase_limite(seance.limite_reservation, maintenant),
        "passee": maintenant >= seance.limite_reservation,
    }  # fmt: skip
    return render(request, "reservations/admin/attente.html", contexte)


def _proposees(seance, maintenant):
    lignes = Reservation.objects.proposees().filter(seance=seance).select_related("enfant", "famille")
    return [
        (ligne, regles.phrase_limite(ligne.offre_jusqu_a, maintenant)) for ligne in lignes.order_by("offre_jusqu_a")
    ]


def _offres_passees(seance):
    """Les lignes du journal où une place fut proposée, donnée, prise ou laissée, la plus récente d'abord."""
    etats = [Reservation.Etat.PROPOSEE, Reservation.Etat.ATTENTE]
    return (
        Mouvement.objects.filter(reservation__seance=seance)
        .filter(Q(avant__in=etats) | Q(apres__in=etats))
        .select_related("reservation__enfant", "compte").order_by("-instant", "-pk")[:50]
    )

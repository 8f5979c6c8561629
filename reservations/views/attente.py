"""La liste d'attente d'une case, et la réponse à une place proposée, avec ou sans connexion."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from .. import regles
from ..forms import AttenteForm, OffreForm
from ..models import Reservation, Seance, lire, offre_du_jeton, reponse_a
from .foyer import foyer_de

FILE_MONTREE = 12  # au-delà, les points de la file ne se comptent plus à l'œil


def attente(request, enfant, seance):
    """Où en est la liste d'une séance pour un enfant ; un POST y entre, en sort, ou répond à une offre."""
    foyer, maintenant = foyer_de(request, enfant), timezone.now()
    seance = get_object_or_404(Seance.objects.select_related("activite"), pk=seance)
    case = _case(foyer, seance)
    siennes = Reservation.objects.filter(famille=foyer.famille)
    form = AttenteForm(
        request.POST or None, foyer=foyer, compte=request.user, seance=seance,
        reservation=siennes.filter(pk=case.reservation).first(),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, form.save(maintenant))
            return redirect(request.path)
        except ValidationError as refus:
            form.add_error(None, refus)
            case = _case(foyer, seance)  # elle a changé depuis que la page fut lue
    contexte = _contexte(foyer, seance, case, maintenant) | {"form": form}
    return render(request, "reservations/attente.html", contexte)


def _case(foyer, seance):
    """La case de cet enfant, ou ``Http404`` : une séance où il n'est ni inscrit ni attendu n'est pas la sienne."""
    [lecture] = lire([foyer.enfant], foyer.famille, seance.jour, seance.jour)
    for case in lecture.cases:
        if case.seance == seance.pk:
            return case
    raise Http404


def _contexte(foyer, seance, case, maintenant):
    faits = case.faits
    etat = regles.statut(faits, maintenant)
    combien = Reservation.objects.en_attente().filter(seance=seance).count()
    return {
        "enfant": foyer.enfant, "seance": seance, "etat": etat, "faits": faits,
        "jour": regles.date_dite(seance.jour), "combien": combien,
        "ouverte": regles.peut_attendre(faits, maintenant),
        "rang": regles.rang_dit(faits.rang) if faits.rang else "",
        "limite": regles.phrase_limite(seance.limite_reservation, maintenant),
        "offre": regles.phrase_limite(faits.offre_jusqu_a, maintenant) if faits.offre_jusqu_a else "",
        "donnee": seance.activite.place_liberee == "donner",
        "file": range(1, min(combien, FILE_MONTREE) + 1), "de_plus": max(combien - FILE_MONTREE, 0),
        "empeche": _empechement(faits, maintenant),
        "retour": f"{reverse('reservations:planning_enfant', args=[foyer.enfant.pk])}?jour={seance.jour}",
    }  # fmt: skip


def _empechement(faits, maintenant):
    """Pourquoi il n'y a rien à attendre : réservé, libre, ou ce qui empêche de réserver."""
    if faits.etat == Reservation.Etat.RESERVEE and faits.chez_nous:
        return f"{faits.enfant} a sa place ce jour-là."
    code = regles.refus(faits, True, maintenant)
    return regles.phrase_refus(code, faits, maintenant) if code else "Il reste une place : réservez-la sur le planning."


# --- Le lien d'un courriel ----------------------------------------------------------------------------------------
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def place(request, jeton):
    """Répondre à une offre sans se connecter. Lire la page ne répond pas : des logiciels de courrier ouvrent les
    liens d'eux-mêmes. On n'y apprend que le prénom, l'activité et le jour.
    """
    maintenant = timezone.now()
    offre = offre_du_jeton(jeton)
    if not offre:
        return render(request, "reservations/place_finie.html", {"sort": "faux"}, status=410)
    form = OffreForm(request.POST or None, offre=offre, compte=_le_sien(request, offre))
    if request.method == "POST" and form.is_valid():
        try:
            form.save(maintenant)
            return redirect(request.path)
        except ValidationError as refus:
            if refus.code not in ("deja", "expiree"):  # ceux-là, la page les dit d'elle-même
                form.add_error(None, refus)
    sort = _sort(offre, maintenant)
    reservation = offre.reservation
    contexte = {
        "form": form, "sort": sort, "prenom": reservation.enfant.prenom, "activite": reservation.seance.activite,
        "jour": regles.date_dite(reservation.seance.jour),
    }  # fmt: skip
    if sort:
        return render(request, "reservations/place_finie.html", contexte, status=200 if sort == "acceptee" else 410)
    contexte["limite"] = regles.phrase_limite(reservation.offre_jusqu_a, maintenant)
    return render(request, "reservations/place.html", contexte)


def _le_sien(request, offre):
    """Le compte connecté, s'il est de ce foyer : le journal dira lequel des parents a répondu."""
    compte = request.user
    siennes = compte.is_authenticated and Reservation.objects.du_compte(compte).filter(pk=offre.reservation_id)
    return compte if siennes and siennes.exists() else None


def _sort(offre, maintenant):
    """Ce que l'offre est devenue : ``acceptee``, ``annulee`` depuis, ``laissee``, ``expiree``, ``retiree`` ; « » tant
    qu'elle attend une réponse.
    """
    reponse, reservation = reponse_a(offre), offre.reservation
    if reponse and reponse.apres == Reservation.Etat.RESERVEE:
        return "acceptee" if reservation.etat == Reservation.Etat.RESERVEE else "annulee"
    if reponse:
        return {"parent": "laissee", "regle": "expiree"}.get(reponse.origine, "retiree")
    if reservation.etat != Reservation.Etat.PROPOSEE or maintenant >= reservation.offre_jusqu_a:
        return "expiree"
    return ""

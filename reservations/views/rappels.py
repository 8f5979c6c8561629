"""Les rappels et l'agenda : les choisir, s'en désabonner d'un geste, lire l'agenda par son adresse secrète."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from .. import actions
from ..agenda import agenda as composer
from ..forms import RappelsForm
from ..models import Preferences, RappelEnvoye

REGLAGES = {RappelEnvoye.Genre.LIMITE: "rappel_limite", RappelEnvoye.Genre.DIMANCHE: "resume_dimanche"}


def rappels(request):
    """Ce que ce parent veut recevoir, et l'adresse de son agenda."""
    preferences = Preferences.objects.du_compte(request.user)
    form = RappelsForm(request.POST or None, preferences=preferences)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Vos rappels sont enregistrés.")
        return redirect("reservations:rappels")
    return render(request, "reservations/rappels.html", {"form": form, "adresse": _adresse(request, preferences)})


def _adresse(request, preferences):
    if not preferences.agenda_ouvert:
        return ""
    jeton = actions.jeton_d_agenda(preferences)
    return request.build_absolute_uri(reverse("reservations:agenda", args=[jeton]))


@require_POST
def agenda_ouvrir(request):
    """Une adresse neuve : la première, ou une autre qui remplace celle que l'on a trop donnée."""
    neuve = not Preferences.objects.du_compte(request.user).agenda_ouvert
    actions.ouvrir_agenda(request.user)
    messages.success(request, "Voici l'adresse de votre agenda." if neuve else "L'ancienne adresse ne répond plus.")
    return redirect("reservations:rappels")


@require_POST
def agenda_fermer(request):
    actions.fermer_agenda(request.user)
    messages.success(request, "L'adresse de votre agenda ne répond plus.")
    return redirect("reservations:rappels")


@login_not_required
@require_safe
@cache_control(private=True, max_age=900)
def agenda(request, jeton):
    """L'agenda d'un parent, pour qui en a l'adresse. Une adresse fausse, changée ou fermée n'existe pas."""
    try:
        compte, version = actions.lire_jeton_d_agenda(jeton)
    except (BadSignature, ValueError):
        raise Http404 from None
    preferences = get_object_or_404(
        Preferences.objects.select_related("compte"), compte=compte, agenda=version, agenda_ouvert=True,
        compte__is_active=True,
    )  # fmt: skip
    contenu = composer(preferences.compte, timezone.now())
    return HttpResponse(contenu, content_type="text/calendar; charset=utf-8", headers={
        "Content-Disposition": 'inline; filename="periscolaire.ics"', "X-Robots-Tag": "noindex",
    })  # fmt: skip


@login_not_required
@csrf_exempt  # le logiciel de courriel qui se désabonne pour le parent n'a pas de page (RFC 8058) ; le jeton suffit
def desabonner(request, jeton):
    """Ne plus recevoir ce rappel, sans mot de passe. Ouvrir le lien ne fait rien : les antivirus les ouvrent tous."""
    try:
        pk, genre = actions.lire_desabonnement(jeton)
    except (BadSignature, ValueError):
        raise Http404 from None
    compte = get_object_or_404(get_user_model(), pk=pk)
    if request.method == "POST":
        actions.regler(compte, **{REGLAGES[genre]: False})
    return render(
        request, "reservations/desabonner.html", {"genre": genre.label, "fait": request.method == "POST"}
    )

"""Entrer, sortir, être prié d'attendre."""

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portail.forms import ConnexionForm

from .requete import reseau, statut, suite


@login_not_required
@sensitive_post_parameters("mot_de_passe")
def connexion(request):
    if request.user.is_authenticated:
        return redirect(suite(request))
    form = ConnexionForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        login(request, form.compte)
        # Sans « Rester connecté », la session finit avec le navigateur : l'ordinateur est peut-être à d'autres.
        request.session.set_expiry(None if form.cleaned_data["rester"] else 0)
        return redirect(suite(request))
    contexte = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "portail/connexion.html", contexte, status=statut(form))


@require_POST
def deconnexion(request):
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@login_not_required
def connexion_admin(request):
    """Une seule porte : l'administration envoie à la même page, avec les mêmes précautions."""
    if request.user.is_authenticated:
        raise PermissionDenied  # un parent connecté n'a rien à faire là ; le renvoyer tournerait en rond
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


def bloquee(request, reponse, essai):
    """La page d'axes après trop de mots de passe faux : dit jusqu'à quelle heure, et comment faire mieux."""
    dernier = (
        AccessAttempt.objects.filter(username=(essai or {}).get("email"), ip_address=reseau(request))
        .order_by("-attempt_time")
        .first()
    )
    debut = dernier.attempt_time if dernier else timezone.now()
    contexte = {"jusqu_a": debut + get_cool_off(request)}
    return render(request, "portail/connexion_bloquee.html", contexte, status=429)

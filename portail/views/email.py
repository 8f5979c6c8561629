"""Changer d'adresse e-mail : la nouvelle confirme, l'ancienne peut annuler."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from portail import actions
from portail.forms import EmailForm

from .requete import adresse_du_portail, refus

HEURE = dt.timedelta(hours=1)
CHANGEMENTS_PAR_COMPTE = 5
TROP = "Trop d'essais. Réessayez après %(heure)s."


@sensitive_post_parameters("mot_de_passe")
def changer(request):
    form = EmailForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        essai = ("email", request.user.pk, CHANGEMENTS_PAR_COMPTE, HEURE, timezone.now(), TROP)
        if phrase := refus(actions.compter, *essai):
            messages.error(request, phrase)
            return redirect("email_changer")
        if form.is_valid():
            form.save(adresse_du_portail(request))
            messages.success(
                request,
                f"Nous avons écrit à {form.cleaned_data['email']} : ouvrez le lien reçu pour confirmer. "
                "D'ici là, rien ne change.",
            )
            return redirect("mes_donnees")
    return render(request, "portail/email_changer.html", {"form": form})


@login_not_required
def confirmer(request, jeton):
    """Un clic de plus que le lien : certains logiciels de courrier ouvrent les liens d'eux-mêmes."""
    maintenant = timezone.now()
    try:
        changement = actions.changement_a_confirmer(jeton, maintenant)
        if request.method == "POST":
            actions.confirmer_changement_email(jeton, maintenant)
            messages.success(request, f"Votre identifiant est maintenant {changement.nouvelle}.")
            return redirect("mes_donnees" if request.user.is_authenticated else "connexion")
    except ValidationError as erreur:
        return render(request, "portail/lien.html", {"refus": erreur.message, "code": "email"}, status=410)
    return render(request, "portail/email_confirmer.html", {"changement": changement})


@login_not_required
def annuler(request, jeton):
    maintenant = timezone.now()
    try:
        changement = actions.changement_a_annuler(jeton, maintenant)
        if request.method == "POST":
            rendue = actions.annuler_changement_email(jeton, adresse_du_portail(request), maintenant)
            return render(request, "portail/email_annule.html", {"changement": changement, "rendue": rendue})
    except ValidationError as erreur:
        return render(request, "portail/lien.html", {"refus": erreur.message, "code": "email"}, status=410)
    return render(request, "portail/email_annuler.html", {"changement": changement})

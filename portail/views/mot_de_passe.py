"""Le mot de passe perdu, ou changé."""

import datetime as dt

from axes.utils import reset
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from portail import actions
from portail.forms import MotDePasseChangeForm, MotDePasseForm, OubliForm

from .requete import adresse_du_portail, passe, refus, reseau, statut

HEURE = dt.timedelta(hours=1)
OUBLIS_PAR_IP = 10
OUBLIS_PAR_EMAIL = 3
CHANGEMENTS_PAR_COMPTE = 10
TROP = "Trop d'essais. Réessayez après %(heure)s, ou déconnectez-vous et cliquez sur « Mot de passe oublié ? »."


@login_not_required
def oublie(request):
    form = OubliForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        maintenant = timezone.now()
        if passe(form, actions.compter, "oubli_ip", reseau(request), OUBLIS_PAR_IP, HEURE, maintenant):
            _envoyer(request, form.cleaned_data["email"], maintenant)
            return redirect("mot_de_passe_envoye")
    return render(request, "portail/mot_de_passe_oublie.html", {"form": form}, status=statut(form))


def _envoyer(request, email, maintenant):
    """Trois courriels par heure et par adresse, pas davantage ; la page suivante est la même dans tous les cas."""
    request.session["oubli_email"] = email
    request.session.set_expiry(1800)
    try:
        actions.compter("oubli_email", email, OUBLIS_PAR_EMAIL, HEURE, maintenant)
    except ValidationError:
        return
    actions.envoyer_lien_mot_de_passe(email, adresse_du_portail(request))


@login_not_required
def envoye(request):
    return render(request, "portail/mot_de_passe_envoye.html", {"email": request.session.get("oubli_email", "")})


@login_not_required
@sensitive_post_parameters()
def nouveau(request, numero, jeton):
    """Le lien du courriel. Il meurt dès qu'il a servi, à la première connexion, ou après trois jours."""
    compte = actions.compte_du_lien(numero, jeton)
    if compte is None:
        return render(request, "portail/lien.html", {"refus": "Ce lien ne vaut plus.", "code": "oubli"}, status=410)
    form = MotDePasseForm(compte, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        mot_de_passe = form.cleaned_data["new_password1"]
        if passe(form, actions.renouveler_mot_de_passe, numero, jeton, mot_de_passe):
            compte.refresh_from_db()
            reset(username=compte.email)  # qui tient la boîte aux lettres n'a plus à attendre
            login(request, compte, backend="portail.session.Comptes")
            request.session.set_expiry(0)
            messages.success(request, "Votre nouveau mot de passe est enregistré.")
            return redirect("accueil")
    return render(request, "portail/mot_de_passe_nouveau.html", {"form": form, "compte": compte})


@sensitive_post_parameters()
def changer(request):
    form = MotDePasseChangeForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        # Compter avant de regarder : au-delà, même le bon mot de passe actuel ne se devine plus.
        essai = ("mot_de_passe", request.user.pk, CHANGEMENTS_PAR_COMPTE, HEURE, timezone.now(), TROP)
        if phrase := refus(actions.compter, *essai):
            messages.error(request, phrase)
            return redirect("mot_de_passe_changer")
        if form.is_valid():
            update_session_auth_hash(request, form.save())
            messages.success(request, "Votre mot de passe est changé. Les autres appareils sont déconnectés.")
            return redirect("mes_donnees")
    return render(request, "portail/mot_de_passe_changer.html", {"form": form})

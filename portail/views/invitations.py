"""Inviter un second responsable, et répondre à l'invitation."""

import datetime as dt

from django.contrib import admin, messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required, permission_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from commune.contexte import courante
from familles.models import Adulte, Enfant
from portail import actions
from portail.forms import AutreParentForm, CoordonneesForm, InvitationForm, MotDePasseForm, PreuveForm
from portail.models import Compte

from .requete import adresse_du_portail, passe, statut

HEURE = dt.timedelta(hours=1)
INVITATIONS = 5  # par heure et par compte : on ne remplit pas la boîte d'autrui
PARTIE = "Un courriel est parti à cette adresse. Il sert une fois, pendant trois jours."


def inviter(request, pk):
    """Un parent invite un responsable de son foyer à ouvrir le même Espace Famille."""
    adulte = get_object_or_404(Adulte.objects.du_compte(request.user).actuels(), pk=pk)
    form, maintenant = InvitationForm(request.POST or None), timezone.now()
    possible = adulte.responsable_legal and not adulte.compte_id
    if request.method == "POST" and form.is_valid() and _compter(form, request.user, maintenant):
        envoi = form.cleaned_data["email"], request.user, adresse_du_portail(request), maintenant
        if passe(form, actions.inviter_responsable, adulte, *envoi):
            messages.success(request, PARTIE)
            return redirect("familles:adulte", pk)
    contexte = {"adulte": adulte, "form": form, "possible": possible}
    return render(request, "portail/inviter.html", contexte, status=statut(form))


@permission_required("familles.add_rattachement", raise_exception=True)
def mairie_inviter(request, pk):
    """La mairie invite l'autre parent d'un enfant à le suivre depuis son propre foyer."""
    enfant = get_object_or_404(Enfant, pk=pk)
    form, maintenant = AutreParentForm(request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        identite = {champ: form.cleaned_data[champ] for champ in ("civilite", "nom", "prenom")}
        envoi = form.cleaned_data["email"], request.user, adresse_du_portail(request), maintenant
        if passe(form, actions.inviter_autre_parent, enfant, identite, *envoi):
            messages.success(request, PARTIE)
            return redirect("admin:familles_enfant_change", pk)
    liens = enfant.rattachements.actuels().select_related("famille").order_by("foyer")
    contexte = {
        **admin.site.each_context(request), "title": f"Inviter l'autre parent – {enfant}", "enfant": enfant,
        "form": form, "liens": liens, "opts": Enfant._meta,
    }  # fmt: skip
    return render(request, "portail/mairie/inviter.html", contexte)


def _compter(form, compte, maintenant):
    return passe(form, actions.compter, "invitation_de", compte.pk, INVITATIONS, HEURE, maintenant)


@login_not_required
@sensitive_post_parameters()
def invitation(request, jeton):
    """Le lien du courriel. Un compte neuf s'y ouvre ; un compte qui existe s'y connecte d'abord."""
    maintenant = timezone.now()
    try:
        recue = actions.invitation_du_lien(jeton, maintenant)
    except ValidationError as refus:
        return _refuser(request, refus)
    connu = Compte.objects.filter(email=recue.email).first()
    if request.user.is_authenticated and request.user != connu:
        return render(request, "portail/invitation.html", {"invitation": recue, "quoi": "autre"})
    if connu and not request.user.is_authenticated:
        return render(request, "portail/invitation.html", {"invitation": recue, "quoi": "connexion"})
    forms = _formulaires(request, recue, connu, maintenant)
    fautes = sum(len(form.errors) for form in forms.values())
    if request.method == "POST" and not fautes:
        try:
            return _accepter(request, jeton, connu, forms, maintenant)
        except ValidationError as refus:
            if refus.code == "invitation":
                return _refuser(request, refus)
            forms["preuve"].add_error(None, refus)
    fautes = sum(len(form.errors) for form in forms.values())
    contexte = {"invitation": recue, "quoi": "accepter", "forms": forms, "connu": connu, "fautes": fautes}
    return render(request, "portail/invitation.html", contexte, status=_statut(forms))


def _formulaires(request, recue, connu, maintenant):
    """Ce qu'il manque pour accepter : la preuve, une adresse pour un foyer neuf, un mot de passe pour un compte."""
    recu = request.POST if request.method == "POST" else None
    forms = {"preuve": PreuveForm(recu, invitation=recue, maintenant=maintenant)}
    if recue.enfant_id and not (connu and hasattr(connu, "adulte")):
        ici = {"code_postal": courante().code_postal, "ville": courante().ville}
        forms["coordonnees"] = CoordonneesForm(recu, initial=ici)
    if not connu:
        futur = Compte(email=recue.email, nom=recue.nom, prenom=recue.prenom)
        forms["secret"] = MotDePasseForm(futur, recu)
    return forms


def _accepter(request, jeton, connu, forms, maintenant):
    coordonnees = forms["coordonnees"].cleaned_data if "coordonnees" in forms else None
    secret = forms["secret"].cleaned_data["new_password1"] if "secret" in forms else ""
    compte = actions.accepter_invitation(
        jeton, maintenant, compte=connu, mot_de_passe=secret, coordonnees=coordonnees
    )
    if not connu:
        login(request, compte, backend="portail.session.Comptes")
    messages.success(request, "L'invitation est acceptée : voici votre Espace Famille.")
    return redirect("accueil")


def _statut(forms):
    trop = any(erreur.code == "trop" for form in forms.values() for e in form.errors.as_data().values() for erreur in e)
    return 429 if trop else 200


def _refuser(request, refus):
    return render(request, "portail/lien.html", {"refus": refus.message, "code": "invitation"}, status=410)

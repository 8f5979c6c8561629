"""Créer un compte : trois étapes gardées en session, un courriel, un mot de passe."""

import datetime as dt

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from commune.contexte import courante
from familles.models import Civilite
from portail import actions
from portail.forms import CoordonneesForm, InfosForm, MotDePasseForm, RobotForm
from portail.models import Compte

from .requete import adresse_du_portail, passe, reseau, statut

ETAPES = {"infos": InfosForm, "coordonnees": CoordonneesForm}
NOMS = ["Infos utilisateur", "Coordonnées", "Récapitulatif"]
TAPE_MAX = 300  # caractères gardés par champ : aucun n'en admet autant, et un inconnu ne remplit pas la base
GARDE = 2 * 3600  # secondes : un brouillon abandonné ne reste pas dans un ordinateur partagé
HEURE = dt.timedelta(hours=1)
CREATIONS_PAR_IP = 10
CREATIONS_PAR_EMAIL = 3


@login_not_required
def infos(request):
    return _etape(request, "infos", 1, "compte_creer_coordonnees")


@login_not_required
def coordonnees(request):
    commune = courante()
    ici = {"code_postal": commune.code_postal, "ville": commune.ville}
    return _etape(request, "coordonnees", 2, "compte_creer_recapitulatif", retour="compte_creer", initial=ici)


def _etape(request, nom, numero, suivante, retour=None, initial=None):
    """Une étape. Tout ce qui est tapé est gardé, même faux, même en revenant en arrière."""
    if request.user.is_authenticated:
        return redirect("accueil")
    brouillon = request.session.get("creation", {})
    if nom != "infos" and "infos" not in brouillon:
        return redirect("compte_creer")
    formulaire = ETAPES[nom]
    if request.method == "POST":
        brouillon[nom] = {champ: request.POST.get(champ, "")[:TAPE_MAX] for champ in formulaire.base_fields}
        request.session["creation"] = brouillon
        request.session.set_expiry(GARDE)
        if "retour" in request.POST and retour:
            return redirect(retour)
        form = formulaire(brouillon[nom])
        if form.is_valid():
            return redirect(suivante)
    elif "corriger" in request.GET and nom in brouillon:
        form = formulaire(brouillon[nom])
    else:
        form = formulaire(initial=brouillon.get(nom) or initial)
    contexte = {"form": form, "numero": numero, "etapes": NOMS, "retour": retour}
    return render(request, "portail/compte_creer.html", contexte)


@login_not_required
def recapitulatif(request):
    if request.user.is_authenticated:
        return redirect("accueil")
    brouillon = request.session.get("creation", {})
    etapes = {nom: formulaire(brouillon.get(nom, {})) for nom, formulaire in ETAPES.items()}
    for nom, etape in etapes.items():
        if not etape.is_valid():
            page = "compte_creer" if nom == "infos" else f"compte_creer_{nom}"
            return redirect(f"{reverse(page)}?corriger=1")
    champs = etapes["infos"].cleaned_data | etapes["coordonnees"].cleaned_data
    form = RobotForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        maintenant = timezone.now()
        if passe(form, actions.compter, "creation_ip", reseau(request), CREATIONS_PAR_IP, HEURE, maintenant):
            _demander(request, champs, maintenant)
            return redirect("compte_boite")
    contexte = {
        "form": form,
        "numero": 3,
        "etapes": NOMS,
        "champs": champs,
        "civilite": Civilite(champs["civilite"]).label,
    }
    return render(request, "portail/compte_recapitulatif.html", contexte, status=statut(form))


def _demander(request, champs, maintenant):
    """Envoie le courriel, sauf à une boîte déjà servie trois fois dans l'heure : on ne remplit pas celle d'autrui."""
    email = champs["email"]
    request.session["creation_email"] = email
    try:
        actions.compter("creation_email", email, CREATIONS_PAR_EMAIL, HEURE, maintenant)
    except ValidationError:
        return
    demande = {nom: valeur for nom, valeur in champs.items() if nom != "confirmation"}
    actions.demander_compte(demande, adresse_du_portail(request), maintenant)


@login_not_required
def boite(request):
    """« Regardez votre boîte » : la même page, que l'adresse soit connue ou non."""
    if "creation_email" not in request.session:
        return redirect("compte_creer")
    return render(request, "portail/compte_boite.html", {"email": request.session["creation_email"]})


@login_not_required
@sensitive_post_parameters()
def ouvrir(request, jeton):
    """Le lien du courriel : choisir son mot de passe, et le compte existe."""
    maintenant = timezone.now()
    try:
        demande = actions.demande_du_lien(jeton, maintenant)
    except ValidationError as refus:
        return _lien_refuse(request, refus)
    futur = Compte(email=demande.email, nom=demande.nom, prenom=demande.prenom)
    form = MotDePasseForm(futur, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            compte = actions.ouvrir_compte(jeton, form.cleaned_data["new_password1"], maintenant)
        except ValidationError as refus:
            return _lien_refuse(request, refus)
        for brouillon in ("creation", "creation_email"):
            request.session.pop(brouillon, None)
        login(request, compte, backend="portail.session.Comptes")
        request.session.set_expiry(0)
        return redirect("accueil")
    return render(request, "portail/compte_ouvrir.html", {"form": form, "demande": demande})


def _lien_refuse(request, refus):
    if request.user.is_authenticated:
        return redirect("accueil")
    return render(request, "portail/lien.html", {"refus": refus.message, "code": refus.code}, status=410)

"""Mes documents, et ce que la mairie met à disposition."""

import os

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commune.fichiers import servir
from commune.regles import jour_de_paris
from familles.models import Enfant, Famille

from . import regles
from .actions import envoyer_dossier, marquer_lue
from .forms import EnvoiForm
from .models import Information, Piece, TypePiece, attendues


@require_safe
def liste(request):
    """Mes documents, du foyer puis de chaque enfant, avec ce que chacun attend."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    attentes = attendues(famille, jour_de_paris(timezone.now()))
    enfants = list(Enfant.objects.de_la_famille(famille))
    return render(
        request,
        "documents/liste.html",
        {
            "famille": famille,
            "groupes": _groupes(famille, enfants, attentes),
            "manquantes": [attente for attente in attentes if attente.manque],
            "sans_enfant": not enfants,
            "legende": [(regles.PASTILLES[etat], regles.MOTS[etat], sens) for etat, sens in regles.LEGENDE],
        },
    )


def _groupes(famille, enfants, attentes):
    """``(titre, attentes, nombre à envoyer)`` du foyer, puis de chaque enfant."""
    groupes = [(famille, [a for a in attentes if a.enfant is None])]
    groupes += [(enfant, [a for a in attentes if a.enfant == enfant]) for enfant in enfants]
    return [(titre, siennes, sum(a.manque for a in siennes)) for titre, siennes in groupes if siennes]


@require_http_methods(["GET", "HEAD", "POST"])
def envoyer(request, type_pk, enfant_pk):
    """Envoyer un document : des photos, un PDF, plusieurs pages."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    maintenant = timezone.now()
    attente = _attente(famille, f"{type_pk}-{enfant_pk}", maintenant)
    if not attente.envoyable:
        messages.info(request, f"La mairie a déjà validé « {attente.type} » : il n'est plus nécessaire de l'envoyer.")
        return redirect("documents:liste")
    donnees = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EnvoiForm(*donnees, famille=famille, attente=attente, compte=request.user, maintenant=maintenant)
    if form.is_valid():
        try:
            form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"« {attente.type} » est envoyé. La mairie va le vérifier.")
            return redirect(f"{reverse('documents:liste')}#piece-{attente.cle}")
    return render(request, "documents/envoyer.html", {"famille": famille, "attente": attente, "form": form})


def _attente(famille, cle, maintenant):
    """Le document attendu de ce foyer que nomme l'adresse ; 404 s'il est d'un autre, ou plus demandé."""
    for attente in attendues(famille, jour_de_paris(maintenant)):
        if attente.cle == cle:
            return attente
    raise Http404


@require_safe
def piece(request, pk):
    """Reprendre un document que l'on a envoyé."""
    piece = get_object_or_404(Piece.objects.du_compte(request.user), pk=pk)
    return servir(piece.fichier, piece.nom)


@require_safe
def modele(request, pk):
    type = get_object_or_404(TypePiece.objects.actifs(), pk=pk)
    return servir(type.modele, f"{type.nom}{os.path.splitext(type.modele.name)[1]}")


@require_POST
def dossier(request):
    """Confier son dossier à la mairie."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    try:
        envoyer_dossier(famille, request.user, timezone.now())
    except ValidationError as refus:
        for phrase in refus.messages:
            messages.error(request, phrase)
        return redirect("documents:liste")
    messages.success(request, "Votre dossier est envoyé. Attendez le courriel de la mairie pour inscrire vos enfants.")
    return redirect("accueil")


@require_safe
@login_not_required
def informations(request):
    """Ce que la mairie met à disposition : le règlement et les mandats pour tous, le reste pour les familles."""
    return render(request, "documents/informations.html", {"informations": _visibles(request)})


@require_safe
@login_not_required
def information(request, pk):
    """Une information ; l'ouvrir, c'est l'avoir lue."""
    information = get_object_or_404(_visibles(request), pk=pk)
    if request.user.is_authenticated and not information.lue:
        marquer_lue(information, request.user, timezone.now())
    return render(request, "documents/information.html", {"information": information})


@require_safe
@login_not_required
def information_fichier(request, pk):
    information = get_object_or_404(_visibles(request), pk=pk)
    if request.user.is_authenticated and not information.lue:
        marquer_lue(information, request.user, timezone.now())
    return servir(information.fichier, f"{information.titre}{os.path.splitext(information.fichier.name)[1]}")


def _visibles(request):
    jour = jour_de_paris(timezone.now())
    if request.user.is_authenticated:
        return Information.objects.publiees(jour).avec_lecture(request.user)
    return Information.objects.publiques(jour)

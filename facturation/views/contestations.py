"""Contester une ligne de facture, et relire ce que l'on s'est écrit."""

import os

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.fichiers import servir

from .. import regles
from ..actions import verifier_contestation
from ..forms import ContestationForm
from ..models import Contestation, Ligne, Regie, acte_de


@require_http_methods(["GET", "HEAD", "POST"])
def contester(request, pk):
    """Une ligne, les faits de son jour, ce que l'on s'en est écrit, et le formulaire si elle se conteste."""
    ligne = get_object_or_404(Ligne.objects.du_compte(request.user).select_related("facture"), pk=pk)
    maintenant, regie = timezone.now(), Regie.courante()
    donnees = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ContestationForm(*donnees, ligne=ligne, compte=request.user)
    if form.is_valid():
        try:
            form.save(maintenant)
        except ValidationError as refus:
            if refus.code == "deja":  # le second clic d'un double clic : la page montre ce que le premier a envoyé
                messages.info(request, refus.message)
                return redirect("facturation:contester", pk)
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre contestation est envoyée à la mairie, qui vous répondra par courriel.")
            return redirect("facturation:contester", pk)
    contexte = {
        "ligne": ligne, "acte": acte_de(ligne.pk), "form": form,
        "contestations": Contestation.objects.filter(ligne=ligne).select_related("avoir").order_by("pk"),
        "empeche": _empechement(ligne, regie, maintenant),
        "jusqu_au": regles.contestable_jusqu_au(ligne.facture.emise_le, regie.delai_contestation),
        "delai": regie.delai_reponse,
    }  # fmt: skip
    return render(request, "facturation/contester.html", contexte)


def _empechement(ligne, regie, maintenant):
    """Pourquoi cette ligne ne se conteste pas, ou plus : ``(code, phrase)`` ; rien si elle se conteste."""
    try:
        verifier_contestation(ligne, regie, maintenant)
    except ValidationError as refus:
        return {"code": refus.code, "phrase": refus.message}
    return None


@require_safe
def piece(request, pk):
    """La pièce que la famille a jointe à sa contestation."""
    contestation = get_object_or_404(Contestation.objects.du_compte(request.user), pk=pk)
    return servir(contestation.fichier, nom_de_la_piece(contestation))


def nom_de_la_piece(contestation):
    return f"contestation-{contestation.pk}{os.path.splitext(contestation.fichier.name)[1]}"

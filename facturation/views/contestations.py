"""Contester une ligne de facture, répondre aux questions de la mairie, et relire ce que l'on s'est écrit."""

import os

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.fichiers import servir
from commune.regles import lire_numero

from .. import regles
from ..actions import verifier_contestation
from ..forms import ContestationForm, PrecisionForm
from ..models import Contestation, Ligne, Precision, Regie, acte_de


@require_http_methods(["GET", "HEAD", "POST"])
def contester(request, pk):
    """Une ligne, les faits de son jour, ce que l'on s'en est écrit ; de quoi la contester, ou répondre à la mairie."""
    ligne = get_object_or_404(Ligne.objects.du_compte(request.user).select_related("facture"), pk=pk)
    maintenant, form = timezone.now(), None
    if request.method == "POST":
        form = _envoye(request, ligne)
        if form.is_valid():
            try:
                form.save(maintenant)
            except ValidationError as refus:
                if form.deja_ecrit():  # le second clic d'un double clic : la page montre ce que le premier a envoyé
                    messages.info(request, refus.message)
                    return redirect("facturation:contester", pk)
                form.add_error(None, refus)
            else:
                messages.success(request, form.MERCI)
                return redirect("facturation:contester", pk)
    return render(request, "facturation/contester.html", _contexte(request, ligne, form, maintenant))


def _envoye(request, ligne):
    """Le formulaire envoyé : une réponse dit à quelle question, une contestation non."""
    donnees, compte = (request.POST, request.FILES), request.user
    if question := lire_numero(request.POST.get("precision")):
        precision = get_object_or_404(Precision.objects.filter(contestation__ligne=ligne), pk=question)
        return PrecisionForm(*donnees, precision=precision, compte=compte)
    return ContestationForm(*donnees, ligne=ligne, compte=compte)


def _contexte(request, ligne, envoye, maintenant):
    """Ce que montre la page ; ``envoye`` : le formulaire qui vient d'être refusé, s'il y en a un.

    La mairie, ou l'autre parent, a pu écrire entre-temps : le formulaire n'a alors plus sa place, mais ses mots se
    montrent (``perdu``), pour n'être pas à refaire.
    """
    regie = Regie.courante()
    contestations = list(
        Contestation.objects.filter(ligne=ligne).select_related("avoir").prefetch_related("precisions").order_by("pk")
    )
    question = _question(contestations)
    empeche = _empechement(ligne, regie, maintenant)
    form = None
    if question:
        form = PrecisionForm(precision=question, compte=request.user)
    elif not empeche:
        form = ContestationForm(ligne=ligne, compte=request.user)
    if envoye and _a_sa_place(envoye, question, empeche):
        form, envoye = envoye, None
    return {
        "ligne": ligne, "acte": acte_de(ligne.pk), "form": form, "question": question, "perdu": envoye,
        "contestations": contestations, "empeche": empeche,
        "jusqu_au": regles.contestable_jusqu_au(ligne.facture.emise_le, regie.delai_contestation),
        "delai": regie.delai_reponse,
    }  # fmt: skip


def _question(contestations):
    """La ``Precision`` qui attend la famille, ou ``None``."""
    siennes = [p for c in contestations if c.etat == Contestation.Etat.QUESTION for p in c.precisions.all() if p.attend]
    return siennes[0] if siennes else None


def _a_sa_place(envoye, question, empeche):
    """Vrai si la page offre encore le formulaire envoyé."""
    if isinstance(envoye, PrecisionForm):
        return envoye.precision == question
    return not empeche


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


@require_safe
def precision_piece(request, pk):
    """La pièce que la famille a jointe à sa réponse à la mairie."""
    precision = get_object_or_404(Precision.objects.du_compte(request.user), pk=pk)
    return servir(precision.fichier, nom_de_la_piece(precision))


def nom_de_la_piece(jointe):
    """Le nom que prend ce que la famille a joint à une contestation, ou à une précision."""
    genre = "precision" if isinstance(jointe, Precision) else "contestation"
    return f"{genre}-{jointe.pk}{os.path.splitext(jointe.fichier.name)[1]}"

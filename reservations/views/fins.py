"""Terminer une inscription, dire le départ d'un enfant : la page annonce d'abord les réservations qui s'annulent."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from commune.regles import dire_le_jour, jour_de_paris
from familles.models import Enfant, Famille
from inscriptions.forms import FinForm
from inscriptions.models import Inscription

from .. import regles
from ..actions import (
    prevoir_depart,
    prevoir_fin,
    prevoir_retrait,
    quitter_foyer,
    retirer_inscription,
    terminer_inscription,
)
from ..models import Mouvement

PARENT = Mouvement.Origine.PARENT


@require_http_methods(["GET", "HEAD", "POST"])
def fin_inscription(request, pk):
    """Terminer une inscription à une date, ou retirer celle qui n'a pas commencé."""
    inscription = get_object_or_404(
        Inscription.objects.du_compte(request.user).select_related("enfant", "activite__site", "famille"), pk=pk
    )
    maintenant = timezone.now()
    jour = jour_de_paris(maintenant)
    if inscription.est_finie(jour):
        messages.info(request, "Cette inscription est déjà terminée.")
        return redirect("inscriptions:enfant", inscription.enfant_id)
    page = _retirer if inscription.peut_se_retirer(jour) else _terminer
    return page(request, inscription, maintenant)


def _retirer(request, inscription, maintenant):
    erreurs = []
    if request.method == "POST":
        try:
            suite = retirer_inscription(inscription, request.user, maintenant, PARENT)
            return _fait(request, inscription, "l'inscription est retirée.", suite)
        except ValidationError as refus:
            erreurs = refus.messages
    suite = _dite(prevoir_retrait(inscription, maintenant))
    contexte = {"inscription": inscription, "erreurs": erreurs, "suite": suite}
    return render(request, "reservations/retrait_inscription.html", contexte)


def _terminer(request, inscription, maintenant):
    """Deux temps : la date, puis ce qu'elle entraîne, que « confirmer » répète."""
    form = FinForm(request.POST or None, inscription=inscription, maintenant=maintenant)
    suite = None
    if request.method == "POST" and form.is_valid():
        fin = form.cleaned_data["fin"]
        if "confirmer" not in request.POST:
            suite = _dite(prevoir_fin(inscription, fin, maintenant))
        else:
            try:
                suite = terminer_inscription(inscription, fin, request.user, maintenant, PARENT)
                texte = f"{inscription.enfant.prenom} peut venir jusqu'au {dire_le_jour(fin)}."
                return _fait(request, inscription, texte, suite)
            except ValidationError as refus:
                form.add_error(None, refus)
    return render(request, "reservations/fin_inscription.html", {
        "inscription": inscription, "form": form, "suite": suite,
        "fin": suite and dire_le_jour(form.cleaned_data["fin"], semaine=True),
    })  # fmt: skip


def _fait(request, inscription, texte, suite):
    messages.success(request, f"{inscription.activite.nom} : {texte}{_annulees(suite)}")
    return redirect("inscriptions:enfant", inscription.enfant_id)


@require_http_methods(["GET", "HEAD", "POST"])
def depart(request, pk):
    """L'enfant quitte le foyer : ce qui s'ensuit est dit d'abord, et coché."""
    enfant = get_object_or_404(Enfant.objects.du_compte(request.user), pk=pk)
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    maintenant = timezone.now()
    erreur = request.method == "POST" and "compris" not in request.POST
    if request.method == "POST" and not erreur:
        suite = quitter_foyer(enfant, famille, request.user, maintenant, PARENT)
        messages.success(request, f"{enfant} ne fait plus partie de votre famille sur ce portail.{_annulees(suite)}")
        return redirect("familles:entourage")
    jour = jour_de_paris(maintenant)
    return render(request, "reservations/depart.html", {
        "enfant": enfant, "erreur": erreur, "suite": _dite(prevoir_depart(enfant, famille, maintenant)),
        "inscriptions": Inscription.objects.en_cours(jour).filter(enfant=enfant, famille=famille).count(),
    })  # fmt: skip


def _dite(suite):
    """La suite, jour par jour : ce qui s'annulera, ce qui restera dû."""
    return {
        sort: {"nombre": len(reservations), "groupes": regles.regrouper(
            regles.Ligne(r.enfant.prenom, r.seance.activite.nom, r.seance.jour, "") for r in reservations
        )}
        for sort, reservations in [("annulees", suite.annulees), ("gardees", suite.gardees)]
    }  # fmt: skip


def _annulees(suite):
    nombre = len(suite.annulees)
    if not nombre:
        return ""
    return " Une réservation est annulée." if nombre == 1 else f" {nombre} réservations sont annulées."

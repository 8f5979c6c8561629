"""Annuler un enregistrement : voir ce qui redevient comme avant et ce qui ne le peut plus, puis confirmer."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone

from ..forms import DefaireForm
from ..models import Mouvement
from .apercu import apercu
from .foyer import foyer_du_compte
from .semaine import annonce


def defaire(request, lot):
    """L'aperçu de l'inverse d'un enregistrement de ce foyer ; un POST l'enregistre."""
    premier = Mouvement.objects.filter(lot=lot, origine=Mouvement.Origine.PARENT).du_compte(request.user).first()
    foyer = foyer_du_compte(request)
    if not premier or not foyer:
        raise Http404
    form = DefaireForm(
        request.POST or None, lot=lot, famille=foyer.famille, compte=request.user, maintenant=timezone.now()
    )
    change = []
    if form.is_valid():
        resultat = form.save()
        if not resultat.refus:
            if resultat.lot:
                messages.success(request, annonce(resultat))
            else:
                messages.info(request, "Cet enregistrement est déjà annulé : rien n'a changé.")
            return redirect("reservations:planning")
        change = [r.phrase for r in resultat.refus]
    trouve, resultat = form.prevoir()
    contexte = {
        "mouvement": premier, "change": change,
        "apercu": apercu(resultat, False, True, trouve.perdues),
    }  # fmt: skip
    return render(request, "reservations/defaire.html", contexte)

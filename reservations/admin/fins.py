"""Terminer une inscription depuis la mairie : ses réservations d'après s'annulent avec elle."""

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from commune.regles import dire_le_jour
from inscriptions.models import Inscription

from ..actions import terminer_inscription
from ..models import Mouvement


class FinForm(forms.Form):
    """Le dernier jour, pour la mairie : il peut être passé."""

    fin = forms.DateField(error_messages={"invalid": "Cette date ne se lit pas.", "required": "Choisissez une date."})


@require_POST
@permission_required("inscriptions.change_inscription", raise_exception=True)
def fin_inscription(request, pk):
    inscription = get_object_or_404(Inscription.objects.select_related("enfant", "activite__site", "famille"), pk=pk)
    form = FinForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["fin"])
        fin = form.cleaned_data["fin"]
        suite = terminer_inscription(inscription, fin, request.user, timezone.now(), Mouvement.Origine.MAIRIE)
    except ValidationError as refus:
        messages.error(request, " ".join(refus.messages))
    else:
        phrase = f"terminée le {dire_le_jour(fin)} ; réservations annulées : {len(suite.annulees)}"
        LogEntry.objects.log_actions(request.user.pk, [inscription], CHANGE, phrase, single_object=True)
        if suite.gardees:
            phrase += f" ; réservations dont la limite est passée, et qui restent dues : {len(suite.gardees)}"
        messages.success(request, f"{inscription} : {phrase}.")
    return redirect("admin:inscriptions_inscription_decider", pk)

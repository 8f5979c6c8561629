"""Demander le quotient d'un foyer à la CAF ou à la MSA, depuis sa fiche."""

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from familles.models import Famille

from .. import actions
from ..forms import IdentiteMairieForm
from .corrections import rendre


@sensitive_post_parameters()
@sensitive_variables("form")
def recuperer(request, pk):
    """L'identité d'un parent, demandée au guichet ou lue sur une pièce : elle n'est pas gardée."""
    if not request.user.has_perm("familles.add_quotient"):
        raise PermissionDenied
    famille = get_object_or_404(Famille, pk=pk)
    form = IdentiteMairieForm(
        request.POST if request.method == "POST" else None, famille=famille, compte=request.user,
        maintenant=timezone.now(),
    )  # fmt: skip
    if form.is_valid():
        try:
            trouve, nouveau = form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            phrase = f"Quotient {trouve.valeur}, {trouve.preuve}{'' if nouveau else ' : il était déjà connu'}."
            if nouveau:
                LogEntry.objects.log_actions(request.user.pk, [trouve], ADDITION, phrase, single_object=True)
            messages.success(request, phrase)
            return redirect("mairie_famille", pk)
    contexte = {
        "title": f"Demander le quotient, {famille}", "famille": famille, "form": form,
        "ouvert": actions.quotients_ouverts(), "quotients": famille.quotients.all(),
    }  # fmt: skip
    return rendre(request, "facturation/admin/quotient_recuperer.html", contexte)

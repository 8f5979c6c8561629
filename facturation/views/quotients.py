"""Mon quotient : celui que la mairie connaît, d'où il vient, et comment le changer."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from commune.regles import jour_de_paris
from familles.models import Adulte, Famille, Quotient

from .. import actions
from ..forms import IdentiteForm


@require_safe
def quotient(request):
    """Le quotient d'aujourd'hui, ceux d'avant, et les deux façons d'en donner un autre."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    jour, siens = jour_de_paris(timezone.now()), list(Quotient.objects.filter(famille=famille))
    actuel = next((q for q in siens if q.debut <= jour and (q.fin is None or q.fin >= jour)), None)
    return render(request, "facturation/quotient.html", {
        "actuel": actuel, "autres": [q for q in siens if q != actuel], "ouvert": actions.quotients_ouverts(),
    })  # fmt: skip


@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def quotient_demander(request):
    """Demander son quotient à la CAF ou à la MSA : ce qui part, ce qui reste, l'accord, puis l'identité."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    if not actions.quotients_ouverts():
        return redirect("facturation:quotient")
    parent = Adulte.objects.filter(compte=request.user).first()
    form = IdentiteForm(
        request.POST if request.method == "POST" else None, famille=famille, compte=request.user,
        maintenant=timezone.now(),
        initial={"prenoms": parent.prenom, "sexe": "F" if parent.civilite == "mme" else "M"} if parent else None,
    )  # fmt: skip
    if form.is_valid():
        try:
            trouve, nouveau = form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            dit = "de {} : la mairie le connaît." if nouveau else "toujours de {}."
            messages.success(request, f"Votre quotient est {dit}".format(trouve.valeur))
            return redirect("facturation:quotient")
    return render(request, "facturation/quotient_demander.html", {"form": form})

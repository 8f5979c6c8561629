"""Les jours restés dus d'un mois déjà facturé : la régie relit, coche, et ils vont sur la prochaine facture."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone

from commune.regles import jour_de_paris
from facturation import regles
from familles.models import Famille

from .. import actions
from ..models import jours_oublies
from ..models.corrections import AN


class OublisForm(forms.Form):
    """Les jours à facturer encore, tous cochés ; ``rangees`` les montre."""

    jours = forms.MultipleChoiceField(
        error_messages={
            "required": "Cochez au moins un jour.", "invalid_choice": "Un de ces jours n'est plus à facturer.",
        }
    )  # fmt: skip

    def __init__(self, *args, aujourdhui, **options):
        super().__init__(*args, **options)
        self.periode = regles.premier(aujourdhui - AN), regles.premier(aujourdhui)
        trouves = jours_oublies(*self.periode)
        familles = Famille.objects.in_bulk({oubli.famille for oubli in trouves})
        self.fields["jours"].choices = [(oubli.cle, oubli.cle) for oubli in trouves]
        self.rangees = [(oubli, familles[oubli.famille]) for oubli in trouves]

    @property
    def total(self):
        return regles.total(oubli.prestation for oubli, _ in self.rangees)

    def save(self):
        return actions.refacturer(set(self.cleaned_data["jours"]), *self.periode)


def page(request):
    """Ce qui reste dû, et le bouton qui le met en attente de la prochaine facture de chaque foyer."""
    if not request.user.has_perm("facturation.add_facturation"):
        raise PermissionDenied
    envoi = request.POST if request.method == "POST" else None
    form = OublisForm(envoi, aujourdhui=jour_de_paris(timezone.now()))
    if form.is_valid():
        try:
            reports = form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            somme = regles.euros(sum(report.montant for report in reports))
            phrase = f"{somme} de plus sur les prochaines factures."
            LogEntry.objects.log_actions(request.user.pk, reports, ADDITION, "À facturer encore.")
            messages.success(request, phrase)
            return redirect("admin:facturation_a_refacturer")
    contexte = {**admin.site.each_context(request), "title": "Jours à facturer encore", "form": form}
    return render(request, "facturation/admin/a_refacturer.html", contexte)

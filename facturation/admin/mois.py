"""Facturer un mois : regarder, lancer, suivre."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.regles import jour_de_paris
from facturation import regles

from .. import actions
from ..forms import LancementForm, lire_mois
from ..models import Facturation, controler

FILS = {
    "pointages": "presences:jour",
    "excuses": "admin:reservations_excuse_changelist",
    "excuses_sur_place": "presences:jour",
    "tarifs": "admin:facturation_tarif_changelist",
    "quotients": "admin:familles_quotient_changelist",
}


@admin.register(Facturation)
class FacturationAdmin(ModelAdmin):
    list_display = ["__str__", "etat", "faites", "somme", "echeance", "lancee_le", "lancee_par"]
    list_select_related = ["lancee_par"]
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(total=Sum("factures__total"))

    @display(description="état", label={"terminée": "success", "en cours": "info", "arrêtée": "danger"})
    def etat(self, facturation):
        return "terminée" if facturation.terminee_le else "arrêtée" if facturation.incident else "en cours"

    @admin.display(description="total", ordering="total")
    def somme(self, facturation):
        return regles.euros(facturation.total or regles.ZERO)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        relancer = self.admin_site.admin_view(self.relancer)
        return [path("<int:pk>/relancer/", relancer, name="facturation_facturation_relancer"), *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        """Choisir le mois ; le regarder tel qu'il serait émis, et ce qu'il vaut mieux régler avant ; le lancer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        envoi = request.POST if request.method == "POST" else request.GET if "mois" in request.GET else None
        donnees = {"compte": request.user, "maintenant": timezone.now()}
        form = LancementForm(envoi, **donnees)
        if request.method == "POST" and form.is_valid():
            try:
                facturation = form.save()
            except ValidationError as refus:
                form.add_error(None, refus)
            else:
                phrase = "Émission lancée."
                LogEntry.objects.log_actions(request.user.pk, [facturation], ADDITION, phrase, single_object=True)
                return redirect("admin:facturation_facturation_change", facturation.pk)
        if envoi is None and form.fields["mois"].choices:
            form.initial["mois"] = form.fields["mois"].choices[-1][0]  # le plus ancien : on facture dans l'ordre
        contexte = {"title": "Facturer un mois", "form": form, "retour": self.liste()}
        if form.is_bound and (mois := form["mois"].value()) in dict(form.fields["mois"].choices):
            contexte |= self.preparer(lire_mois(mois))
        return self.rendre(request, "facturation/admin/preparer.html", contexte)

    def preparer(self, mois):
        """L'aperçu du mois et ses contrôles, chacun avec la page où il se règle."""
        aujourdhui = jour_de_paris(timezone.now())
        controles = [(controle, FILS[controle.cle]) for controle in controler(mois, aujourdhui) if controle.nombre]
        contexte = {"mois": mois, "controles": controles, "bloque": any(c.bloquant for c, _ in controles)}
        if regles.dernier(mois) >= aujourdhui:
            contexte["ouvre_le"] = regles.suivant(mois)
        if not contexte["bloque"]:
            contexte["apercu"] = actions.apercu(mois)
        return contexte

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Où en est l'émission ; la page se recharge seule tant qu'elle n'est pas finie, sans JavaScript."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        facturation = get_object_or_404(self.get_queryset(request).select_related("lancee_par"), pk=object_id)
        return self.rendre(
            request,
            "facturation/admin/suivi.html",
            {
                "title": str(facturation),
                "facturation": facturation,
                "part": 100 * facturation.traites // max(facturation.a_faire, 1),
                "court": not (facturation.terminee_le or facturation.incident),
                "peut_relancer": self.has_add_permission(request) and not facturation.terminee_le,
                "retour": self.liste(),
            },
        )

    def relancer(self, request, pk):
        """Remet dans la file une émission arrêtée ; sans effet si elle a fini entre-temps."""
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        facturation = get_object_or_404(Facturation, pk=pk)
        actions.relancer(facturation)
        messages.info(request, "L'émission reprend au premier foyer qui restait.")
        return redirect("admin:facturation_facturation_change", pk)

    def liste(self):
        return reverse("admin:facturation_facturation_changelist")

    def rendre(self, request, gabarit, contexte):
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})

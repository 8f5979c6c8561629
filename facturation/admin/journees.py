"""Le livre de caisse, jour par jour : compter, clore, imprimer."""

from django.contrib import admin
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter

from commune.admin import enregistrer
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from commune.regles import jour_de_paris, lire_jour
from facturation import regles

from .. import imprimes
from ..forms import CloreForm
from ..models import Journee, especes_attendues, livre
from .exports.registres import JourneeResource


@admin.register(Journee)
class JourneeAdmin(ListeExportee, ModelAdmin):
    resource_classes = [JourneeResource]
    list_display = ["jour", "attendu_dit", "compte_dit", "ecart_dit", "raison", "close_par"]
    list_filter = [("jour", RangeDateFilter)]
    list_filter_submit = True
    list_select_related = ["close_par"]
    list_per_page = 50
    actions = None

    @admin.display(description="espèces attendues", ordering="attendu")
    def attendu_dit(self, journee):
        return regles.euros(journee.attendu)

    @admin.display(description="comptées", ordering="compte")
    def compte_dit(self, journee):
        return regles.euros(journee.compte)

    @admin.display(description="écart")
    def ecart_dit(self, journee):
        return regles.dire_l_ecart(journee.ecart)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        imprimer = self.admin_site.admin_view(self.imprimer)
        return [path("<int:pk>/pdf/", imprimer, name="facturation_journee_pdf"), *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        """Le livre d'un jour (aujourd'hui, sinon ``?jour=``), et de quoi le clore."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        maintenant = timezone.now()
        aujourdhui = jour_de_paris(maintenant)
        jour = min(lire_jour(request.GET.get("jour", "")) or aujourdhui, aujourdhui)
        derniere = Journee.objects.first()
        form = CloreForm(
            request.POST if request.method == "POST" else None, jour=jour, agent=request.user, maintenant=maintenant
        )
        if close := enregistrer(request, form, dire_la_cloture, acte=ADDITION):
            return redirect("admin:facturation_journee_change", close.pk)
        contexte = {
            "title": "Clore une journée de caisse", "jour": jour, "aujourdhui": aujourdhui, "form": form,
            "attendu": especes_attendues(jour), "livre": livre(jour), "depuis": derniere and derniere.jour,
            "close_jusqu_au": derniere.jour if derniere and derniere.jour >= jour else None,
        }  # fmt: skip
        return self.rendre(request, "facturation/admin/clore.html", contexte)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        journee = self.trouver(request, object_id)
        contexte = {
            "title": str(journee), "journee": journee, "livre": livre(journee.jour),
            "ecart_dit": regles.dire_l_ecart(journee.ecart),
        }  # fmt: skip
        return self.rendre(request, "facturation/admin/journee.html", contexte)

    def imprimer(self, request, pk):
        journee = self.trouver(request, pk)
        return servir_pdf(f"caisse-{journee.jour}.pdf", imprimes.journee(journee, livre(journee.jour)))

    def trouver(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Journee.objects.select_related("close_par"), pk=pk)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_journee_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def dire_la_cloture(journee):
    return f"{journee} close : {regles.dire_l_ecart(journee.ecart)}."

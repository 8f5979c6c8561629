"""Les avances rendues : chercher le foyer, rendre, relire, annuler."""

from django.contrib import admin
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from commune.admin import chercher, enregistrer
from commune.exports import ListeExportee
from commune.regles import lire_numero
from facturation import regles
from familles.models import Famille

from ..forms import AnnulerRemboursementForm, RemboursementForm
from ..models import Contestation, Remboursement, avec_solde, solde_de
from .caisse import TROUVES, foyers_trouves
from .exports.listes import RemboursementResource


@admin.register(Remboursement)
class RemboursementAdmin(ListeExportee, ModelAdmin):
    list_display = ["fait_le", "famille", "moyen_dit", "somme", "reference", "motif", "etat"]
    list_filter = ["moyen", ("fait_le", RangeDateFilter), ("annule_le", admin.EmptyFieldListFilter)]
    list_filter_submit = True
    list_select_related = ["famille"]
    list_per_page = 50
    search_fields = ["famille__cle"]
    search_help_text = "Famille"
    actions = None
    resource_classes = [RemboursementResource]

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "famille__cle", "famille__adultes__cle"), True

    @admin.display(description="moyen", ordering="moyen")
    def moyen_dit(self, rendu):
        return rendu.get_moyen_display()

    @admin.display(description="montant", ordering="montant")
    def somme(self, rendu):
        return regles.euros(rendu.montant)

    @display(description="état", label={"rendu": "success", "annulé": "danger"})
    def etat(self, rendu):
        return "annulé" if rendu.annule_le else "rendu"

    def has_change_permission(self, request, obj=None):
        return False  # un remboursement faux s'annule, avec sa raison

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        annuler = self.admin_site.admin_view(self.annuler)
        return [path("<int:pk>/annuler/", annuler, name="facturation_remboursement_annuler"), *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        """Chercher un foyer qui a une avance, puis la rendre."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if pk := lire_numero(request.GET.get("famille")):
            return self.rembourser(request, get_object_or_404(Famille, pk=pk))
        terme = request.GET.get("q", "").strip()
        foyers = avec_solde(foyers_trouves(terme) if terme else Famille.objects.all()).filter(solde__lt=0)
        foyers = list(foyers.prefetch_related("adultes", "enfants").order_by("solde", "pk")[: TROUVES + 1])
        return self.rendre(
            request, "facturation/admin/rembourser_qui.html",
            {"title": "Rembourser une avance", "terme": terme, "foyers": foyers[:TROUVES],
             "trop": len(foyers) > TROUVES,
             "contestations": Contestation.objects.a_rembourser().select_related("ligne__facture__famille", "avoir")
             .order_by("decidee_le", "pk")[:TROUVES]},
        )  # fmt: skip

    def rembourser(self, request, famille):
        contestation = None
        if pk := lire_numero(request.GET.get("contestation")):
            acceptees = Contestation.objects.a_rembourser().select_related("ligne", "avoir")
            contestation = get_object_or_404(acceptees, pk=pk, ligne__facture__famille=famille)
        form = RemboursementForm(
            request.POST if request.method == "POST" else None, famille=famille, compte=request.user,
            maintenant=timezone.now(), contestation=contestation,
        )  # fmt: skip
        if rendu := enregistrer(request, form, lambda rendu: f"{famille} : {rendu} enregistré.", acte=ADDITION):
            return redirect("admin:facturation_remboursement_change", rendu.pk)
        contexte = {
            "title": f"Rembourser la {famille}", "famille": famille, "form": form, "avance": -solde_de(famille),
            "contestation": contestation,
        }  # fmt: skip
        return self.rendre(request, "facturation/admin/rembourser.html", contexte)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        rendu = get_object_or_404(
            Remboursement.objects.select_related("famille", "contestation", "saisi_par", "annule_par"), pk=object_id
        )
        peut = request.user.has_perm("facturation.change_remboursement") and not rendu.annule_le
        return self.rendre(
            request, "facturation/admin/remboursement.html",
            {"title": str(rendu), "rendu": rendu, "peut_annuler": peut},
        )  # fmt: skip

    def annuler(self, request, pk):
        if not request.user.has_perm("facturation.change_remboursement"):
            raise PermissionDenied
        rendu = get_object_or_404(Remboursement.objects.select_related("famille"), pk=pk)
        form = AnnulerRemboursementForm(
            request.POST if request.method == "POST" else None,
            remboursement=rendu, compte=request.user, maintenant=timezone.now(),
        )  # fmt: skip
        if enregistrer(request, form, lambda _: f"{rendu} annulé : l'avance de la {rendu.famille} revient.", rendu):
            return redirect("admin:facturation_remboursement_change", pk)
        contexte = {"title": f"Annuler : {rendu}", "rendu": rendu, "form": form}
        return self.rendre(request, "facturation/admin/annuler_remboursement.html", contexte)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_remboursement_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})

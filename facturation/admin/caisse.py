"""La caisse : encaisser, annuler."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from commune.admin import chercher, enregistrer
from commune.exports import ListeExportee
from commune.regles import dire_le_jour, lire_numero
from facturation import regles
from familles.models import Famille

from ..forms import AnnulationForm, ReglementForm
from ..models import Facture, Reglement, Remboursement, avec_solde, hors_facture, solde_de
from ..views.recus import rendre_recu
from .exports.listes import ReglementResource

TROUVES = 20  # au-delà, on précise sa recherche


class Depot(admin.SimpleListFilter):
    title = "dépôt"
    parameter_name = "depot"

    def lookups(self, request, model_admin):
        return [("non", "à déposer"), ("oui", "déposés")]

    def queryset(self, request, queryset):
        if self.value() == "non":
            return queryset.a_deposer()
        return queryset.exclude(depose=None) if self.value() == "oui" else queryset


@admin.register(Reglement)
class ReglementAdmin(ListeExportee, ModelAdmin):
    list_display = ["recu_le", "famille", "moyen_dit", "somme", "reference", "facture", "etat"]
    list_filter = ["moyen", Depot, ("recu_le", RangeDateFilter), ("annule_le", admin.EmptyFieldListFilter)]
    list_filter_submit = True
    list_select_related = ["famille", "facture"]
    list_per_page = 50
    search_fields = ["famille__cle", "reference"]
    search_help_text = "Famille ou référence"
    actions = None
    resource_classes = [ReglementResource]

    def get_search_results(self, request, queryset, search_term):
        trouves = chercher(queryset, search_term, "famille__cle", "famille__adultes__cle")
        par_reference = Q(reference__icontains=search_term) if search_term else Q(pk=None)
        return queryset.filter(Q(pk__in=trouves.values("pk")) | par_reference), False

    @admin.display(description="moyen", ordering="moyen")
    def moyen_dit(self, recu):
        return recu.get_moyen_display()

    @admin.display(description="montant", ordering="montant")
    def somme(self, recu):
        return regles.euros(recu.montant)

    @display(description="état", label={"encaissé": "success", "annulé": "danger"})
    def etat(self, recu):
        return "annulé" if recu.annule_le else "encaissé"

    def has_change_permission(self, request, obj=None):
        return False  # un règlement faux s'annule, avec sa raison

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/annuler/", vue(self.annuler), name="facturation_reglement_annuler"),
            path("<int:pk>/recu/", vue(self.recu), name="facturation_reglement_recu"),
            *super().get_urls(),
        ]

    def recu(self, request, pk):
        """Le reçu, tel que la famille l'a sur le portail."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        recu = get_object_or_404(Reglement.objects.valables().select_related("famille"), pk=pk)
        return rendre_recu(recu)

    def add_view(self, request, form_url="", extra_context=None):
        """Chercher le foyer par un nom ou un numéro de facture, puis encaisser."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if pk := lire_numero(request.GET.get("famille")):
            return self.encaisser(request, get_object_or_404(Famille, pk=pk))
        terme = request.GET.get("q", "").strip()
        foyers = avec_solde(foyers_trouves(terme)).prefetch_related("adultes", "enfants")[: TROUVES + 1]
        return self.rendre(
            request, "facturation/admin/encaisser_qui.html",
            {"title": "Enregistrer un règlement", "terme": terme, "foyers": foyers[:TROUVES] if terme else [],
             "trop": bool(terme) and len(foyers) > TROUVES, "derniers": self.derniers(request)},
        )  # fmt: skip

    def derniers(self, request):
        """Ce qu'on vient de saisir, pour le relire d'un coup d'œil."""
        siens = Reglement.objects.filter(saisi_par=request.user).select_related("famille")
        return siens.order_by("-saisi_le")[:5]

    def encaisser(self, request, famille):
        form = ReglementForm(
            request.POST if request.method == "POST" else None, famille=famille, compte=request.user,
            maintenant=timezone.now(), facture=lire_numero(request.GET.get("facture")),
        )  # fmt: skip
        if enregistrer(request, form, lambda recu: f"{famille} : {recu} enregistré.", acte=ADDITION):
            return redirect("admin:facturation_reglement_add")
        contexte = {"title": f"Règlement de la {famille}", "famille": famille, "form": form, "solde": solde_de(famille)}
        return self.rendre(request, "facturation/admin/encaisser.html", contexte)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        recu = get_object_or_404(
            Reglement.objects.select_related("famille", "facture", "saisi_par", "annule_par", "depose__bordereau"),
            pk=object_id,
        )
        peut = request.user.has_perm("facturation.change_reglement") and not recu.annule_le
        contexte = {"title": str(recu), "recu": recu, "peut_annuler": peut}
        return self.rendre(request, "facturation/admin/reglement.html", contexte)

    def annuler(self, request, pk):
        if not request.user.has_perm("facturation.change_reglement"):
            raise PermissionDenied
        recu = get_object_or_404(Reglement.objects.select_related("famille", "facture"), pk=pk)
        form = AnnulationForm(
            request.POST if request.method == "POST" else None,
            reglement=recu, compte=request.user, maintenant=timezone.now(),
        )  # fmt: skip
        if enregistrer(request, form, lambda _: f"{recu} annulé : la dette de la {recu.famille} revient.", recu):
            self.dire_l_avance_rendue(request, recu.famille)
            return redirect("admin:facturation_reglement_change", pk)
        contexte = {"title": f"Annuler : {recu}", "recu": recu, "form": form}
        return self.rendre(request, "facturation/admin/annuler.html", contexte)

    @staticmethod
    def dire_l_avance_rendue(request, famille):
        """Le chèque n'est pas passé, mais l'avance qu'il faisait est partie : ce qu'il reste à réclamer."""
        du = hors_facture(famille)
        rendu = Remboursement.objects.valables().filter(famille=famille).order_by("-fait_le", "-pk").first()
        if du and rendu:
            messages.warning(request, (
                f"Une avance a déjà été remboursée le {dire_le_jour(rendu.fait_le)} : {regles.euros(du)} restent dus "
                "sans facture qui les porte. Si ce remboursement n'est pas parti, annulez-le ; sinon, encaissez-les "
                "sans désigner de facture."
            ))  # fmt: skip

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_reglement_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def foyers_trouves(terme):
    """Les foyers que désigne un nom (parent, enfant) ou un numéro de facture."""
    if numero := lire_numero(terme.rpartition("-")[2]):
        return Famille.objects.filter(pk__in=Facture.objects.filter(numero=numero).values("famille"))
    trouves = chercher(Famille.objects.all(), terme, "cle", "adultes__cle", "enfants__cle")
    return Famille.objects.filter(pk__in=trouves.values("pk"))

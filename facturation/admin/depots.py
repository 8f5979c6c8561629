"""Les bordereaux de dépôt : cocher ce que la caisse tient, déposer, imprimer."""

from django.contrib import admin
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter

from commune.admin import enregistrer
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from facturation import regles

from .. import imprimes
from ..forms import DepotForm
from ..models import Bordereau, Reglement, avec_total
from .exports.registres import BordereauResource


@admin.register(Bordereau)
class BordereauAdmin(ListeExportee, ModelAdmin):
    resource_classes = [BordereauResource]
    list_display = ["numero_dit", "depose_le", "moyen_dit", "nombre", "somme", "fait_par"]
    list_filter = ["moyen", ("depose_le", RangeDateFilter)]
    list_filter_submit = True
    list_select_related = ["fait_par"]
    list_per_page = 50
    actions = None

    def get_queryset(self, request):
        return avec_total(super().get_queryset(request)).annotate(combien=Count("deposes"))

    @admin.display(description="bordereau", ordering="numero")
    def numero_dit(self, bordereau):
        return bordereau.reference

    @admin.display(description="déposé", ordering="moyen")
    def moyen_dit(self, bordereau):
        return bordereau.get_moyen_display()

    @admin.display(description="règlements", ordering="combien")
    def nombre(self, bordereau):
        return bordereau.combien

    @admin.display(description="total", ordering="total")
    def somme(self, bordereau):
        return regles.euros(bordereau.total)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        imprimer = self.admin_site.admin_view(self.imprimer)
        return [path("<int:pk>/pdf/", imprimer, name="facturation_bordereau_pdf"), *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        """Ce que la caisse tient, par moyen ; puis, d'un moyen, ce qu'on dépose."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        tenus = Reglement.objects.a_deposer()
        moyen = request.GET.get("moyen", "")
        contexte = {"title": "Faire un dépôt", "moyen": moyen, "moyens": par_moyen(tenus)}
        if moyen in Reglement.EN_CAISSE:
            candidats = list(tenus.filter(moyen=moyen).select_related("famille", "facture").order_by("recu_le", "pk"))
            form = DepotForm(
                request.POST if request.method == "POST" else None, moyen=moyen, candidats=candidats,
                compte=request.user, maintenant=timezone.now(),
            )  # fmt: skip
            if fait := enregistrer(request, form, dire_le_depot, acte=ADDITION):
                return redirect("admin:facturation_bordereau_change", fait.pk)
            coches = set(request.POST.getlist("reglements")) if request.method == "POST" else None
            for recu in candidats:
                recu.coche = coches is None or str(recu.pk) in coches
            contexte |= {
                "form": form, "candidats": candidats, "moyen_dit": Reglement.Moyen(moyen).label,
                "total": sum((recu.montant for recu in candidats), regles.ZERO),
            }  # fmt: skip
        return self.rendre(request, "facturation/admin/depot.html", contexte)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        bordereau = get_object_or_404(self.get_queryset(request).select_related("fait_par"), pk=object_id)
        contexte = {"title": str(bordereau), "bordereau": bordereau, "recus": recus_de(bordereau)}
        return self.rendre(request, "facturation/admin/bordereau.html", contexte)

    def imprimer(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        bordereau = get_object_or_404(self.get_queryset(request).select_related("fait_par"), pk=pk)
        return servir_pdf(f"bordereau-{bordereau.reference}.pdf", imprimes.bordereau(bordereau, recus_de(bordereau)))

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_bordereau_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def dire_le_depot(bordereau):
    return f"{bordereau} : {bordereau.get_moyen_display()}, {bordereau.deposes.count()} déposés."


def par_moyen(tenus):
    """``[(moyen, son nom, nombre, total)…]`` de ce que la caisse tient."""
    comptes = tenus.order_by().values_list("moyen").annotate(n=Count("pk"), s=Sum("montant"))
    trouves = {moyen: (n, somme) for moyen, n, somme in comptes}
    return [(m, m.label, *trouves[m]) for m in Reglement.EN_CAISSE if m in trouves]


def recus_de(bordereau):
    recus = Reglement.objects.filter(depose__bordereau=bordereau).select_related("famille", "facture")
    return list(recus.order_by("depose__pk"))

"""Les prélèvements : chaque débit, le rejet que la banque en a dit, et ce que la famille en sait."""

from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from commune.admin import chercher, enregistrer
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from commune.regles import lire_numero
from facturation import regles

from .. import actions, imprimes
from ..forms import RejetForm
from ..models import Prelevement
from . import rejets
from .exports.suites import PrelevementResource
from .lots import COULEURS


class ARegarder(admin.SimpleListFilter):
    title = "à regarder"
    parameter_name = "a_regarder"

    def lookups(self, request, model_admin):
        return [("rejetes", "rejetés, encore à payer")]

    def queryset(self, request, queryset):
        return queryset.a_suivre() if self.value() == "rejetes" else queryset


@admin.register(Prelevement)
class PrelevementAdmin(ListeExportee, ModelAdmin):
    resource_classes = [PrelevementResource]
    list_display = ["reference_dite", "famille", "somme", "etat_dit", "rejet", "mandat_dit"]
    list_filter = [ARegarder, "etat", "lot"]
    list_select_related = ["lot", "facture__famille", "mandat"]
    list_per_page = 50
    search_fields = ["facture__famille__cle"]
    search_help_text = "Famille, numéro de facture ou RUM"
    actions = None
    actions_list = ["rejets", "lettres"]

    @action(description="Lire un fichier de rejets", url_path="rejets", permissions=["change"], icon="upload_file")
    def rejets(self, request):
        return rejets.lire(request)

    @action(description="Imprimer les lettres des rejets", url_path="lettres", permissions=["view"], icon="mail")
    def lettres(self, request):
        """Une lettre par débit rejeté et encore à payer, pour les familles qui n'ont pas de compte."""
        rejetes = Prelevement.objects.a_suivre().select_related("lot", "facture").order_by("rejete_le", "pk")
        sans = actions.sans_compte(rejetes.values_list("facture__famille", flat=True))
        return self.imprimer(request, [debit for debit in rejetes if debit.facture.famille_id in sans],
                             "admin:facturation_prelevement_changelist")  # fmt: skip

    def lettre(self, request, pk):
        """La lettre qui dit ce rejet à la famille."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        debit = get_object_or_404(Prelevement.objects.select_related("lot", "facture"), pk=pk)
        debits = [debit] if debit.etat == Prelevement.Etat.REJETE else []
        return self.imprimer(request, debits, "admin:facturation_prelevement_change", pk)

    def imprimer(self, request, debits, *retour):
        if not debits:
            messages.info(request, "Aucune lettre à imprimer : chaque famille a reçu son courriel, ou a payé.")
            return redirect(*retour)
        ecrites = [
            (debit.facture.famille_id, "facturation/courriels/prelevement_rejete", actions.contexte_du_rejet(debit))
            for debit in debits
        ]
        return servir_pdf("rejets-lettres.pdf", imprimes.courriers(ecrites, timezone.now()))

    def get_urls(self):
        lettre = self.admin_site.admin_view(self.lettre)
        return [path("<int:pk>/lettre/", lettre, name="facturation_prelevement_lettre"), *super().get_urls()]

    def get_search_results(self, request, queryset, search_term):
        foyer = "facture__famille"
        trouves = chercher(queryset, search_term, f"{foyer}__cle", f"{foyer}__adultes__cle").values("pk")
        ici = Q(mandat__rum__icontains=search_term) if search_term else Q()
        if numero := lire_numero(search_term.partition("-L")[0].rpartition("-")[2]):
            ici |= Q(facture__numero=numero)
        return queryset.filter(Q(pk__in=trouves) | ici), False

    @admin.display(description="référence", ordering="facture__numero")
    def reference_dite(self, debit):
        return debit.reference

    @admin.display(description="famille", ordering="facture__famille__nom")
    def famille(self, debit):
        return debit.facture.famille

    @admin.display(description="montant", ordering="montant")
    def somme(self, debit):
        return regles.euros(debit.montant)

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, debit):
        return debit.get_etat_display()

    @admin.display(description="rejet", ordering="code_rejet")
    def rejet(self, debit):
        return f"{debit.code_rejet} : {debit.rejet_dit}" if debit.code_rejet else "–"

    @admin.display(description="mandat")
    def mandat_dit(self, debit):
        return debit.mandat or "effacé"

    def has_add_permission(self, request):
        return False  # il naît dans un lot

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Un débit, et le rejet que la banque en a dit."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        debit = get_object_or_404(
            Prelevement.objects.select_related(
                "lot", "facture__famille", "mandat", "reglement", "rejet_saisi_par"
            ), pk=object_id,
        )  # fmt: skip
        peut = self.has_change_permission(request) and debit.etat == Prelevement.Etat.REMIS
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        form = RejetForm(request.POST or None, prelevement=debit, compte=request.user, maintenant=timezone.now())
        if enregistrer(request, form, dire_rejete):
            return redirect("admin:facturation_prelevement_change", object_id)
        if form.has_error(NON_FIELD_ERRORS, "deja_rejete"):
            messages.info(request, "Ce rejet est déjà saisi.")
            return redirect("admin:facturation_prelevement_change", object_id)
        contexte = {"title": str(debit), "debit": debit, "form": form, "peut": peut,
                    "lettre": debit.code_rejet and bool(actions.sans_compte([debit.facture.famille_id])),
                    "retour": reverse("admin:facturation_prelevement_changelist")}  # fmt: skip
        return render(
            request, "facturation/admin/prelevement.html", {**self.admin_site.each_context(request), **contexte}
        )


def dire_rejete(debit):
    prevenus = actions.dire_prevenus([debit.facture.famille_id])
    return f"Rejet {debit.code_rejet} : {debit.rejet_dit}. La dette revient, {prevenus}."

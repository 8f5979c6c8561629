"""Les factures émises : les lire, les chercher, en rendre une partie par un avoir."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import chercher, enregistrer
from commune.exports import ListeExportee
from commune.fichiers import servir
from commune.regles import jour_de_paris, lire_numero
from facturation import regles

from .. import actions, pdf
from ..forms import AvoirForm
from ..models import Avoir, Contestation, Facturation, Facture, avec_suites
from . import attestations
from .exports.listes import AvoirResource, FactureResource, LigneResource

MOTS = {regles.PAYEE: "payée", regles.A_PAYER: "à payer", regles.EN_RETARD: "en retard"}
COULEURS = {"payée": "success", "à payer": "info", "en retard": "danger"}


class Paiement(admin.SimpleListFilter):
    title = "paiement"
    parameter_name = "paiement"

    def lookups(self, request, model_admin):
        return [("impayee", "restent à payer"), ("en_retard", "en retard"), ("payee", "payées")]

    def queryset(self, request, queryset):
        if self.value() == "impayee":
            return queryset.impayees()
        if self.value() == "en_retard":
            return queryset.impayees().filter(echeance__lt=jour_de_paris(timezone.now()))
        return queryset.soldees() if self.value() == "payee" else queryset


class MoisFacture(admin.SimpleListFilter):
    title = "mois"
    parameter_name = "mois"

    def lookups(self, request, model_admin):
        return [(f"{mois}", date_format(mois, "F Y")) for mois in Facturation.objects.values_list("mois", flat=True)]

    def queryset(self, request, queryset):
        return queryset.filter(mois=self.value()) if self.value() in dict(self.lookup_choices) else queryset


class Prevenue(admin.SimpleListFilter):
    title = "courriel"
    parameter_name = "prevenue"

    def lookups(self, request, model_admin):
        return [("non", "foyer sans compte : à imprimer")]

    def queryset(self, request, queryset):
        return queryset.filter(pk__in=actions.sans_courriel().values("pk")) if self.value() == "non" else queryset


class Prelevement(admin.SimpleListFilter):
    title = "prélèvement"
    parameter_name = "prelevement"

    def lookups(self, request, model_admin):
        return [("oui", "prélevées"), ("non", "payées autrement")]

    def queryset(self, request, queryset):
        if self.value() == "oui":
            return queryset.exclude(rum="")
        return queryset.filter(rum="") if self.value() == "non" else queryset


@admin.register(Facture)
class FactureAdmin(ListeExportee, ModelAdmin):
    list_display = ["numero_dit", "famille", "le_mois", "somme", "reste_dit", "echeance", "etat"]
    list_filter = [Paiement, MoisFacture, Prelevement, Prevenue]
    list_select_related = ["famille"]
    list_per_page = 50
    search_fields = ["famille__cle"]
    search_help_text = "Famille, parent, enfant, ou numéro de facture"
    actions = None
    resource_classes = [FactureResource, LigneResource]

    def get_queryset(self, request):
        return super().get_queryset(request).avec_reste()

    def get_search_results(self, request, queryset, search_term):
        if numero := lire_numero(search_term.strip().rpartition("-")[2]):
            return queryset.filter(numero=numero), False
        return chercher(queryset, search_term, "famille__cle", "famille__adultes__cle", "famille__enfants__cle"), True

    @admin.display(description="facture", ordering="numero")
    def numero_dit(self, facture):
        return facture.reference

    @admin.display(description="mois", ordering="mois")
    def le_mois(self, facture):
        return date_format(facture.mois, "F Y")

    @admin.display(description="total", ordering="total")
    def somme(self, facture):
        return regles.euros(facture.total)

    @admin.display(description="reste", ordering="reste")
    def reste_dit(self, facture):
        return regles.euros(facture.reste)

    @display(description="état", label=COULEURS)
    def etat(self, facture):
        return MOTS[facture.etat(jour_de_paris(timezone.now()))]

    def has_add_permission(self, request):
        return False  # une facture naît d'une facturation du mois

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", vue(self.pdf), name="facturation_facture_pdf"),
            path("<int:pk>/avoir/", vue(self.avoir), name="facturation_facture_avoir"),
            *attestations.adresses(vue),
            *super().get_urls(),
        ]

    def trouver(self, request, pk):
        """La facture, à qui a le droit de la lire."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        factures = avec_suites(self.get_queryset(request)).select_related("famille", "facturation")
        return get_object_or_404(factures, pk=pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """La facture telle que la famille la lit, et ce qui s'est passé depuis."""
        facture = self.trouver(request, object_id)
        avoirs = list(facture.avoirs.select_related("emis_par").order_by("pk"))
        reglements = list(facture.reglements.select_related("saisi_par").order_by("recu_le", "pk"))
        suites = [suite.montant for suite in [*avoirs, *(recu for recu in reglements if not recu.annule_le)]]
        return self.rendre(
            request,
            "facturation/admin/facture.html",
            {
                "title": str(facture),
                "facture": facture,
                "etat": MOTS[facture.etat(jour_de_paris(timezone.now()))],
                "avoirs": avoirs,
                "reglements": reglements,
                "deduit": regles.deduit(facture.total, facture.reste, suites),
                "contestations": Contestation.objects.filter(ligne__facture=facture).select_related("ligne"),
                "en_suspens": facture.paiements.en_suspens(),
                "voit_les_paiements": request.user.has_perm("facturation.view_paiement"),
                "peut_rendre": request.user.has_perm("facturation.add_avoir"),
                "peut_encaisser": request.user.has_perm("facturation.add_reglement"),
            },
        )

    def pdf(self, request, pk):
        facture = self.trouver(request, pk)
        return servir(pdf.obtenir(facture), f"facture-{facture.reference}.pdf", voir=True)

    def avoir(self, request, pk):
        """Rendre une partie de la facture : des lignes cochées, ou un montant."""
        facture = self.trouver(request, pk)
        if not request.user.has_perm("facturation.add_avoir"):
            raise PermissionDenied
        form = AvoirForm(
            request.POST if request.method == "POST" else None,
            facture=facture, compte=request.user, maintenant=timezone.now(),
        )  # fmt: skip
        if enregistrer(request, form, lambda avoir: f"{avoir} émis : {regles.euros(avoir.montant)} rendus.", facture):
            return redirect("admin:facturation_facture_change", pk)
        contexte = {"title": f"Avoir sur la facture {facture.reference}", "facture": facture, "form": form}
        return self.rendre(request, "facturation/admin/avoir.html", contexte)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_facture_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


@admin.register(Avoir)
class AvoirAdmin(ListeExportee, ModelAdmin):
    list_display = ["numero_dit", "facture", "famille", "somme", "motif", "emis_le", "emis_par", "evenement_dit"]
    list_select_related = ["facture__famille", "emis_par", "evenement"]
    list_filter = [("evenement", admin.RelatedOnlyFieldListFilter)]
    date_hierarchy = "emis_le"
    search_fields = ["facture__famille__cle"]
    search_help_text = "Famille"
    actions = None
    resource_classes = [AvoirResource]

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "facture__famille__cle"), False

    @admin.display(description="avoir")
    def numero_dit(self, avoir):
        return avoir.reference

    @admin.display(description="famille", ordering="facture__famille__nom")
    def famille(self, avoir):
        return avoir.facture.famille

    @admin.display(description="événement")
    def evenement_dit(self, avoir):
        return f"{avoir.evenement} ({avoir.evenement.etat})" if avoir.evenement else "–"

    @admin.display(description="montant rendu", ordering="montant")
    def somme(self, avoir):
        return regles.euros(avoir.montant)

    def has_add_permission(self, request):
        return False  # un avoir s'émet depuis sa facture

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

"""Les codes comptables : une fiche, les comptes de chaque activité et de chaque moyen, ce que demande le PES."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, TabularInline

from inscriptions.models import Activite

from ...forms import ComptabiliteForm
from ...models import Comptabilite, Imputation, Reglement, Tresorerie


class ImputationInline(TabularInline):
    model = Imputation
    verbose_name_plural = "Comptes de produit, par genre d'activité ou par activité"

    def manquants(self):
        """Une ligne prête par genre sans compte, et une de plus : sans script, on les remplit d'un coup."""
        deja = set(Imputation.objects.filter(activite=None).values_list("genre", flat=True))
        return [{"genre": genre} for genre in Activite.Genre.values if genre not in deja] + [{"genre": "midi"}]

    def get_extra(self, request, obj=None, **options):
        return len(self.manquants())

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("facturation.view_comptabilite")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("facturation.change_comptabilite")

    has_add_permission = has_delete_permission = has_change_permission


class TresorerieInline(ImputationInline):
    model = Tresorerie
    verbose_name_plural = "Comptes de trésorerie, par moyen de paiement"

    def manquants(self):
        deja = set(Tresorerie.objects.values_list("moyen", flat=True))
        return [{"moyen": moyen} for moyen in Reglement.Moyen.values if moyen not in deja]


@admin.register(Comptabilite)
class ComptabiliteAdmin(ModelAdmin):
    form = ComptabiliteForm
    inlines = [ImputationInline, TresorerieInline]
    fieldsets = [
        ("Écritures", {
            "fields": [("tiers", "budget"), ("journal_ventes", "journal_avoirs", "journal_encaissements")],
            "description": "Les codes de votre nomenclature, tels que votre comptable public les donne. Changés ici, "
            "ils ne changent aucun export déjà fait.",
        }),
        ("PES Recette ORMC (expérimental)", {
            "fields": [
                ("pes_poste", "pes_collectivite", "pes_budget"), ("pes_bordereau", "pes_piece", "pes_nature_piece"),
                ("pes_fichier", "pes_nature"), ("pes_categorie", "pes_juridique", "pes_type_tiers"),
                ("pes_adresse", "pes_residence"), "pes_schema", "schema_garde",
            ],
            "description": "Expérimental : faites accepter un premier fichier par votre comptable public avant de "
            "vous en servir. C'est lui qui donne chaque code, et le triplet bordereau, pièce, nature d'un ORMC.",
        }),
    ]  # fmt: skip
    readonly_fields = ["schema_garde"]

    @admin.display(description="schéma gardé")
    def schema_garde(self, comptabilite):
        return "oui ; en déposer un autre le remplace" if comptabilite.pes_schema else "aucun : aucun PES n'est donné"

    def get_formset_kwargs(self, request, obj, inline, prefix):
        # Dits aussi à l'envoi : une ligne prête que l'on n'a pas remplie n'est pas une ligne.
        return super().get_formset_kwargs(request, obj, inline, prefix) | {"initial": inline.manquants()}

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Comptabilite.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        """Une seule fiche : la liste mène droit à elle."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if self.has_add_permission(request):
            return redirect("admin:facturation_comptabilite_add")
        return redirect("admin:facturation_comptabilite_change", 1)

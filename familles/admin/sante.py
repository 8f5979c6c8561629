"""Les fiches sanitaires : chaque ouverture est consignée, et rien de ce qu'elles disent n'en sort."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from commune.admin import chercher
from commune.exports import ListeExportee

from .. import actions
from ..actions.enfants import SANTE
from ..models import FicheSanitaire, LectureFiche
from .exports import LectureResource


class FicheForm(forms.ModelForm):
    regime = forms.ChoiceField(
        label="Régime", choices=FicheSanitaire.Regime.choices, required=False, widget=UnfoldAdminSelectWidget
    )
    medecin = forms.CharField(label="Médecin traitant", required=False, widget=UnfoldAdminTextInputWidget)
    medecin_telephone = forms.CharField(label="Téléphone du médecin", required=False, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = FicheSanitaire
        fields = ["enfant", *SANTE, "panier_repas"]
        widgets = {nom: UnfoldAdminTextareaWidget({"rows": 3}) for nom in ("allergies", "pai", "observations")}


@admin.register(FicheSanitaire)
class FicheSanitaireAdmin(ModelAdmin):
    form = FicheForm
    list_display = ["enfant", "ecole", "modifiee_le"]
    list_select_related = ["enfant__ecole"]
    list_filter = ["enfant__ecole"]
    list_per_page = 50
    search_fields = ["enfant__cle"]
    autocomplete_fields = ["enfant"]
    ordering = ["enfant__nom", "enfant__prenom", "pk"]
    actions = None
    fieldsets = [
        (None, {"fields": ["enfant", "allergies", "regime", "pai", "panier_repas"]}),
        ("Médecin", {"fields": [("medecin", "medecin_telephone")]}),
        ("Autres précautions", {"fields": ["observations"]}),
    ]

    def get_queryset(self, request):
        fiches = super().get_queryset(request)
        if request.resolver_match.url_name == "familles_fichesanitaire_changelist":
            return fiches.defer(*SANTE)  # la liste ne déchiffre rien : elle n'est pas une lecture
        return fiches

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "enfant__cle"), False

    @admin.display(description="école", ordering="enfant__ecole")
    def ecole(self, fiche):
        return fiche.enfant.ecole

    def get_readonly_fields(self, request, obj=None):
        return ["enfant"] if obj else []

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """La page s'affiche : c'est une lecture, même si l'on ne venait que pour modifier."""
        if obj:
            actions.consigner_lectures([obj.enfant], request.user, request.path, timezone.now())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def construct_change_message(self, request, form, formsets, add=False):
        return "Fiche sanitaire enregistrée."  # jamais le nom des champs : « allergies » en dit déjà trop

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(LectureFiche)
class LectureFicheAdmin(ListeExportee, ModelAdmin):
    """Qui a lu quelle fiche, quand, d'où. Ne s'écrit ni ne s'efface d'ici."""

    list_display = ["lue_le", "enfant", "compte", "page"]
    resource_classes = [LectureResource]
    list_select_related = ["enfant", "compte"]
    list_filter = [("compte", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["enfant__cle"]
    date_hierarchy = "lue_le"
    list_per_page = 100
    actions = None

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "enfant__cle"), False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

"""Les enfants et les adultes, un par page."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from commune.admin import chercher
from commune.exports import ListeExportee

from ..actions import redire, signaler_les_interdictions
from ..models import ROLES, Adulte, Autorisation, Enfant, PersonneAutorisee, Rattachement
from ..regles import verifier_roles
from .exports import AdulteResource, AutorisationResource, EnfantResource, EntourageResource
from .famille import NomForm
from .garde import page_de_garde
from .groupe import EnfantForm, page_du_groupe


class RattachementEnfantInline(TabularInline):
    model = Rattachement
    fields = ["famille", "foyer", "debut", "fin"]
    autocomplete_fields = ["famille"]
    extra = 0
    can_delete = False


class PersonneForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["adulte"].disabled = self.instance.pk is not None

    def clean(self):
        """Un adulte d'un autre foyer verrait son nom sur la liste des agents sans que personne l'y ait mis."""
        super().clean()
        enfant, adulte = self.cleaned_data.get("enfant"), self.cleaned_data.get("adulte")
        if enfant and adulte and self.has_changed():
            roles = {role for role in ROLES if self.cleaned_data.get(role)}
            if not enfant.rattachements.filter(famille=adulte.famille_id).exists():
                self.add_error("adulte", f"{adulte} ({adulte.famille}) n'est d'aucun foyer de {enfant}.")
            elif not self.instance.pk and enfant.personnes.en_cours().filter(adulte=adulte).exists():
                self.add_error("adulte", f"{adulte} figure déjà dans l'entourage de {enfant}.")
            elif not self.instance.pk and not roles:
                self.add_error(None, f"Dites ce que {adulte} peut pour {enfant}.")
            self._verifier(roles, adulte)
        return self.cleaned_data

    def _verifier(self, roles, adulte):
        try:
            verifier_roles(roles, adulte.telephone or adulte.telephone_travail)
        except ValidationError as refus:
            self.add_error(None, refus)


class PersonneInline(TabularInline):
    """Décocher tout retire la personne : la ligne finit, et se lit plus bas."""

    model = PersonneAutorisee
    form = PersonneForm
    fields = ["adulte", *ROLES, "debut", "par"]
    readonly_fields = ["debut", "par"]
    autocomplete_fields = ["adulte"]
    extra = 0
    can_delete = False
    verbose_name_plural = "entourage (décochez tout pour retirer quelqu'un)"

    def get_queryset(self, request):
        return super().get_queryset(request).en_cours().select_related("adulte", "par")


class AnciennePersonneInline(TabularInline):
    """À lire : qui pouvait quoi, jusqu'à quand, et qui l'a changé."""

    model = PersonneAutorisee
    fields = readonly_fields = ["adulte", *ROLES, "debut", "par", "fin", "fin_par"]
    extra = 0
    can_delete = False
    verbose_name_plural = "entourage d'avant"

    def get_queryset(self, request):
        anciennes = super().get_queryset(request).exclude(fin=None).order_by("-fin", "-pk")
        return anciennes.select_related("adulte", "par", "fin_par")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class AutorisationInline(TabularInline):
    """À lire : une réponse ne se récrit pas, la famille en donne une nouvelle."""

    model = Autorisation
    fields = readonly_fields = ["genre", "accordee", "donnee_le", "compte"]
    extra = 0
    can_delete = False
    verbose_name_plural = "autorisations, de la plus récente à la plus ancienne"

    def has_add_permission(self, request, obj=None):
        return False


class DoublonFilter(admin.SimpleListFilter):
    title = "doublons"
    parameter_name = "doublons"

    def lookups(self, request, model_admin):
        return [("possibles", "doublons possibles")]

    def queryset(self, request, queryset):
        if self.value() != "possibles":
            return queryset
        autres = Enfant.objects.filter(cle=OuterRef("cle"), date_naissance=OuterRef("date_naissance")).exclude(
            pk=OuterRef("pk")
        )
        actuels = Rattachement.objects.actuels().filter(enfant=OuterRef("pk"))
        return queryset.filter(Exists(autres.filter(Exists(actuels))), Exists(actuels))


@admin.register(Enfant)
class EnfantAdmin(ListeExportee, ModelAdmin):
    form = EnfantForm
    list_display = ["nom", "prenom", "date_naissance", "ecole", "la_classe", "foyers"]
    list_filter = ["ecole", "classe", ("division", admin.EmptyFieldListFilter), DoublonFilter]
    list_select_related = ["ecole"]
    search_fields = ["cle"]
    search_help_text = "Nom ou prénom de l'enfant"
    list_per_page = 50
    ordering = ["nom", "prenom", "pk"]
    fieldsets = [
        (None, {"fields": [("nom", "prenom"), ("sexe", "date_naissance"), "ecole", ("classe", "division"), "cree_le"]}),
    ]
    readonly_fields = ["cree_le"]
    inlines = [RattachementEnfantInline, PersonneInline, AutorisationInline]
    actions = ["donner_un_groupe"]
    actions_detail = ["garde", "inviter", "reunir", "fiche"]
    resource_classes = [EnfantResource]
    # L'entourage et les autorisations ne sortent que pour qui peut les lire.
    resources_de = {
        EntourageResource: "familles.view_personneautorisee", AutorisationResource: "familles.view_autorisation",
    }  # fmt: skip

    def get_inlines(self, request, enfant):
        avant = enfant is not None and enfant.personnes.exclude(fin=None).exists()
        return [*self.inlines, AnciennePersonneInline] if avant else self.inlines

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("rattachements__famille")

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "cle"), False

    def get_export_resource_classes(self, request):
        permises = [feuille for feuille, droit in self.resources_de.items() if request.user.has_perm(droit)]
        return [*super().get_export_resource_classes(request), *permises]

    @admin.display(description="classe", ordering="classe")
    def la_classe(self, enfant):
        return enfant.classe_dite or "–"

    @admin.display(description="familles")
    def foyers(self, enfant):
        return ", ".join(lien.famille.nom for lien in enfant.rattachements.all() if not lien.fin) or "–"

    def save_formset(self, request, form, formset, change):
        """Un rattachement terminé ici l'est par la mairie : la famille ne le rouvrira pas d'elle-même."""
        objets = formset.save(commit=False)
        if formset.model is PersonneAutorisee:
            redire({(objet.enfant, objet.adulte): objet.roles for objet in objets}, request.user, timezone.now())
            return
        for objet in objets:
            objet.fin_par = request.user if objet.fin else None
            objet.save()

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description="Donner un groupe à ces enfants", permissions=["change"])
    def donner_un_groupe(self, request, queryset):
        return page_du_groupe(self.admin_site, request, queryset)

    @action(description="Garde partagée", url_path="garde", icon="calendar_month", permissions=["regler_garde"])
    def garde(self, request, object_id):
        return page_de_garde(self.admin_site, request, object_id)

    def has_regler_garde_permission(self, request, object_id=None):
        return request.user.has_perm("familles.change_garde")

    @action(
        description="Inviter l'autre parent", url_path="inviter", icon="person_add", permissions=["add_rattachement"]
    )
    def inviter(self, request, object_id):
        return redirect("mairie_inviter", object_id)

    def has_add_rattachement_permission(self, request, object_id=None):
        return request.user.has_perm("familles.add_rattachement")

    @action(description="Fiche sanitaire", url_path="fiche", icon="medical_information", permissions=["voir_fiche"])
    def fiche(self, request, object_id):
        enfant = get_object_or_404(Enfant, pk=object_id)
        if hasattr(enfant, "fiche"):
            return redirect("admin:familles_fichesanitaire_change", enfant.fiche.pk)
        messages.info(request, "Cet enfant n'a pas encore de fiche sanitaire.")
        return redirect("admin:familles_enfant_change", object_id)

    def has_voir_fiche_permission(self, request, object_id=None):
        return request.user.has_perm("familles.view_fichesanitaire")

    @action(description="Doublons possibles", url_path="reunir", icon="merge", permissions=["change"])
    def reunir(self, request, object_id):
        return redirect("mairie_reunir", object_id)


@admin.register(Adulte)
class AdulteAdmin(ListeExportee, ModelAdmin):
    form = NomForm
    list_display = ["nom", "prenom", "famille", "lien", "telephone", "responsable_legal", "fin"]
    list_filter = ["responsable_legal", "lien", ("fin", admin.EmptyFieldListFilter)]
    list_select_related = ["famille"]
    search_fields = ["cle"]
    search_help_text = "Nom ou prénom"
    list_per_page = 50
    ordering = ["nom", "prenom", "pk"]
    autocomplete_fields = ["famille"]
    readonly_fields = ["compte"]
    fieldsets = [
        (None, {"fields": ["famille", "civilite", ("nom", "prenom"), ("lien", "responsable_legal")]}),
        ("Le joindre", {"fields": [("telephone", "telephone_travail"), "compte"]}),
        ("Départ", {"fields": ["fin"]}),
    ]
    resource_classes = [AdulteResource]

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("famille", "compte")

    def save_model(self, request, adulte, form, change):
        super().save_model(request, adulte, form, change)
        if "fin" in form.changed_data:
            signaler_les_interdictions(adulte)

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "cle"), False

    def has_delete_permission(self, request, obj=None):
        return False

"""La famille : le foyer, ses adultes, ses enfants, ses quotients, et l'entourage à lire."""

import datetime as dt

from django import forms
from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from commune.admin import chercher
from commune.exports import ListeExportee

from ..models import Adulte, Autorisation, Enfant, Famille, PersonneAutorisee, Quotient, Rattachement
from ..regles import en_capitales
from .exports import FamilleResource, QuotientResource


class NomForm(forms.ModelForm):
    """Le nom s'écrit en capitales, comme quand la famille l'écrit elle-même."""

    def clean_nom(self):
        return en_capitales(self.cleaned_data["nom"])


class FamilleForm(NomForm):
    class Meta:
        widgets = {"notes": UnfoldAdminTextareaWidget({"rows": 3})}


class AdulteInline(TabularInline):
    model = Adulte
    form = NomForm
    fields = ["civilite", "nom", "prenom", "lien", "telephone", "responsable_legal", "fin"]
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = "adultes"


class RattachementInline(TabularInline):
    """Les enfants du foyer. Un enfant qui a un second foyer s'y rattache ici, en « second foyer »."""

    model = Rattachement
    fields = ["enfant", "foyer", "debut", "fin"]
    autocomplete_fields = ["enfant"]
    extra = 0
    can_delete = False
    verbose_name_plural = "enfants rattachés"


class QuotientInline(TabularInline):
    model = Quotient
    fields = ["valeur", "debut", "fin", "preuve"]
    extra = 0


class ACompleter(admin.SimpleListFilter):
    """Ce qui manque à un foyer pour être facturé juste, et prévenu."""

    title = "ce qui manque"
    parameter_name = "manque"

    def lookups(self, request, model_admin):
        return [
            ("quotient", "un quotient en vigueur"), ("bientot", "un quotient dans un mois"),
            ("adresse", "une adresse entière"), ("compte", "un compte"),
        ]  # fmt: skip

    def queryset(self, request, queryset):
        jour, siens = timezone.localdate(), Quotient.objects.filter(famille=OuterRef("pk"))
        if self.value() == "quotient":
            return queryset.exclude(Exists(siens.au(jour)))
        if self.value() == "bientot":
            return queryset.filter(Exists(siens.au(jour)), ~Exists(siens.au(jour + dt.timedelta(days=31))))
        if self.value() == "adresse":
            return queryset.filter(Q(adresse="") | Q(code_postal="") | Q(ville=""))
        joignables = Adulte.objects.actuels().filter(famille=OuterRef("pk"), compte__is_active=True)
        return queryset.exclude(Exists(joignables)) if self.value() == "compte" else queryset


@admin.register(Famille)
class FamilleAdmin(ListeExportee, ModelAdmin):
    form = FamilleForm
    list_display = ["nom", "etat", "ville", "nombre_enfants", "hors_commune", "envoyee_le", "sur_une_page"]
    list_filter = [
        "statut", ACompleter, "hors_commune", ("rattachements__enfant__ecole", admin.RelatedOnlyFieldListFilter)
    ]  # fmt: skip
    search_fields = ["cle"]
    search_help_text = "Nom de la famille, d'un adulte ou d'un enfant, ou adresse e-mail"
    list_per_page = 50
    ordering = ["nom", "pk"]
    inlines = [AdulteInline, RattachementInline, QuotientInline]
    readonly_fields = ["statut", "motif_retour", "envoyee_le", "validee_le", "creee_le", "entourage"]
    change_form_outer_before_template = "admin/familles/liens.html"
    resource_classes = [FamilleResource]

    class Media:
        css = {"all": ["familles/mairie.css"]}

    def get_fieldsets(self, request, obj=None):
        foyer = ["nom", "adresse", "complement", ("code_postal", "ville")]
        foyer += [("hors_commune", "parents_travaillent"), "notes"]
        if obj is None:
            return [(None, {"fields": foyer})]
        blocs = [
            ("Le foyer", {"fields": foyer}),
            ("Le dossier", {"fields": ["statut", ("envoyee_le", "validee_le"), "motif_retour", "creee_le"]}),
        ]
        if request.user.has_perm("familles.view_personneautorisee"):
            blocs.append(("L'entourage", {"fields": ["entourage"]}))
        return blocs

    def get_queryset(self, request):
        actuels = Count("rattachements", filter=Q(rattachements__fin=None), distinct=True)
        return super().get_queryset(request).annotate(enfants_actuels=actuels)

    def get_search_results(self, request, queryset, search_term):
        if "@" in search_term:
            return queryset.filter(adultes__compte__email__icontains=search_term.strip()), True
        return chercher(queryset, search_term, "cle", "adultes__cle", "enfants__cle"), True

    @admin.display(description="enfants", ordering="enfants_actuels")
    def nombre_enfants(self, famille):
        return famille.enfants_actuels

    @display(
        description="dossier",
        ordering="statut",
        label={"en création": "info", "à valider": "warning", "validée": "success"},
    )
    def etat(self, famille):
        return famille.get_statut_display()

    @admin.display(description="")
    def sur_une_page(self, famille):
        lien = '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">Tout voir</a>'
        return format_html(lien, reverse("mairie_famille", args=[famille.pk]))

    @admin.display(description="Qui peut quoi pour chaque enfant")
    def entourage(self, famille):
        enfants = list(Enfant.objects.de_la_famille(famille))
        personnes, autorisations = {}, {}
        for personne in PersonneAutorisee.objects.filter(enfant__in=enfants).actuelles().select_related("adulte"):
            personnes.setdefault(personne.enfant_id, []).append(personne)
        for autorisation in Autorisation.objects.filter(enfant__in=enfants).en_vigueur():
            autorisations.setdefault(autorisation.enfant_id, []).append(autorisation)
        contexte = {
            "famille": famille,
            "lignes": [(e, personnes.get(e.pk, []), autorisations.get(e.pk, [])) for e in enfants],
        }
        return render_to_string("admin/familles/entourage.html", contexte)

    def save_formset(self, request, form, formset, change):
        """Un rattachement terminé ici l'est par la mairie : la famille ne le rouvrira pas d'elle-même."""
        for rattachement in formset.save(commit=False):
            if isinstance(rattachement, Rattachement):
                rattachement.fin_par = request.user if rattachement.fin else None
            rattachement.save()
        for objet in formset.deleted_objects:
            objet.delete()
        formset.save_m2m()

    def has_delete_permission(self, request, obj=None):
        return False  # une famille partie se purge à son heure, avec ses pièces et ses factures


@admin.register(Quotient)
class QuotientAdmin(ListeExportee, ModelAdmin):
    resource_classes = [QuotientResource]
    list_display = ["famille", "valeur", "debut", "fin", "preuve"]
    list_select_related = ["famille"]
    autocomplete_fields = ["famille"]
    search_fields = ["famille__cle"]
    date_hierarchy = "debut"

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "famille__cle"), False

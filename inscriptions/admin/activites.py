"""Les activités : leurs jours en cases à cocher, leurs règles relues en français, leur copie vers d'autres écoles."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from commune.admin import suivre_le_calendrier
from commune.exports import ListeExportee
from commune.models import Ecole
from familles.models import Enfant

from .. import actions, regles
from ..models import JOURS, Activite, Condition, Inscription
from .exports import ActiviteResource

CALENDRIER = {"jours", "heure_debut", "site", "genre", "active"}  # ce que comptent les délais
RANGS = ["en premier", "ensuite", "puis", "enfin"]


class PrioritesWidget(forms.MultiWidget):
    """Une liste par rang, du premier au dernier : l'ordre se dit sans glisser ni script."""

    def __init__(self):
        choix = [("", "–"), *((code, phrase.capitalize()) for code, phrase in regles.GROUPES.items())]
        super().__init__({rang: UnfoldAdminSelectWidget(choices=choix, attrs={"aria-label": f"Priorité, {rang}"})
                          for rang in RANGS})  # fmt: skip

    def decompress(self, value):
        return [*(value or []), *([""] * len(RANGS))][: len(RANGS)]


class PrioritesField(forms.MultiValueField):
    """Les groupes prioritaires, dans l'ordre ; une liste vide n'en donne aucun."""

    def __init__(self, **options):
        rangs = [forms.ChoiceField(choices=[("", "–"), *regles.GROUPES.items()], required=False) for _ in RANGS]
        super().__init__(rangs, widget=PrioritesWidget(), required=False, require_all_fields=False, **options)

    def compress(self, groupes):
        return list(dict.fromkeys(groupe for groupe in groupes if groupe))

    def has_changed(self, initial, data):
        # Django croirait pareilles une liste courte et une longue qui commence comme elle.
        return self.compress(initial or []) != self.compress(data or [])


class ActiviteForm(forms.ModelForm):
    """Une activité et ses règles ; les délais se changent sur leur page, qui dit d'abord qui est touché."""

    jours = forms.TypedMultipleChoiceField(
        label="jours de la semaine", choices=JOURS, coerce=int, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    classes = forms.MultipleChoiceField(
        label="classes accueillies", choices=Enfant.Classe.choices, required=False, help_text="Aucune cochée : toutes.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    priorites = PrioritesField(
        label="passent d'abord",
        help_text="Pour la liste d'attente et le tirage ; à égalité, l'ordre d'arrivée ou le sort. "
        f"Restauration : {regles.DROIT_A_LA_CANTINE[0].lower()}{regles.DROIT_A_LA_CANTINE[1:]}",
    )

    class Meta:
        model = Activite
        fields = "__all__"  # noqa: DJ007 - les fieldsets de l'administration rangent tous les champs
        help_texts = {"par_classe": "Vide : sans limite. CM1 A et CM1 B sont deux classes, si les groupes sont dits."}


class ConditionInline(TabularInline):
    """Avec quelle autre activité du même site, le même jour."""

    model = Condition
    fk_name = "activite"
    extra = 0
    verbose_name_plural = "le même jour, avec une autre activité du site"

    def get_formset(self, request, obj=None, **kwargs):
        self.site = obj.site_id if obj else None
        self.sauf = obj.pk if obj else None
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "autre":
            kwargs["queryset"] = Activite.objects.filter(site=self.site).exclude(pk=self.sauf)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request, obj=None):
        return obj is not None and request.user.has_perm("inscriptions.change_activite")


class CopieForm(forms.Form):
    """Les écoles qui recevront une copie : celles qui n'ont pas déjà une activité de ce nom."""

    ecoles = forms.ModelMultipleChoiceField(
        Ecole.objects.none(), label="Écoles", widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": "Choisissez au moins une école."},
    )  # fmt: skip

    def __init__(self, *args, activite, **kwargs):
        super().__init__(*args, **kwargs)
        self.activite = activite
        self.fields["ecoles"].queryset = Ecole.objects.ouvertes().exclude(activites__nom=activite.nom)

    def save(self, compte):
        return actions.copier_activite(self.activite, self.cleaned_data["ecoles"], compte, timezone.now())


@admin.register(Activite)
class ActiviteAdmin(ListeExportee, ModelAdmin):
    form = ActiviteForm
    list_display = ["nom", "site", "genre", "quand", "places", "inscrits", "demandes", "active"]
    list_select_related = ["site"]
    list_filter = ["active", "genre", "site"]
    list_per_page = 50
    search_fields = ["nom", "site__nom"]
    ordering = ["site__ordre", "site__nom", "ordre", "heure_debut"]
    readonly_fields = ["delais_relus"]
    actions_detail = ["copier"]
    resource_classes = [ActiviteResource]
    fieldsets = [
        ("L'activité", {"fields": ["nom", "genre", "site", "presentation", ("active", "ordre")]}),
        ("Quand", {"fields": ["jours", ("heure_debut", "heure_fin"), "avec_repas"]}),
        ("Pour qui", {"fields": ["ecoles", "classes", ("age_min", "age_max"), "age_au_mois", "pieces"]}),
        ("Combien", {"fields": [
            ("capacite", "inscriptions_max"), ("place_liberee", "delai_offre"), "validation_automatique",
        ]}),
        ("Règles", {"fields": [
            "delais_relus", ("semaine_min", "semaine_max"), ("par_classe", "excuse_jours"), "priorites",
        ]}),
    ]  # fmt: skip
    inlines = [ConditionInline]

    def get_queryset(self, request):
        valables = Q(inscriptions__etat=Inscription.Etat.VALIDEE, inscriptions__annee__ouverte=True)
        demandees = Q(inscriptions__etat=Inscription.Etat.DEMANDEE)
        return super().get_queryset(request).annotate(
            inscrites=Count("inscriptions", filter=valables, distinct=True),
            demandees=Count("inscriptions", filter=demandees, distinct=True),
        )  # fmt: skip

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).prefetch_related("ecoles", "pieces", "regles_delai")

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in ("ecoles", "pieces"):
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="jours et heures")
    def quand(self, activite):
        return f"{activite.jours_dits}, {activite.horaires}"

    @admin.display(description="places par jour", ordering="capacite")
    def places(self, activite):
        return activite.capacite if activite.capacite is not None else "sans limite"

    @admin.display(description="inscrits", ordering="inscrites")
    def inscrits(self, activite):
        return (
            f"{activite.inscrites} / {activite.inscriptions_max}" if activite.inscriptions_max else activite.inscrites
        )

    @display(description="demandes", ordering="demandees")
    def demandes(self, activite):
        if not activite.demandees:
            return "–"
        adresse = reverse("admin:inscriptions_inscription_changelist")
        return format_html(
            '<a class="underline" href="{}?etat__exact=demandee&activite__id__exact={}">{}</a>',
            adresse, activite.pk, activite.demandees,
        )  # fmt: skip

    @admin.display(description="délais")
    def delais_relus(self, activite):
        return render_to_string("inscriptions/admin/delais.html", {"activite": activite})

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and CALENDRIER & set(form.changed_data):
            suivre_le_calendrier(request)
        if obj.genre == Activite.Genre.MIDI and obj.priorites and "priorites" in form.changed_data:
            messages.warning(request, regles.DROIT_A_LA_CANTINE)
        if change and "capacite" in form.changed_data:
            adresse = reverse("admin:reservations_seance_changelist")
            messages.warning(request, format_html(
                "Les places des séances déjà ouvertes ne changent pas d'elles-mêmes."
                ' <a class="underline" href="{}?activite__id__exact={}">Choisir les séances à venir</a>, puis'
                " « Changer le nombre de places ».",
                adresse, obj.pk,
            ))  # fmt: skip

    def save_related(self, request, form, formsets, change):
        """Une règle changée se lit aussitôt au règlement : le texte et ce qui s'applique ne font qu'un."""
        super().save_related(request, form, formsets, change)
        version = actions.publier_reglement(request.user, timezone.now())
        if version:
            messages.info(request, f"Le règlement des réservations paraît en version {version.numero}.")

    @action(description="Copier vers d'autres écoles", url_path="copier", permissions=["change"], icon="content_copy")
    def copier(self, request, object_id):
        activite = get_object_or_404(Activite, pk=object_id)
        form = CopieForm(request.POST or None, activite=activite)
        if form.is_valid():
            copies = form.save(request.user)
            messages.success(
                request, f"« {activite.nom} » est copiée vers {len(copies)} école(s) : relisez les horaires."
            )
            return redirect(reverse("admin:inscriptions_activite_changelist") + f"?q={activite.nom}")
        return render(request, "inscriptions/admin/copier.html", {
            **self.admin_site.each_context(request), "title": f"Copier « {activite.nom} »", "form": form,
            "activite": activite, "retour": reverse("admin:inscriptions_activite_change", args=[activite.pk]),
        })  # fmt: skip

    def has_delete_permission(self, request, obj=None):
        return False  # une activité qui cesse n'est plus « proposée » ; ses inscriptions et factures la nomment encore

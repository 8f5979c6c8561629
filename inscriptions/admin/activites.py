"""Les activités : leurs jours en cases à cocher, leurs délais relus en français, leur copie vers d'autres écoles."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from commune.models import Ecole
from familles.models import Enfant

from .. import actions
from ..models import JOURS, Activite, Inscription


class ActiviteForm(forms.ModelForm):
    """Une activité à peine saisie se relit : la phrase des délais est sous les champs, à chaque enregistrement."""

    jours = forms.TypedMultipleChoiceField(
        label="jours de la semaine", choices=JOURS, coerce=int, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    classes = forms.MultipleChoiceField(
        label="classes accueillies", choices=Enfant.Classe.choices, required=False, help_text="Aucune cochée : toutes.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip

    class Meta:
        model = Activite
        fields = "__all__"  # noqa: DJ007 - les fieldsets de l'administration rangent tous les champs


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

    def save(self):
        return actions.copier_activite(self.activite, self.cleaned_data["ecoles"])


@admin.register(Activite)
class ActiviteAdmin(ModelAdmin):
    form = ActiviteForm
    list_display = ["nom", "site", "genre", "quand", "places", "inscrits", "demandes", "active"]
    list_select_related = ["site"]
    list_filter = ["active", "genre", "site"]
    list_per_page = 50
    search_fields = ["nom", "site__nom"]
    ordering = ["site__ordre", "site__nom", "ordre", "heure_debut"]
    readonly_fields = ["delais_relus"]
    actions_detail = ["copier"]
    fieldsets = [
        ("L'activité", {"fields": ["nom", "genre", "site", "presentation", ("active", "ordre")]}),
        ("Quand", {"fields": ["jours", ("heure_debut", "heure_fin"), "avec_repas"]}),
        ("Pour qui", {"fields": ["ecoles", "classes", ("age_min", "age_max"), "age_au_mois", "pieces"]}),
        ("Combien", {"fields": [
            ("capacite", "inscriptions_max"), ("place_liberee", "delai_offre"), "validation_automatique",
        ]}),
        ("Délais", {"fields": [
            ("reservation_jours", "reservation_heure"), ("annulation_jours", "annulation_heure"),
            "unite_delai", "hors_delai", "delais_relus",
        ]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        valables = Q(inscriptions__etat=Inscription.Etat.VALIDEE, inscriptions__annee__ouverte=True)
        demandees = Q(inscriptions__etat=Inscription.Etat.DEMANDEE)
        return super().get_queryset(request).annotate(
            inscrites=Count("inscriptions", filter=valables, distinct=True),
            demandees=Count("inscriptions", filter=demandees, distinct=True),
        )  # fmt: skip

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

    @admin.display(description="relus en français")
    def delais_relus(self, activite):
        return activite.delais if activite.pk else "Enregistrez pour relire les délais."

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        delais = {"reservation_jours", "reservation_heure", "annulation_jours", "annulation_heure", "unite_delai"}
        if change and delais & set(form.changed_data):
            messages.warning(
                request,
                "Les délais des séances déjà ouvertes ne changent pas d'eux-mêmes : recalculez-les dans les séances.",
            )
        if change and "capacite" in form.changed_data:
            adresse = reverse("admin:reservations_seance_changelist")
            messages.warning(request, format_html(
                "Les places des séances déjà ouvertes ne changent pas d'elles-mêmes."
                ' <a class="underline" href="{}?activite__id__exact={}">Choisir les séances à venir</a>, puis'
                " « Changer le nombre de places ».",
                adresse, obj.pk,
            ))  # fmt: skip

    @action(description="Copier vers d'autres écoles", url_path="copier", permissions=["change"], icon="content_copy")
    def copier(self, request, object_id):
        activite = get_object_or_404(Activite, pk=object_id)
        form = CopieForm(request.POST or None, activite=activite)
        if form.is_valid():
            copies = form.save()
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

"""Les événements : les préparer, lire qui ils touchent, les appliquer d'un geste, les lever d'un autre."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from commune.exports import ListeExportee
from commune.models import Ecole
from commune.regles import jour_de_paris
from familles.models import Enfant
from inscriptions.models import Activite

from .. import regles
from ..actions import appliquer, lever
from ..models import Evenement, portee
from .exports import EvenementResource


class EvenementForm(forms.ModelForm):
    """Ce qui arrive, quand, où, à qui. Rien ne s'applique encore : la page suivante dit d'abord qui est touché."""

    partout = forms.BooleanField(
        label="toute la commune", required=False, widget=UnfoldBooleanSwitchWidget,
        help_text="Sinon, choisissez les écoles et sites.",
    )  # fmt: skip
    classes = forms.MultipleChoiceField(
        label="classes", choices=Enfant.Classe.choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=Evenement._meta.get_field("classes").help_text,
    )  # fmt: skip

    class Meta:
        model = Evenement
        fields = ["nature", "libelle", "message", "du", "au", "sites", "activites", "classes"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if "activites" in self.fields:
            self.fields["activites"].label_from_instance = lambda a: f"{a.site} : {a.nom}"
            self.fields["partout"].initial = bool(self.instance.pk) and not self.instance.les_sites

    def clean(self):
        donnees = super().clean()
        # Verrouillé : une collègue l'applique peut-être en ce moment, et ce qui est appliqué ne change plus.
        if self.instance.pk and Evenement.objects.select_for_update().get(pk=self.instance.pk).applique_le:
            raise ValidationError("Cet événement vient d'être appliqué : levez-le, puis déclarez-en un autre.")
        sites, partout = donnees.get("sites"), donnees.get("partout")
        if partout:
            donnees["sites"] = Ecole.objects.none()
        elif not sites:
            self.add_error("sites", "Choisissez au moins un site, ou toute la commune.")
        if not donnees.get("classes"):
            if donnees.get("nature") in regles.PAR_CLASSE:
                self.add_error("classes", regles.PAR_CLASSE[donnees["nature"]])
            ailleurs = [a for a in donnees.get("activites") or () if not partout and a.site not in (sites or ())]
            if sites and ailleurs:
                self.add_error("activites", f"{ailleurs[0]} n'est pas sur un des sites choisis.")
        if donnees.get("du") and donnees.get("au") and (donnees["au"] - donnees["du"]).days >= regles.DUREE_MAX:
            self.add_error("au", f"Un événement dure {regles.DUREE_MAX} jours au plus : voyez les jours fermés.")
        return donnees


@admin.register(Evenement)
class EvenementAdmin(ListeExportee, ModelAdmin):
    form = EvenementForm
    list_display = ["libelle", "nature", "quand", "ou", "etat_dit", "applique_par", "leve_par"]
    list_filter = ["nature", ("du", RangeDateFilter), "sites"]
    list_filter_submit = True
    list_select_related = ["applique_par", "leve_par"]
    list_per_page = 50
    search_fields = ["libelle"]
    actions = None
    resource_classes = [EvenementResource]
    fieldsets = [
        ("Ce qui arrive", {"fields": ["nature", "libelle", ("du", "au"), "message"]}),
        ("Où", {"fields": ["partout", "sites", "activites"], "description": (
            "Un jour fermé connu d'avance (férié, pont, vacances) se dit dans les jours fermés : il ne se réserve même "
            "pas. Un événement, lui, annule ce qui est déjà réservé et prévient les familles."
        )}),
        ("À qui", {"fields": ["classes"]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sites")

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).prefetch_related("activites__site")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        champ = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "message":
            champ.widget.attrs["rows"] = 3
        return champ

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        if db_field.name == "activites":
            kwargs["queryset"] = Activite.objects.actives().select_related("site").order_by(
                "site__ordre", "site__nom", "ordre", "heure_debut"
            )  # fmt: skip
        else:
            kwargs["queryset"] = Ecole.objects.ouvertes()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # --- Ce que l'on en lit ------------------------------------------------------------------------------------------
    @admin.display(description="jours", ordering="du")
    def quand(self, evenement):
        return regles.jours_dits(evenement.du, evenement.au)

    @admin.display(description="où")
    def ou(self, evenement):
        sites = ", ".join(site.nom for site in evenement.sites.all()) or "toute la commune"
        return f"{sites} ({', '.join(evenement.classes_dites)})" if evenement.classes else sites

    @display(description="état", label={"à appliquer": "warning", "appliqué": "danger", "levé": "success"})
    def etat_dit(self, evenement):
        return evenement.etat

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.applique_le)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and bool(obj) and not obj.applique_le

    # --- Préparer ----------------------------------------------------------------------------------------------------
    def save_model(self, request, obj, form, change):
        if not change:
            obj.cree_le, obj.cree_par = timezone.now(), request.user
        super().save_model(request, obj, form, change)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Un seul bouton : la page suivante montre qui est touché."""
        rien = dict.fromkeys(["show_save_and_continue", "show_save_and_add_another"], False)
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **rien})

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:reservations_evenement_change", obj.pk)

    def response_change(self, request, obj):
        return redirect("admin:reservations_evenement_change", obj.pk)

    # --- Relire, appliquer, lever ------------------------------------------------------------------------------------
    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/appliquer/", vue(require_POST(self.appliquer)), name="reservations_evenement_appliquer"),
            path("<int:pk>/lever/", vue(self.lever), name="reservations_evenement_lever"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Qui l'événement touche ; ``?modifier`` rouvre le brouillon."""
        if "modifier" in request.GET:
            return super().change_view(request, object_id, form_url, extra_context)
        return self._montrer(request, object_id, "Événement")

    def _montrer(self, request, pk, titre, lever=False):
        if not self.has_view_permission(request):
            raise PermissionDenied
        evenement = get_object_or_404(Evenement.objects.select_related("applique_par", "leve_par"), pk=pk)
        peut = request.user.has_perm("reservations.change_evenement")
        contexte = {
            **self.admin_site.each_context(request), "title": titre, "opts": self.opts, "evenement": evenement,
            "portee": portee(evenement, jour_de_paris(timezone.now())), "lever": lever, "peut": peut,
            "peut_effacer": self.has_delete_permission(request, evenement),
            "phrase": evenement.annonce or evenement.phrase(),
        }  # fmt: skip
        return render(request, "reservations/admin/evenement.html", contexte)

    def appliquer(self, request, pk):
        evenement = self._a_changer(request, pk)
        try:
            annulees = appliquer(evenement, request.user, timezone.now())
        except ValidationError as refus:
            messages.info(request, " ".join(refus.messages))
        else:
            self._noter(request, evenement, f"appliqué : {_nombre(annulees, 'annulée')}")
            messages.success(request, f"C'est fait : {_nombre(annulees, 'annulée')}, les familles sont prévenues.")
        return redirect("admin:reservations_evenement_change", pk)

    def lever(self, request, pk):
        """Dit d'abord ce qui sera rendu ; le rend quand la mairie l'a lu."""
        evenement = self._a_changer(request, pk)
        if request.method != "POST" and evenement.est_actif:
            return self._montrer(request, pk, "Lever l'événement", lever=True)
        try:
            rendues, perdues = lever(evenement, request.user, timezone.now())
        except ValidationError as refus:
            messages.info(request, " ".join(refus.messages))
        else:
            self._noter(request, evenement, f"levé : {_nombre(rendues, 'rendue')}, {_nombre(perdues, 'perdue')}")
            suite = f" {_nombre(perdues)} n'ont pas pu l'être : voyez ci-dessous." if perdues else ""
            messages.success(request, f"L'événement est levé : {_nombre(rendues, 'rendue')}.{suite}")
        return redirect("admin:reservations_evenement_change", pk)

    def _a_changer(self, request, pk):
        if not request.user.has_perm("reservations.change_evenement"):
            raise PermissionDenied
        return get_object_or_404(Evenement, pk=pk)

    def _noter(self, request, evenement, texte):
        LogEntry.objects.log_actions(request.user.pk, [evenement], CHANGE, texte, single_object=True)


def _nombre(n, accord=""):
    s = "s" if n > 1 else ""
    return f"{n} réservation{s} {accord}{s}" if accord else f"{n} réservation{s}"

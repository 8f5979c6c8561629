"""Les jours d'ouverture : les préparer, suivre vœux et file, tirer au sort."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from commune.exports import ListeExportee

from .. import regles
from ..actions import preparer_ouverture, tirer_au_sort
from ..models import Ouverture
from .exports import OuvertureResource

ETAPES = {
    regles.Etape.ANNONCEE: "annoncée", regles.Etape.VOEUX: "vœux", regles.Etape.FILE: "file",
    regles.Etape.A_TIRER: "à tirer", regles.Etape.LIBRE: "ouverte",
}  # fmt: skip
COULEURS = {"annoncée": "info", "vœux": "info", "file": "warning", "à tirer": "warning", "ouverte": "success"}


class OuvertureForm(forms.ModelForm):
    """Une ouverture se vérifie et s'enregistre par l'action : ses séances la suivent, ou rien ne change."""

    class Meta:
        model = Ouverture
        fields = ["nom", "activites", "du", "au", "voeux_des", "ouvre_le", "mode", "a_la_fois", "minutes"]

    def clean(self):
        donnees = super().clean()
        if not self.errors:
            # Les vraies contraintes, à blanc : le refus de l'action se lit dans le formulaire.
            ouverture = Ouverture(pk=self.instance.pk, graine=self.instance.graine)
            for champ, valeur in donnees.items():
                if champ != "activites":
                    setattr(ouverture, champ, valeur)
            ouverture.validate_constraints()
            with transaction.atomic():
                preparer_ouverture(ouverture, donnees["activites"], timezone.now())
                transaction.set_rollback(True)
        return donnees


@admin.register(Ouverture)
class OuvertureAdmin(ListeExportee, ModelAdmin):
    form = OuvertureForm
    list_display = ["nom", "mode", "ouvre_le", "etape_dite", "foyers", "voeux"]
    list_filter = ["mode"]
    search_fields = ["nom"]
    autocomplete_fields = ["activites"]
    actions = None
    resource_classes = [OuvertureResource]
    actions_detail = ["suivre"]
    readonly_fields = ["engagement"]
    fieldsets = [
        ("Ce qui s'ouvre", {"fields": ["nom", "activites", ("du", "au")]}),
        ("Quand et comment", {"fields": ["voeux_des", "ouvre_le", "mode"]}),
        ("La file", {"fields": [("a_la_fois", "minutes")]}),
        ("Le hasard, que chacun vérifie", {"fields": ["engagement"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(
            foyers_n=Count("tickets", distinct=True), voeux_n=Count("tickets__voeux", distinct=True)
        )

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).prefetch_related("activites__site")

    @display(description="étape", label=COULEURS)
    def etape_dite(self, ouverture):
        return ETAPES[ouverture.etape(timezone.now())]

    @admin.display(description="foyers", ordering="foyers_n")
    def foyers(self, ouverture):
        return ouverture.foyers_n

    @admin.display(description="vœux", ordering="voeux_n")
    def voeux(self, ouverture):
        return ouverture.voeux_n

    @admin.display(description="empreinte de la graine")
    def engagement(self, ouverture):
        """La graine est secrète jusqu'à l'ouverture, pour la mairie aussi ; son empreinte est publique."""
        return ouverture.engagement if ouverture.pk else "publique dès l'enregistrement"

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request) and not (obj and obj.ouvre_le <= timezone.now())

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request) and not (obj and obj.tickets.exists())

    def save_model(self, request, obj, form, change):
        preparer_ouverture(obj, form.cleaned_data["activites"], timezone.now())

    # --- Suivre, tirer -----------------------------------------------------------------------------------------------
    def get_urls(self):
        vue = self.admin_site.admin_view(self.suivi)
        return [path("<int:pk>/suivi/", vue, name="reservations_ouverture_suivi"), *super().get_urls()]

    @action(description="Vœux, file et tirage", url_path="suivre", permissions=["view"], icon="how_to_vote")
    def suivre(self, request, object_id):
        return redirect("admin:reservations_ouverture_suivi", object_id)

    def suivi(self, request, pk):
        """Les vœux de chaque séance, qui est dans la file ; et, l'heure venue, le bouton du tirage."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ouverture, maintenant = get_object_or_404(Ouverture, pk=pk), timezone.now()
        if request.method == "POST":
            return self._tirer(request, ouverture, maintenant)
        contexte = {
            **self.admin_site.each_context(request), "title": ouverture.nom, "opts": self.opts, "ouverture": ouverture,
            "etape": _ou_en_est(ouverture, maintenant),
            "seances": [(s, regles.date_dite(s.jour)) for s in _seances(ouverture)],
            "file": ouverture.mode == Ouverture.Mode.FILE, **_comptes(ouverture, maintenant),
            "peut": super().has_change_permission(request) and ouverture.etape(maintenant) == regles.Etape.A_TIRER,
        }  # fmt: skip
        return render(request, "reservations/admin/ouverture.html", contexte)

    def _tirer(self, request, ouverture, maintenant):
        if not super().has_change_permission(request):
            raise PermissionDenied
        try:
            voeux = tirer_au_sort(ouverture, request.user, maintenant)
        except ValidationError as refus:
            messages.error(request, " ".join(refus.messages))
        else:
            retenus = sum(v.etat == "retenu" for v in voeux)
            LogEntry.objects.log_actions(request.user.pk, [ouverture], CHANGE, "tirée au sort", single_object=True)
            messages.success(request, f"{len(voeux)} vœux, {retenus} retenus. Chaque famille reçoit son résultat.")
        return redirect("admin:reservations_ouverture_suivi", ouverture.pk)


def _ou_en_est(ouverture, maintenant):
    """L'étape, et l'instant qui compte."""
    voeux, ouvre = (regles.instant_dit(i, maintenant) for i in (ouverture.voeux_des, ouverture.ouvre_le))
    return {
        regles.Etape.ANNONCEE: f"annoncée, vœux dès {voeux}",
        regles.Etape.VOEUX: f"vœux jusqu'à {ouvre}",
        regles.Etape.FILE: f"ouverte {ouvre}, chacun à son tour",
        regles.Etape.A_TIRER: f"vœux clos {ouvre}, le tirage est à faire",
        regles.Etape.LIBRE: "tirée au sort" if ouverture.tiree_le else "ouverte à tous, la file est levée",
    }[ouverture.etape(maintenant)]


def _seances(ouverture):
    """Chaque séance : places, vœux, enfants réservés et en attente."""
    reservees = Q(reservations__etat="reservee")
    return ouverture.seances.select_related("activite__site").order_by("jour", "activite__ordre").annotate(
        voulues=Count("voeux", distinct=True),
        reservees=Count("reservations", filter=reservees, distinct=True),
        en_attente=Count("reservations", filter=Q(reservations__etat="attente"), distinct=True),
    )  # fmt: skip


def _comptes(ouverture, maintenant):
    """Des nombres de foyers, jamais des noms : en vœux, en file, dans la salle, passés."""
    return ouverture.tickets.aggregate(
        foyers=Count("pk"),
        attendent=Count("pk", filter=Q(arrive_le__isnull=False, admis_le=None)),
        presents=Count("pk", filter=Q(admis_le=None, vu_le__gt=maintenant - regles.PRESENCE)),
        reservent=Count("pk", filter=Q(jusqu_a__gt=maintenant)),
        passes=Count("pk", filter=Q(jusqu_a__lte=maintenant)),
    )

"""Les réservations, à lire ; ajouter et annuler passent par les actions, qui tiennent le journal."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from commune.admin import PeriodeFilter, chercher
from commune.exports import ListeExportee

from .. import regles
from ..actions import ajouter_sur_place, annuler
from ..forms import MotifForm
from ..models import Mouvement, Reservation
from .exports import MouvementResource, ReservationResource
from .fins import fin_inscription
from .garde import reservations_de_la_garde
from .planning import planning

COULEURS = {"réservée": "success", "place proposée": "info", "en attente": "warning", "annulée": "default"}


class AjoutForm(forms.ModelForm):
    """Réserver pour une famille, au guichet ou par téléphone : au-delà des limites et des places, avec une raison."""

    motif = forms.CharField(
        label="Raison", max_length=300, widget=UnfoldAdminTextInputWidget,
        help_text="Elle reste au journal, et la famille la lit.",
    )  # fmt: skip

    class Meta:
        model = Reservation
        fields = ["enfant", "seance"]

    def clean(self):
        propres = super().clean()
        if not self.errors:
            try:
                self.instance = ajouter_sur_place(
                    propres["enfant"], propres["seance"], self.compte, propres["motif"], timezone.now(),
                    origine=Mouvement.Origine.MAIRIE,
                )  # fmt: skip
            except ValidationError as refus:
                self.add_error(None, refus)
        return propres

    def _post_clean(self):
        """L'action a déjà réservé, ou refusé : il ne reste rien à construire."""


class MouvementInline(TabularInline):
    model = Mouvement
    fields = readonly_fields = ["instant", "fait", "origine", "compte", "motif", "lot"]
    verbose_name_plural = "journal"
    ordering = ["-instant", "-pk"]
    extra = 0
    can_delete = False
    hide_title = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("compte")

    @admin.display(description="quoi")
    def fait(self, mouvement):
        return mouvement.verbe

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Reservation)
class ReservationAdmin(ListeExportee, ModelAdmin):
    list_display = ["enfant", "le_jour", "activite", "site", "etat_dit", "hors_delai", "modifiee_le", "annuler_lien"]
    list_select_related = ["enfant", "famille", "seance__activite__site"]
    list_filter = [
        ("seance__jour", RangeDateFilter), "etat", "hors_delai", "seance__activite__site", "seance__activite__genre",
    ]  # fmt: skip
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["enfant__cle"]
    search_help_text = "Nom de l'enfant ou de la famille"
    ordering = ["-seance__jour", "enfant__nom"]
    autocomplete_fields = ["enfant", "seance"]
    inlines = [MouvementInline]
    actions = None
    actions_detail = ["annuler_bouton"]
    resource_classes = [ReservationResource]

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "enfant__cle", "famille__cle"), False

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("enfant", "famille", "seance__activite__site")

    def lookup_allowed(self, lookup, value, request=None):
        permis = ("seance__id__exact", "seance__activite__id__exact")
        return lookup in permis or super().lookup_allowed(lookup, value, request)

    @admin.display(description="jour", ordering="seance__jour")
    def le_jour(self, reservation):
        return regles.date_dite(reservation.seance.jour, annee=True)

    @admin.display(description="activité", ordering="seance__activite__nom")
    def activite(self, reservation):
        return reservation.seance.activite.nom

    @admin.display(description="site", ordering="seance__activite__site__nom")
    def site(self, reservation):
        return reservation.seance.activite.site

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, reservation):
        return reservation.get_etat_display()

    @admin.display(description="")
    def annuler_lien(self, reservation):
        if reservation.etat == Reservation.Etat.ANNULEE:
            return ""
        adresse = reverse("admin:reservations_reservation_annuler", args=[reservation.pk])
        return format_html('<a class="text-primary-600 dark:text-primary-500 underline" href="{}">Annuler</a>', adresse)

    # --- Lire, ajouter -----------------------------------------------------------------------------------------------
    def get_fields(self, request, obj=None):
        return ["enfant", "seance", "motif"] if obj is None else self.get_readonly_fields(request, obj)

    def get_readonly_fields(self, request, obj=None):
        """Une réservation ne se corrige pas à la main : elle se réserve ou s'annule, et le journal le dit."""
        if obj is None:
            return []
        return ["enfant", "famille", "seance", "etat_dit", "hors_delai", "modifiee_le"]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj:
            return super().get_form(request, obj, change, **kwargs)
        form = super().get_form(request, obj, change, **{**kwargs, "form": AjoutForm})
        return type("AjoutForm", (form,), {"compte": request.user})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Une page à lire : rien à y enregistrer, rien ne s'y envoie."""
        if request.method == "POST" and self.has_change_permission(request):
            return redirect(request.path)
        rien = dict.fromkeys(["show_save", "show_save_and_continue", "show_save_and_add_another"], False)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **rien})

    def save_form(self, request, form, change):
        return form.instance

    def save_model(self, request, obj, form, change):
        """L'action l'a déjà écrite."""

    def save_related(self, request, form, formsets, change):
        """Rien n'en dépend."""

    def has_delete_permission(self, request, obj=None):
        return False

    # --- Annuler -----------------------------------------------------------------------------------------------------
    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("planning/", vue(planning), name="reservations_planning"),
            path("<int:pk>/annuler/", vue(self.annuler), name="reservations_reservation_annuler"),
            path("inscriptions/<int:pk>/fin/", vue(fin_inscription), name="reservations_fin_inscription"),
            path("garde/<int:pk>/", vue(reservations_de_la_garde), name="reservations_garde"),
            *super().get_urls(),
        ]

    @action(description="Annuler pour la famille", url_path="ouvrir", permissions=["change"], icon="event_busy")
    def annuler_bouton(self, request, object_id):
        return redirect("admin:reservations_reservation_annuler", object_id)

    def annuler(self, request, pk):
        """Annuler au-delà de la limite, avec une raison que la famille reçoit par courriel."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        reservation = get_object_or_404(
            Reservation.objects.select_related("enfant", "famille", "seance__activite__site"), pk=pk
        )
        form = MotifForm(request.POST or None)
        if form.is_valid():
            try:
                annuler(reservation, request.user, form.cleaned_data["motif"], timezone.now())
            except ValidationError as refus:
                form.add_error(None, refus)
            else:
                messages.success(request, f"{reservation} : annulée. La famille est prévenue par courriel.")
                return redirect("admin:reservations_reservation_change", pk)
        contexte = {
            **self.admin_site.each_context(request), "title": "Annuler une réservation", "opts": self.opts,
            "form": form, "reservation": reservation, "jour": regles.date_dite(reservation.seance.jour, annee=True),
        }  # fmt: skip
        return render(request, "reservations/admin/annuler.html", contexte)


@admin.register(Mouvement)
class MouvementAdmin(ListeExportee, ModelAdmin):
    """Le journal entier, à lire : la base refuse de le récrire."""

    list_display = ["instant", "enfant", "seance", "fait", "origine", "compte", "motif", "numero"]
    list_select_related = ["compte", "reservation__enfant", "reservation__seance__activite__site"]
    list_filter = [("instant", PeriodeFilter), "origine"]
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    list_display_links = None
    search_fields = ["lot"]
    search_help_text = "Nom de l'enfant, ou numéro d'un reçu"
    actions = None
    resource_classes = [MouvementResource]

    def get_search_results(self, request, queryset, search_term):
        if len(search_term) == 8 and all(c in "0123456789abcdef" for c in search_term.lower()):
            return queryset.filter(lot__startswith=search_term.lower()), False
        return chercher(queryset, search_term, "reservation__enfant__cle"), False

    @admin.display(description="enfant")
    def enfant(self, mouvement):
        return mouvement.reservation.enfant

    @admin.display(description="quoi")
    def fait(self, mouvement):
        return mouvement.verbe

    @admin.display(description="séance")
    def seance(self, mouvement):
        return mouvement.reservation.seance

    @admin.display(description="reçu")
    def numero(self, mouvement):
        return mouvement.numero

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

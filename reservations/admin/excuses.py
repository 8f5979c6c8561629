"""Les excuses écrites : celles qui attendent d'abord, et la décision sur une page."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from commune.admin import chercher, enregistrer
from commune.exports import ListeExportee
from commune.fichiers import servir

from .. import regles
from ..forms import CertificatForm, DecisionForm
from ..models import Excuse
from .exports import ExcuseResource

COULEURS = {"envoyée": "info", "acceptée": "success", "refusée": "danger"}


@admin.register(Excuse)
class ExcuseAdmin(ListeExportee, ModelAdmin):
    list_display = ["enfant", "le_jour", "activite", "etat_dit", "envoyee_le", "decidee_le"]
    list_select_related = ["reservation__enfant", "reservation__seance__activite__site"]
    list_filter = ["etat", ("reservation__seance__jour", RangeDateFilter), "reservation__seance__activite__site"]
    list_filter_submit = True
    list_per_page = 50
    search_fields = ["reservation__enfant__cle"]
    search_help_text = "Nom de l'enfant ou de la famille"
    actions = None
    resource_classes = [ExcuseResource]

    def get_queryset(self, request):
        attend = ExpressionWrapper(Q(etat=Excuse.Etat.ENVOYEE), output_field=BooleanField())
        return Excuse.objects.annotate(attend=attend).order_by("-attend", "-envoyee_le", "-pk")

    def get_ordering(self, request):
        return ["-attend", "-envoyee_le", "-pk"]

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "reservation__enfant__cle", "reservation__famille__cle"), False

    def get_export_queryset(self, request):
        liees = ["reservation__enfant", "reservation__famille", "reservation__seance__activite__site", "decidee_par"]
        return super().get_export_queryset(request).select_related(*liees)

    def lookup_allowed(self, lookup, value, request=None):
        permis = ("reservation__seance__jour_from", "reservation__seance__jour_to")
        return lookup in permis or super().lookup_allowed(lookup, value, request)

    @admin.display(description="enfant", ordering="reservation__enfant__nom")
    def enfant(self, excuse):
        return excuse.reservation.enfant

    @admin.display(description="jour", ordering="reservation__seance__jour")
    def le_jour(self, excuse):
        return regles.date_dite(excuse.reservation.seance.jour, annee=True)

    @admin.display(description="activité")
    def activite(self, excuse):
        return excuse.reservation.seance.activite

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, excuse):
        return excuse.get_etat_display()

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view(self.justificatif)
        return [path("<int:pk>/justificatif/", vue, name="reservations_excuse_justificatif"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """L'excuse, son justificatif et la réponse ; puis la suivante arrive."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        excuse = get_object_or_404(
            Excuse.objects.select_related(
                "reservation__enfant__ecole", "reservation__famille", "reservation__seance__activite__site",
                "envoyee_par", "decidee_par",
            ),
            pk=object_id,
        )  # fmt: skip
        peut = self.has_change_permission(request)
        if request.method == "POST" and not peut:
            raise PermissionDenied
        joindre = "joindre" in request.POST
        envoi = (request.POST, request.FILES) if joindre else ()
        certificat = CertificatForm(*envoi, excuse=excuse, maintenant=timezone.now())
        if joindre and enregistrer(request, certificat, lambda _: "Certificat joint à l'excuse."):
            return redirect("admin:reservations_excuse_change", excuse.pk)
        form = DecisionForm(None if joindre else request.POST or None, excuse=excuse, compte=request.user)
        if form.is_valid():
            try:
                faite = form.save(timezone.now())
            except ValidationError as refus:
                form.add_error(None, refus)
            else:
                messages.success(request, f"{faite.reservation} : {faite.get_etat_display()}. La famille est prévenue.")
                return self._suivante()
        contexte = self._contexte(request, excuse, form, peut) | {"certificat": certificat}
        return render(request, "reservations/admin/excuse.html", contexte)

    def _suivante(self):
        suivante = Excuse.objects.a_decider().order_by("envoyee_le", "pk").first()
        if suivante:
            return redirect("admin:reservations_excuse_change", suivante.pk)
        return redirect("admin:reservations_excuse_changelist")

    def _contexte(self, request, excuse, form, peut):
        autres = Excuse.objects.filter(reservation__enfant=excuse.reservation.enfant_id).exclude(pk=excuse.pk)
        return {
            **self.admin_site.each_context(request), "title": "Excuse d'une absence", "opts": self.opts,
            "excuse": excuse, "form": form, "peut": peut, "reste": Excuse.objects.a_decider().count(),
            "jour": regles.date_dite(excuse.reservation.seance.jour, annee=True),
            "autres": autres.select_related("reservation__seance__activite").order_by("-envoyee_le")[:10],
        }  # fmt: skip

    def justificatif(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        excuse = get_object_or_404(Excuse, pk=pk)
        return servir(excuse.fichier, f"justificatif-{excuse.pk}", voir=True)

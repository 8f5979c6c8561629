"""Les pointages vus de la mairie : on les lit et les exporte ici, on les corrige sur la liste du jour."""

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from commune.admin import chercher
from commune.exports import ListeExportee, date

from .models import Geste, Pointage


class PointageResource(ModelResource):
    jour = date("seance__jour", "Jour")
    site = Field("seance__activite__site__nom", "Site")
    activite = Field("seance__activite__nom", "Activité")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    classe = Field("enfant__classe_dite", "Classe")
    etat = Field("get_etat_display", "État")
    arrivee = Field("arrivee", "Arrivée")
    depart = Field("depart", "Départ")
    agent = Field("agent", "Agent")
    recu_le = Field(column_name="Reçu le")

    class Meta:
        model = Pointage
        fields = [
            "jour",
            "site",
            "activite",
            "nom",
            "prenom",
            "classe",
            "etat",
            "arrivee",
            "depart",
            "agent",
            "recu_le",
        ]
        export_order = fields

    def dehydrate_recu_le(self, pointage):
        return f"{timezone.localtime(pointage.recu_le):%d/%m/%Y %H:%M}"


@admin.register(Pointage)
class PointageAdmin(ListeExportee, ModelAdmin):
    list_display = ["enfant", "jour", "activite", "etat_dit", "arrivee", "depart", "agent", "recu_le"]
    list_select_related = ["enfant", "seance__activite__site", "agent"]
    list_filter = ["etat", ("seance__jour", RangeDateFilter), "seance__activite__site", "seance__activite__genre"]
    list_filter_submit = True
    list_per_page = 50
    search_fields = ["enfant__cle"]
    search_help_text = "Nom de l'enfant"
    date_hierarchy = "seance__jour"
    ordering = ["-seance__jour", "-recu_le", "-pk"]
    show_full_result_count = False  # compter vingt millions de lignes à chaque page n'apprend rien
    resource_classes = [PointageResource]
    fields = [
        "enfant",
        "seance",
        "etat_dit",
        "arrivee",
        "depart",
        "agent",
        "recu_le",
        "instant_appareil",
        "journal",
        "corriger",
    ]
    readonly_fields = fields

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "enfant__cle"), False

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("enfant", "seance__activite__site", "agent")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="jour", ordering="seance__jour")
    def jour(self, pointage):
        return pointage.seance.jour

    @admin.display(description="activité", ordering="seance__activite__nom")
    def activite(self, pointage):
        return pointage.seance.activite

    @display(description="état", ordering="etat", label={"présent": "success", "absent": "danger", "excusé": "info"})
    def etat_dit(self, pointage):
        return pointage.get_etat_display()

    @admin.display(description="journal")
    def journal(self, pointage):
        """Tous les gestes sur cet enfant à cette séance, quel que soit l'appareil."""
        gestes = Geste.objects.filter(seance=pointage.seance_id, enfant=pointage.enfant_id).select_related("agent")
        lignes = [
            f"{timezone.localtime(geste.recu_le):%d/%m %H:%M:%S} {geste.agent or '–'} : {geste.apres or 'effacé'}"
            for geste in gestes
        ]
        return format_html("<pre>{}</pre>", "\n".join(lignes))

    @admin.display(description="corriger")
    def corriger(self, pointage):
        seance = pointage.seance
        choix = {"site": seance.activite.site_id, "activite": seance.activite_id, "jour": seance.jour.isoformat()}
        adresse = f"{reverse('presences:jour')}?{urlencode(choix)}#e-{pointage.enfant_id}"
        return format_html('<a class="underline" href="{}">Sur la liste de ce jour</a>', adresse)

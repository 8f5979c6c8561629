"""Les pointages vus de la mairie : on les lit et les exporte ici, on les corrige sur la liste du jour."""

from django.contrib import admin
from django.db.models import Count
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
from commune.exports import ListeExportee, date, heure, instant
from reservations import admin as admin_des_reservations
from reservations.admin.exports import SeanceResource
from reservations.models import Seance

from .models import Geste, Pointage


class PointageResource(ModelResource):
    jour = date("seance__jour", "Jour")
    site = Field("seance__activite__site__nom", "Site")
    activite = Field("seance__activite__nom", "Activité")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    classe = Field("enfant__classe_dite", "Classe")
    etat = Field("get_etat_display", "État")
    arrivee = heure("arrivee", "Arrivée")
    depart = heure("depart", "Départ")
    agent = Field("agent", "Agent")
    recu_le = instant("recu_le", "Reçu le")

    class Meta:
        name = "Pointages"


class SeancePointeeResource(SeanceResource):
    """Les séances, et qui y est venu."""

    presents = Field(column_name="Présents")
    absents = Field(column_name="Absents")
    excuses = Field(column_name="Excusés")

    class Meta:
        name = "Séances"

    def before_export(self, queryset, **kwargs):
        pointages = Pointage.objects.filter(seance__in=queryset.order_by().values("pk")).order_by()
        comptes = pointages.values_list("seance", "etat").annotate(Count("pk"))
        self.nombres = {(seance, etat): nombre for seance, etat, nombre in comptes}

    def dehydrate_presents(self, seance):
        return self.nombres.get((seance.pk, Pointage.Etat.PRESENT), 0)

    def dehydrate_absents(self, seance):
        return self.nombres.get((seance.pk, Pointage.Etat.ABSENT), 0)

    def dehydrate_excuses(self, seance):
        return self.nombres.get((seance.pk, Pointage.Etat.EXCUSE), 0)


admin.site.unregister(Seance)


@admin.register(Seance)
class SeanceAdmin(admin_des_reservations.SeanceAdmin):
    """La même liste ; exportée d'ici, elle dit aussi qui est venu, ce que l'étage du dessous ne sait pas."""

    resource_classes = [SeancePointeeResource]


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

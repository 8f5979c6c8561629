"""Faire un export, le reprendre, lire le journal de ceux qui sont faits ; les recettes et les heures à l'écran."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.admin import ModelAdmin

from commune.admin import PeriodeFilter, enregistrer
from commune.exports import ListeExportee
from commune.fichiers import servir

from ... import actions, regles
from ...forms import ExportForm, PeriodeForm
from ...models import LECTURES, DemandeExport, Export, lire_recettes
from ...regles.exports import CONTENUS, ECRITURES, HEURES, PES, RECETTES, par_trimestre_et_age, tableaux
from .suites import ExportResource

MONTRES = 8  # derniers exports sous les cartes
TYPES = {"csv": "text/csv; charset=utf-8", "ods": "application/vnd.oasis.opendocument.spreadsheet",
         "xml": "application/xml; charset=iso-8859-1"}  # fmt: skip
# Ce qui se règle dans les codes comptables : le refus y mène.
AUX_CODES = {"sans_code", "schema", "reglages"}


@admin.register(Export)
class ExportAdmin(ListeExportee, ModelAdmin):
    resource_classes = [ExportResource]
    list_display = ["contenu_dit", "debut", "fin", "format", "lignes", "arrete_le", "fait_par"]
    list_filter = ["genre", ("arrete_le", PeriodeFilter)]
    list_filter_submit = True
    list_select_related = ["fait_par"]
    list_per_page = 50
    actions = None

    @admin.display(description="contenu", ordering="genre")
    def contenu_dit(self, export):
        return export.contenu.titre

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/fichier/", vue(self.fichier), name="facturation_export_fichier"),
            path("demandes/<int:pk>/", vue(self.demande), name="facturation_export_demande"),
            path("recettes/", vue(self.recettes), name="facturation_recettes"),
            path("heures/", vue(self.heures), name="facturation_heures"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Une période, une carte par export, et les derniers faits."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        donnees = request.POST if request.method == "POST" else None
        form = ExportForm(donnees, compte=request.user, maintenant=timezone.now())
        if fait := enregistrer(request, form, dire_fait, acte=ADDITION):
            return redirect(f"admin:facturation_export_{'change' if isinstance(fait, Export) else 'demande'}", fait.pk)
        codes = any(form.has_error(NON_FIELD_ERRORS, code) for code in AUX_CODES)
        return self.rendre(request, "facturation/admin/exports.html", {
            "title": "Exports", "form": form, "contenus": CONTENUS.values(), "codes": codes,
            "derniers": Export.objects.select_related("fait_par")[:MONTRES],
            "demandes": DemandeExport.objects.filter(terminee_le=None).select_related("demandee_par"),
        })  # fmt: skip

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Un export : ce qu'il contient, d'où il vient, et son fichier."""
        export = self.trouver(request, object_id)
        demande = DemandeExport.objects.filter(export=export).first()
        contexte = {"title": str(export), "export": export, "experimental": export.genre == PES, "demande": demande,
                    "long": demande is None and actions.export_long(export)}  # fmt: skip
        return self.rendre(request, "facturation/admin/export.html", contexte)

    def fichier(self, request, pk):
        """Le fichier, gardé ou refait : le même, ou pas du tout. Chaque prise est au journal de l'administration.

        Envoyée, demande à l'ouvrier celui qu'une requête ne suffit pas à refaire.
        """
        export = self.trouver(request, pk)
        if request.method == "POST":
            demande = actions.redemander_export(export, request.user, timezone.now())
            return redirect("admin:facturation_export_demande", demande.pk)
        try:
            reponse = rendre_fichier(export)
        except ValidationError as refus:
            messages.error(request, refus.message)
            return redirect("admin:facturation_export_change", pk)
        LogEntry.objects.log_actions(request.user.pk, [export], CHANGE, "Fichier pris.", single_object=True)
        return reponse

    def demande(self, request, pk):
        """Où en est un export long ; envoyée, le remet dans la file. Fait, il a sa page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        demande = get_object_or_404(DemandeExport.objects.select_related("demandee_par"), pk=pk)
        if demande.terminee_le:
            return redirect("admin:facturation_export_change", demande.export_id)
        if request.method == "POST":
            actions.reprendre_export(demande)
            return redirect("admin:facturation_export_demande", pk)
        contexte = {"title": str(demande), "demande": demande, "codes": demande.genre in (ECRITURES, PES)}
        return self.rendre(request, "facturation/admin/export_demande.html", contexte)

    def recettes(self, request):
        """Les recettes par mois, école, activité, tranche : les mêmes sommes que l'export, en tableaux et en barres."""
        form, export = self.periode(request, RECETTES)
        lues = lire_recettes(export)
        dresses = tableaux(lues, export.reglages["seuils"], lambda mois: date_format(mois, "F Y").capitalize())
        return self.rendre(request, "facturation/admin/recettes.html", {
            "title": "Recettes", "form": form, "export": export, "tableaux": dresses if lues else [],
            "facture": sum((r.facture for r in lues), regles.ZERO),
            "avoirs": sum((r.avoirs for r in lues), regles.ZERO),
            "nette": sum((r.nette for r in lues), regles.ZERO), "lignes": sum(r.lignes for r in lues),
        })  # fmt: skip

    def heures(self, request):
        form, export = self.periode(request, HEURES)
        rangees = list(LECTURES[HEURES](export))
        return self.rendre(request, "facturation/admin/heures.html", {
            "title": "Heures CAF", "form": form, "export": export, "rangees": rangees,
            "totaux": par_trimestre_et_age(rangees), "colonnes": export.contenu.colonnes,
        })  # fmt: skip

    def periode(self, request, genre):
        """La période demandée, et de quoi la lire."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        maintenant = timezone.now()
        form = PeriodeForm(request.GET if "debut" in request.GET else None, maintenant=maintenant)
        return form, actions.regarder(genre, *form.periode(), maintenant)

    def trouver(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Export.objects.select_related("fait_par"), pk=pk)

    def rendre(self, request, gabarit, contexte):
        contexte |= {
            "retour": reverse("admin:facturation_export_changelist"), "peut": self.has_add_permission(request)
        }
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def rendre_fichier(export):
    """Celui que l'ouvrier a fait, s'il est gardé ; sinon, refait. Lève ``ValidationError`` (``change``, ``long``)."""
    demande = DemandeExport.objects.filter(export=export).exclude(terminee_le=None).first()
    if demande:
        reponse = servir(demande.fichier, export.nom_du_fichier)
        reponse["Content-Type"] = TYPES[export.format]
        return reponse
    if actions.export_long(export):
        raise ValidationError("Ce fichier n'est plus gardé : demandez-le à nouveau.", code="long")
    return FileResponse(
        actions.refaire(export), as_attachment=True, filename=export.nom_du_fichier, content_type=TYPES[export.format],
        headers={"X-Content-Type-Options": "nosniff"},
    )  # fmt: skip


def dire_fait(fait):
    return fait.phrase if isinstance(fait, Export) else f"{fait} : demandé."

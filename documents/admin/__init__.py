"""Les documents dans l'administration : ce que l'on demande, ce que l'on publie, ce que l'on vérifie."""

from django.contrib import admin, messages
from django.shortcuts import redirect, render
from django.urls import path, reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from commune.admin import PeriodeFilter, chercher
from commune.exports import ListeExportee

from ..actions import pieces_par_defaut
from ..models import Information, Piece, TypePiece
from . import dossiers, verification
from .exports import InformationResource, PieceResource, TypePieceResource
from .formulaires import InformationForm, TypePieceForm


@admin.register(TypePiece)
class TypePieceAdmin(ListeExportee, ModelAdmin):
    form = TypePieceForm
    resource_classes = [TypePieceResource]
    actions_list = ["habituelles"]
    list_display = ["nom", "portee", "obligatoire", "condition", "validite", "sante", "ordre", "actif"]
    list_filter = ["portee", "obligatoire", "actif"]
    fieldsets = [
        (None, {"fields": ["nom", "portee", "obligatoire", "condition", "validite"]}),
        ("Ce que lit la famille", {"fields": ["aide", "modele"]}),
        ("Réglages", {"fields": ["sante", ("ordre", "actif")]}),
    ]

    @action(
        description="Ajouter les pièces habituelles", url_path="habituelles", permissions=["add"], icon="playlist_add"
    )
    def habituelles(self, request):
        """Une commune qui s'installe part de la liste du tutoriel, puis la corrige."""
        if request.method == "POST":
            creees = pieces_par_defaut()
            messages.success(
                request, f"{len(creees)} pièces ajoutées : relisez-les, retirez celles de trop."
            )
            return redirect("admin:documents_typepiece_changelist")
        contexte = {**self.admin_site.each_context(request), "title": "Ajouter les pièces habituelles"}
        return render(request, "documents/admin/habituelles.html", contexte)

    def get_readonly_fields(self, request, obj=None):
        # Changer la portée ferait de pièces déjà envoyées des pièces de personne.
        return ["portee"] if obj and obj.pieces.exists() else []


@admin.register(Information)
class InformationAdmin(ListeExportee, ModelAdmin):
    form = InformationForm
    resource_classes = [InformationResource]
    list_display = ["titre", "publique", "publiee_le", "jusqu_au"]
    list_filter = ["publique"]
    date_hierarchy = "publiee_le"
    fieldsets = [(None, {"fields": ["titre", "texte", "fichier", "publique", ("publiee_le", "jusqu_au")]})]


@admin.register(Piece)
class PieceAdmin(ListeExportee, ModelAdmin):
    list_display = ["type", "famille", "enfant", "etat_dit", "envoyee_le", "expire_le"]
    list_filter = ["etat", "type", ("envoyee_le", PeriodeFilter)]
    list_filter_submit = True
    list_select_related = ["type", "famille", "enfant"]
    list_per_page = 50
    search_fields = ["famille__cle"]
    search_help_text = "Nom de la famille ou de l'enfant"
    actions = None
    actions_list = ["verifier", "voir_dossiers"]
    resource_classes = [PieceResource]

    def get_queryset(self, request):
        return super().get_queryset(request).lisibles_par(request.user).select_related("type", "famille", "enfant")

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "famille__cle", "enfant__cle"), False

    @display(
        description="état",
        ordering="etat",
        label={"envoyée": "warning", "validée": "success", "refusée": "danger", "remplacée": "info"},
    )
    def etat_dit(self, piece):
        return piece.get_etat_display()

    def has_add_permission(self, request):
        return False  # un document se dépose depuis le dossier de la famille

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """La fiche d'une pièce est la page où on la regarde et où l'on en décide."""
        return redirect("admin:documents_piece_verifier", object_id)

    @action(description="Vérifier l'une après l'autre", url_path="verifier", permissions=["change"], icon="checklist")
    def verifier(self, request):
        return verification.suivante(request)

    @action(description="Dossiers à valider", url_path="vers-dossiers", permissions=["view"], icon="folder_open")
    def voir_dossiers(self, request):
        return redirect(reverse("admin:documents_dossiers"))

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("suite/", vue(verification.suite), name="documents_piece_verifier_suite"),
            path("<int:pk>/verifier/", vue(verification.verifier), name="documents_piece_verifier"),
            path("<int:pk>/fichier/", vue(verification.fichier), name="documents_piece_fichier"),
            path("<int:pk>/remettre/", vue(verification.remettre), name="documents_piece_remettre"),
            path("dossiers/", vue(dossiers.liste), name="documents_dossiers"),
            path("dossiers/<int:pk>/valider/", vue(dossiers.valider), name="documents_dossier_valider"),
            path("dossiers/<int:pk>/rendre/", vue(dossiers.rendre), name="documents_dossier_rendre"),
            path("dossiers/<int:pk>/deposer/", vue(dossiers.deposer), name="documents_deposer"),
            *super().get_urls(),
        ]

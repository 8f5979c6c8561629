"""Les inscriptions : la file des demandes, la décision sur une page, l'acceptation en nombre."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from commune.admin import chercher
from commune.exports import ListeExportee
from commune.regles import jour_de_paris
from documents.models import attendues

from .. import actions, regles
from ..forms import DecisionForm
from ..models import Activite, Inscription, comptes_des_places, pieces_de_l_activite, pieces_qui_manquent, profil
from .exports import InscriptionResource

COULEURS = {
    "demandée": "info", "validée": "success", "en liste d'attente": "warning", "refusée": "danger",
    "retirée par la famille": "default",
}  # fmt: skip


class InscriptionForm(forms.ModelForm):
    """Inscrire d'office, au guichet. Les règles des familles ne s'appliquent pas, les places si."""

    class Meta:
        model = Inscription
        fields = ["enfant", "famille", "activite", "annee", "debut"]

    def clean(self):
        propres = super().clean()
        enfant, famille = propres.get("enfant"), propres.get("famille")
        if enfant and famille and not enfant.rattachements.filter(famille=famille, fin=None).exists():
            self.add_error("famille", f"{enfant} n'est pas rattaché à ce foyer.")
        if not self.errors:
            try:
                self.instance = actions.inscrire(
                    enfant,
                    propres["activite"],
                    propres["annee"],
                    famille,
                    self.compte,
                    timezone.now(),
                    propres["debut"],
                )
            except ValidationError as refus:
                self.add_error(None, refus)
        return propres

    def _post_clean(self):
        """L'action a déjà créé l'inscription, ou refusé : il ne reste rien à construire."""


@admin.register(Inscription)
class InscriptionAdmin(ListeExportee, ModelAdmin):
    list_display = ["enfant", "activite", "annee", "etat_dit", "debut", "fin", "demandee_le", "decider_lien"]
    list_select_related = ["enfant", "activite__site", "annee"]
    list_filter = ["etat", "annee", "activite__site", "activite__genre", ("activite", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    search_fields = ["enfant__cle"]
    search_help_text = "Nom de l'enfant ou de la famille"
    ordering = ["-demandee_le", "-pk"]
    date_hierarchy = "demandee_le"
    actions = ["accepter"]
    actions_detail = ["decider_bouton"]
    autocomplete_fields = ["enfant", "famille"]
    resource_classes = [InscriptionResource]

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "enfant__cle", "famille__cle"), False

    def get_export_queryset(self, request):
        return (
            super().get_export_queryset(request).select_related("enfant__ecole", "famille", "activite__site", "annee")
        )

    # --- Inscrire d'office -------------------------------------------------------------------------------------------
    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj:
            return super().get_form(request, obj, change, **kwargs)
        form = super().get_form(request, obj, change, **{**kwargs, "form": InscriptionForm})
        return type("InscriptionForm", (form,), {"compte": request.user})

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["enfant", "famille", "activite", "annee", "debut"]
        return self.get_readonly_fields(request, obj)

    def get_readonly_fields(self, request, obj=None):
        """Une inscription ne se corrige pas à la main : elle se décide ou se termine, et cela se date."""
        if obj is None:
            return []
        return ["numero", "enfant", "famille", "activite", "annee", "etat_dit", "motif", "debut", "fin", "demandee_le",
                "demandee_par", "decidee_le", "decidee_par", "terminee_le", "terminee_par"]  # fmt: skip

    def save_form(self, request, form, change):
        return form.instance

    def save_model(self, request, obj, form, change):
        """L'action l'a déjà écrite."""

    def save_related(self, request, form, formsets, change):
        """Rien n'en dépend."""

    def has_delete_permission(self, request, obj=None):
        return False  # une demande se refuse, une inscription se termine : rien ne disparaît

    # --- Décider -----------------------------------------------------------------------------------------------------
    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/decider/", vue(self.decider), name="inscriptions_inscription_decider"),
            *super().get_urls(),
        ]

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, inscription):
        return inscription.get_etat_display()

    @admin.display(description="numéro")
    def numero(self, inscription):
        return inscription.numero

    @admin.display(description="")
    def decider_lien(self, inscription):
        mots = {
            Inscription.Etat.DEMANDEE: "Décider",
            Inscription.Etat.ATTENTE: "Décider",
            Inscription.Etat.VALIDEE: "Ouvrir",
        }
        adresse = reverse("admin:inscriptions_inscription_decider", args=[inscription.pk])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>', adresse,
            mots.get(inscription.etat, "Revoir"),
        )  # fmt: skip

    @action(description="Décider, terminer", url_path="ouvrir", permissions=["change"], icon="how_to_reg")
    def decider_bouton(self, request, object_id):
        return redirect("admin:inscriptions_inscription_decider", object_id)

    def decider(self, request, pk):
        """Une demande sur une page : l'enfant, les règles, les pièces, les places ; puis la suivante arrive."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        inscription = get_object_or_404(
            Inscription.objects.select_related("enfant__ecole", "activite__site", "annee", "famille", "decidee_par"),
            pk=pk,
        )
        form = DecisionForm(
            request.POST or None, inscription=inscription, compte=request.user, maintenant=timezone.now()
        )
        if form.is_valid():
            try:
                faite = form.save()
            except ValidationError as refus:
                form.add_error(None, refus)
            else:
                self._noter(request, faite, faite.get_etat_display())
                messages.success(request, f"{faite} : {faite.get_etat_display()}. La famille est prévenue.")
                return self._suivante(faite)
        return render(request, "inscriptions/admin/decider.html", self._contexte(request, inscription, form))

    def _suivante(self, faite):
        """La plus ancienne demande qui attend, sinon la liste."""
        suivante = Inscription.objects.a_decider().exclude(pk=faite.pk).order_by("demandee_le", "pk").first()
        if suivante:
            return redirect("admin:inscriptions_inscription_decider", suivante.pk)
        return redirect("admin:inscriptions_inscription_changelist")

    def _contexte(self, request, inscription, form):
        jour = jour_de_paris(timezone.now())
        attentes = attendues(inscription.famille, jour)
        enfant, activite = (
            inscription.enfant,
            Activite.objects.prefetch_related("ecoles", "pieces").get(pk=inscription.activite_id),
        )
        prises = comptes_des_places([activite], inscription.annee, max(jour, inscription.debut))[activite.pk]
        autres = (
            Inscription.objects.filter(enfant=enfant).exclude(pk=inscription.pk).select_related("activite", "annee")
        )
        return {
            **self.admin_site.each_context(request), "title": "Décider d'une inscription",
            "opts": self.model._meta, "inscription": inscription, "form": form, "jour": jour,
            "age": regles.age(enfant.date_naissance, inscription.debut),
            "raisons": regles.eligibilite(
                profil(enfant), activite.accueil(), inscription.debut, dict(enfant.Classe.choices)
            ),
            "manquantes": pieces_qui_manquent(enfant, attentes) + pieces_de_l_activite(activite, enfant, attentes),
            "restantes": regles.places_restantes(activite.inscriptions_max, prises),
            "devant": Inscription.objects.filter(
                activite=activite, annee=inscription.annee, etat=Inscription.Etat.ATTENTE,
                demandee_le__lt=inscription.demandee_le,
            ).count(),
            "autres": autres.order_by("-debut")[:12], "reste": Inscription.objects.a_decider().count(),
            "decisions": [(etat, mot) for etat, mot in DecisionForm.base_fields["etat"].choices
                          if etat in regles.DECISIONS[inscription.etat]],
        }  # fmt: skip

    @action(description="Accepter les inscriptions choisies", permissions=["change"])
    def accepter(self, request, queryset):
        """Toutes ou aucune : la première qui ne peut pas l'être est nommée."""
        try:
            faites = actions.decider_ensemble(
                list(queryset), Inscription.Etat.VALIDEE, "", request.user, timezone.now()
            )
        except ValidationError as refus:
            messages.error(request, f"{' '.join(refus.messages)} Aucune n'a été acceptée.")
            return
        for faite in faites:
            self._noter(request, faite, "validée")
        messages.success(request, f"{len(faites)} inscriptions acceptées ; chaque famille reçoit un seul courriel.")

    def _noter(self, request, inscription, texte):
        LogEntry.objects.log_actions(request.user.pk, [inscription], CHANGE, texte, single_object=True)

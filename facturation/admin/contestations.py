"""Les lignes contestées : celles qui attendent d'abord, les faits du jour, ce qui s'est écrit, la réponse."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, DateField, Exists, F, IntegerField, OuterRef, Prefetch, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import chercher
from commune.exports import ListeExportee
from commune.fichiers import servir
from commune.regles import dire_le_jour, jour_de_paris
from facturation import regles
from presences.models import Geste, Pointage
from reservations.models import Excuse, Mouvement

from ..actions import reste_de_la_ligne
from ..forms import ReponseForm
from ..models import Contestation, Precision, Remboursement, acte_de
from ..views.contestations import nom_de_la_piece
from .exports.registres import ContestationResource

COULEURS = {
    "envoyée": "info", "en retard": "danger", "sans réponse": "danger", "en attente de la famille": "info",
    "acceptée": "success", "acceptée en partie": "success", "refusée": "warning",
}  # fmt: skip


class QuiAttend(admin.SimpleListFilter):
    title = "qui attend"
    parameter_name = "attend"

    def lookups(self, request, model_admin):
        return [("mairie", "un geste de la mairie"), ("famille", "une réponse de la famille"),
                ("sans_reponse", "sans réponse depuis trente jours")]  # fmt: skip

    def queryset(self, request, queryset):
        jour = jour_de_paris(timezone.now())
        if self.value() == "mairie":
            return queryset.a_traiter(jour)
        if self.value() == "sans_reponse":
            return queryset.sans_reponse(jour)
        return queryset.filter(etat=Contestation.Etat.QUESTION) if self.value() == "famille" else queryset


class ARembourser(admin.SimpleListFilter):
    title = "ce qui est rendu"
    parameter_name = "suite"

    def lookups(self, request, model_admin):
        return [("rembourser", "à rembourser"), ("rembourse", "remboursé"), ("deduire", "déduit")]

    def queryset(self, request, queryset):
        if self.value() == "rembourser":
            return queryset.a_rembourser()
        if self.value() == "rembourse":
            return queryset.filter(remboursements__annule_le=None, remboursements__isnull=False)
        return queryset.filter(suite=self.value()) if self.value() == "deduire" else queryset


@admin.register(Contestation)
class ContestationAdmin(ListeExportee, ModelAdmin):
    resource_classes = [ContestationResource]
    list_display = ["prestation", "famille", "somme", "etat_dit", "repondre_avant", "envoyee_le", "suite_dite"]
    list_select_related = ["ligne__facture__famille", "avoir"]
    list_filter = [QuiAttend, "etat", ARembourser]
    list_per_page = 50
    search_fields = ["ligne__facture__famille__cle"]
    search_help_text = "Famille ou enfant"
    actions = None

    def get_queryset(self, request):
        oubliees = Contestation.objects.sans_reponse(jour_de_paris(timezone.now())).values("pk")
        rang = Case(
            When(pk__in=oubliees, then=Value(0)), When(etat=Contestation.Etat.ENVOYEE, then=Value(1)),
            When(etat=Contestation.Etat.QUESTION, then=Value(2)), default=Value(3), output_field=IntegerField(),
        )  # fmt: skip
        limite = Case(When(etat=Contestation.Etat.ENVOYEE, then=F("repondre_avant")), output_field=DateField())
        rendue = Exists(Remboursement.objects.valables().filter(contestation=OuterRef("pk")))
        return Contestation.objects.annotate(rang=rang, limite=limite, rendue=rendue)

    def get_ordering(self, request):
        # Celles restées sans réponse de la famille ; celles à décider, la plus pressée d'abord ; celles qui attendent
        # encore la famille ; puis les autres, la plus récente d'abord.
        return ["rang", "limite", "-envoyee_le", "-pk"]

    def get_search_results(self, request, queryset, search_term):
        foyer = "ligne__facture__famille"
        return chercher(queryset, search_term, f"{foyer}__cle", f"{foyer}__enfants__cle"), True

    @admin.display(description="ligne contestée", ordering="ligne__jour")
    def prestation(self, contestation):
        return f"{contestation.ligne.prenom}, {contestation.ligne}"

    @admin.display(description="famille", ordering="ligne__facture__famille__nom")
    def famille(self, contestation):
        return contestation.ligne.facture.famille

    @admin.display(description="montant", ordering="ligne__montant")
    def somme(self, contestation):
        dit = regles.euros(contestation.ligne.montant)
        en_partie = contestation.etat == Contestation.Etat.PARTIE
        return f"{regles.euros(contestation.avoir.montant)} sur {dit}" if en_partie else dit

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, contestation):
        jour = jour_de_paris(timezone.now())
        if contestation.sans_reponse(jour):
            return "sans réponse"
        return "en retard" if contestation.en_retard(jour) else contestation.get_etat_display()

    @admin.display(description="rendu")
    def suite_dite(self, contestation):
        rembourse = "remboursé" if contestation.rendue else "à rembourser"
        return {"deduire": "déduit", "rembourser": rembourse}.get(contestation.suite, "–")

    def has_add_permission(self, request):
        return False  # une contestation vient de la famille

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/piece/", vue(self.piece), name="facturation_contestation_piece"),
            path("precisions/<int:pk>/piece/", vue(self.precision_piece), name="facturation_precision_piece"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Les faits, ce qui s'est écrit, la réponse ; puis la suivante arrive."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contestation = _lire(object_id)
        peut = self.has_change_permission(request) and request.user.has_perm("facturation.add_avoir")
        if request.method == "POST" and not peut:
            raise PermissionDenied
        form = ReponseForm(request.POST or None, contestation=contestation, compte=request.user)
        if form.is_valid():
            try:
                traitee = form.save(timezone.now())
            except ValidationError as refus:
                form.add_error(None, refus)
                contestation = _lire(object_id)  # un collègue, ou la famille, l'a changée depuis
            else:
                return self._traitee(request, traitee)
        return render(request, "facturation/admin/contestation.html", self._contexte(request, contestation, form, peut))

    def _traitee(self, request, contestation):
        phrase = f"{contestation.ligne.prenom}, {contestation.ligne} : {contestation.get_etat_display()}."
        if contestation.avoir:
            phrase += f" {contestation.avoir}, {regles.euros(contestation.avoir.montant)}."
        LogEntry.objects.log_actions(request.user.pk, [contestation], CHANGE, phrase, single_object=True)
        messages.success(request, f"{phrase} La famille est prévenue.")
        suivante = Contestation.objects.a_decider().order_by("repondre_avant", "pk").first()
        if suivante:
            return redirect("admin:facturation_contestation_change", suivante.pk)
        return redirect("admin:facturation_contestation_changelist")

    def _contexte(self, request, contestation, form, peut):
        ligne, jour = contestation.ligne, jour_de_paris(timezone.now())
        du_jour = {"enfant": ligne.enfant_id, "seance": ligne.seance_id}
        reservation = {f"reservation__{champ}": cle for champ, cle in du_jour.items()}
        famille = ligne.facture.famille_id
        return {
            **self.admin_site.each_context(request), "title": "Une ligne contestée", "opts": self.opts,
            "contestation": contestation, "ligne": ligne, "form": form, "acte": acte_de(ligne.pk),
            "peut": peut and contestation.ouverte, "perdu": form.is_bound and not contestation.ouverte,
            "jour": dire_le_jour(ligne.jour, semaine=True), "retard": contestation.en_retard(jour),
            "sans_reponse": contestation.sans_reponse(jour), "precisions": contestation.precisions.all(),
            "reste": Contestation.objects.a_decider().count(), "disponible": reste_de_la_ligne(ligne),
            "excuse": Excuse.objects.filter(**reservation, reservation__famille=famille).first(),
            "mouvements": Mouvement.objects.filter(**reservation, famille=famille).complets().order_by("instant", "pk"),
            "gestes": [
                (geste, Pointage.Etat(geste.apres).label if geste.apres else "effacé")
                for geste in Geste.objects.filter(**du_jour).select_related("agent").order_by("recu_le", "pk")
            ],
            "a_rembourser": request.user.has_perm("facturation.add_remboursement")
            and Contestation.objects.a_rembourser().filter(pk=contestation.pk).exists(),
            "rembourse": contestation.rembourse,
            "autres": Contestation.objects.filter(ligne__facture__famille=famille).exclude(pk=contestation.pk)
            .select_related("ligne").order_by("-pk")[:10],
        }  # fmt: skip

    def piece(self, request, pk):
        return self._servir(request, Contestation, pk)

    def precision_piece(self, request, pk):
        return self._servir(request, Precision, pk)

    def _servir(self, request, modele, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        jointe = get_object_or_404(modele, pk=pk)
        return servir(jointe.fichier, nom_de_la_piece(jointe), voir=True)


def _lire(pk):
    lues = Contestation.objects.select_related(
        "ligne__facture__famille", "ligne__seance__activite__site", "ligne__enfant", "avoir", "envoyee_par",
        "decidee_par",
    )  # fmt: skip
    precisions = Prefetch("precisions", Precision.objects.select_related("demandee_par", "repondue_par"))
    return get_object_or_404(lues.prefetch_related(precisions), pk=pk)

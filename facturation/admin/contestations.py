"""Les lignes contestées : celles qui attendent d'abord, les faits du jour côte à côte, et la réponse."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import BooleanField, Case, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, When
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

from ..actions.caisse import reste_a_rendre
from ..forms import ReponseForm
from ..models import Contestation, Remboursement, acte_de
from ..views.contestations import nom_de_la_piece
from .exports.registres import ContestationResource

COULEURS = {"envoyée": "info", "en retard": "danger", "acceptée": "success", "refusée": "warning"}


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
    list_select_related = ["ligne__facture__famille"]
    list_filter = ["etat", ARembourser]
    list_per_page = 50
    search_fields = ["ligne__facture__famille__cle"]
    search_help_text = "Famille ou enfant"
    actions = None

    def get_queryset(self, request):
        attend = ExpressionWrapper(Q(etat=Contestation.Etat.ENVOYEE), output_field=BooleanField())
        limite = Case(When(etat=Contestation.Etat.ENVOYEE, then=F("repondre_avant")), output_field=DateField())
        rendue = Exists(Remboursement.objects.valables().filter(contestation=OuterRef("pk")))
        return Contestation.objects.annotate(attend=attend, limite=limite, rendue=rendue)

    def get_ordering(self, request):
        # Celles qui attendent, la plus pressée d'abord ; puis les autres, la plus récente d'abord.
        return ["-attend", "limite", "-envoyee_le", "-pk"]

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
        return regles.euros(contestation.ligne.montant)

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, contestation):
        retard = contestation.en_retard(jour_de_paris(timezone.now()))
        return "en retard" if retard else contestation.get_etat_display()

    @admin.display(description="rendu")
    def suite_dite(self, contestation):
        rembourse = "remboursé" if contestation.rendue else "à rembourser"
        return {"deduire": "déduit", "rembourser": rembourse}.get(contestation.suite, "–")

    def has_add_permission(self, request):
        return False  # une contestation vient de la famille

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view(self.piece)
        return [path("<int:pk>/piece/", vue, name="facturation_contestation_piece"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Les faits, ce qu'écrit la famille, la réponse ; puis la suivante arrive."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contestation = get_object_or_404(
            Contestation.objects.select_related(
                "ligne__facture__famille", "ligne__seance__activite__site", "ligne__enfant", "avoir", "envoyee_par",
                "decidee_par",
            ),
            pk=object_id,
        )  # fmt: skip
        peut = self.has_change_permission(request) and request.user.has_perm("facturation.add_avoir")
        if request.method == "POST" and not peut:
            raise PermissionDenied
        form = ReponseForm(request.POST or None, contestation=contestation, compte=request.user)
        if form.is_valid():
            try:
                decidee = form.save(timezone.now())
            except ValidationError as refus:
                if refus.code == "deja_decidee":
                    messages.warning(request, refus.message)
                    return redirect("admin:facturation_contestation_change", object_id)
                form.add_error(None, refus)
            else:
                return self._decidee(request, decidee)
        return render(request, "facturation/admin/contestation.html", self._contexte(request, contestation, form, peut))

    def _decidee(self, request, contestation):
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
            "peut": peut and contestation.etat == Contestation.Etat.ENVOYEE,
            "jour": dire_le_jour(ligne.jour, semaine=True), "retard": contestation.en_retard(jour),
            "reste": Contestation.objects.a_decider().count(), "disponible": reste_a_rendre(ligne.facture),
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
        if not self.has_view_permission(request):
            raise PermissionDenied
        contestation = get_object_or_404(Contestation, pk=pk)
        return servir(contestation.fichier, nom_de_la_piece(contestation), voir=True)

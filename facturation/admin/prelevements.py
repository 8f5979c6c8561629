"""Les prélèvements : préparer un lot, en prendre le fichier, le dire remis, saisir un rejet."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from commune.admin import chercher
from commune.contexte import courante
from commune.regles import jour_de_paris
from facturation import regles

from .. import actions
from ..forms import JourForm, RejetForm
from ..models import Facture, LotDePrelevements, Prelevement, Regie
from . import rejets

MONTRES = 200  # débits montrés sur une page ; les autres sont dans la liste des prélèvements
COULEURS = {"préparé": "info", "remis": "success", "rejeté": "danger", "défait": "warning"}


@admin.register(LotDePrelevements)
class LotAdmin(ModelAdmin):
    list_display = ["jour", "etat_dit", "combien", "somme", "nom_du_fichier", "prepare_le", "remis_le"]
    list_per_page = 50
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).avec_totaux()

    @display(description="état", label=COULEURS)
    def etat_dit(self, lot):
        return lot.etat

    @admin.display(description="débits", ordering="combien")
    def combien(self, lot):
        return lot.combien

    @admin.display(description="total", ordering="total")
    def somme(self, lot):
        return regles.euros(lot.total or regles.ZERO)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/fichier/", vue(self.fichier), name="facturation_lotdeprelevements_fichier"),
            path("<int:pk>/remettre/", vue(self.remettre), name="facturation_lotdeprelevements_remettre"),
            path("<int:pk>/defaire/", vue(self.defaire), name="facturation_lotdeprelevements_defaire"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Choisir un jour annoncé, lire ce que le lot prendrait et ce qu'il écarte, puis le préparer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        maintenant = timezone.now()
        annonces = actions.jours_annonces(jour_de_paris(maintenant))
        donnees = request.POST if request.method == "POST" else request.GET if "jour" in request.GET else None
        donnees = donnees or ({"jour": annonces[0][0].isoformat()} if annonces else None)
        form = JourForm(donnees, compte=request.user, maintenant=maintenant)
        projet = None
        if form.is_valid():
            if request.method == "POST":
                try:
                    return self._prepare(request, form.save())
                except ValidationError as refus:
                    form.add_error(None, refus)
            else:
                projet = actions.projeter(form.cleaned_data["jour"])
        return self.rendre(request, "facturation/admin/lot_preparer.html", {
            "title": "Préparer des prélèvements", "form": form, "annonces": annonces, "projet": projet,
            "retenus": projet.retenus[:MONTRES] if projet else [], "manque": self._manque(),
            "passe": bool(projet) and projet.jour < jour_de_paris(maintenant),
        })  # fmt: skip

    def _manque(self):
        try:
            actions.verifier_reglages(courante(), Regie.courante())
        except ValidationError as refus:
            return refus.message
        return ""

    def _prepare(self, request, lot):
        phrase = f"{lot} préparés : {lot.prelevements.count()} débits."
        LogEntry.objects.log_actions(request.user.pk, [lot], ADDITION, phrase, single_object=True)
        messages.success(request, phrase)
        return redirect("admin:facturation_lotdeprelevements_change", lot.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Un lot : son fichier, ce qu'il débite, ce qui a changé depuis, et ce qu'on en fait."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        lot = get_object_or_404(
            LotDePrelevements.objects.avec_totaux().select_related("prepare_par", "remis_par"), pk=object_id
        )
        debits = lot.prelevements.select_related("facture__famille", "mandat").order_by("pk")
        ouvert = lot.etat == "préparé"
        return self.rendre(request, "facturation/admin/lot.html", {
            "title": str(lot), "lot": lot, "debits": debits[:MONTRES], "reste": max(debits.count() - MONTRES, 0),
            "premiers": debits.vivants().filter(sequence="FRST").count(),
            "rejetes": debits.filter(etat=Prelevement.Etat.REJETE).count(),
            "changes": _changes(lot) if ouvert else [],
            "revoques": debits.exclude(mandat__revoque_le=None).exclude(mandat=None) if ouvert else [],
            "peut": ouvert and self.has_change_permission(request),
        })  # fmt: skip

    def fichier(self, request, pk):
        """Le fichier pain.008, à remettre au Trésor ; qui l'a pris reste écrit."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        lot = get_object_or_404(LotDePrelevements, pk=pk, defait_le=None)
        try:
            fichier = actions.fichier_du_lot(lot)
        except ValidationError as refus:
            messages.error(request, refus.message)
            return redirect("admin:facturation_lotdeprelevements_change", pk)
        phrase = f"Fichier {lot.nom_du_fichier} pris."
        LogEntry.objects.log_actions(request.user.pk, [lot], CHANGE, phrase, single_object=True)
        return HttpResponse(fichier, content_type="application/xml", headers={
            "Content-Disposition": f'attachment; filename="{lot.nom_du_fichier}"', "Cache-Control": "no-store",
        })  # fmt: skip

    def remettre(self, request, pk):
        """Le fichier est remis : les règlements s'écrivent."""
        return self._agir(request, pk, lambda lot: actions.remettre_lot(lot, request.user, timezone.now()),
                          "Lot remis : chaque débit est écrit comme un règlement.")  # fmt: skip

    def defaire(self, request, pk):
        return self._agir(request, pk, lambda lot: actions.defaire_lot(lot, timezone.now()),
                          "Lot défait : ses factures peuvent aller dans un autre.")  # fmt: skip

    def _agir(self, request, pk, geste, phrase):
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        lot = get_object_or_404(LotDePrelevements, pk=pk)
        try:
            geste(lot)
        except ValidationError as refus:
            messages.warning(request, refus.message)
        else:
            LogEntry.objects.log_actions(request.user.pk, [lot], CHANGE, phrase, single_object=True)
            messages.success(request, phrase)
        return redirect("admin:facturation_lotdeprelevements_change", pk)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_lotdeprelevements_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def _changes(lot):
    """Les débits d'un lot encore ouvert dont la facture ne doit plus la même somme."""
    restes = dict(Facture.objects.filter(prelevements__lot=lot).avec_reste().values_list("pk", "reste"))
    debits = lot.prelevements.select_related("facture").order_by("pk")
    return [(debit, restes[debit.facture_id]) for debit in debits if debit.montant != restes[debit.facture_id]]


class ARegarder(admin.SimpleListFilter):
    title = "à regarder"
    parameter_name = "a_regarder"

    def lookups(self, request, model_admin):
        return [("rejetes", "rejetés, encore à payer")]

    def queryset(self, request, queryset):
        return queryset.a_suivre() if self.value() == "rejetes" else queryset


@admin.register(Prelevement)
class PrelevementAdmin(ModelAdmin):
    list_display = ["reference_dite", "famille", "somme", "etat_dit", "rejet", "mandat_dit"]
    list_filter = [ARegarder, "etat", "lot"]
    list_select_related = ["lot", "facture__famille", "mandat"]
    list_per_page = 50
    search_fields = ["facture__famille__cle"]
    search_help_text = "Famille, numéro de facture ou RUM"
    actions = None
    actions_list = ["rejets"]

    @action(description="Lire un fichier de rejets", url_path="rejets", permissions=["change"], icon="upload_file")
    def rejets(self, request):
        return rejets.lire(request)

    def get_search_results(self, request, queryset, search_term):
        foyer = "facture__famille"
        trouves = chercher(queryset, search_term, f"{foyer}__cle", f"{foyer}__adultes__cle").values("pk")
        numero = search_term.partition("-L")[0].rpartition("-")[2]
        ici = Q(mandat__rum__icontains=search_term) if search_term else Q()
        if numero.isdigit():
            ici |= Q(facture__numero=int(numero))
        return queryset.filter(Q(pk__in=trouves) | ici), False

    @admin.display(description="référence", ordering="facture__numero")
    def reference_dite(self, debit):
        return debit.reference

    @admin.display(description="famille", ordering="facture__famille__nom")
    def famille(self, debit):
        return debit.facture.famille

    @admin.display(description="montant", ordering="montant")
    def somme(self, debit):
        return regles.euros(debit.montant)

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, debit):
        return debit.get_etat_display()

    @admin.display(description="rejet", ordering="code_rejet")
    def rejet(self, debit):
        return f"{debit.code_rejet} : {debit.rejet_dit}" if debit.code_rejet else "–"

    @admin.display(description="mandat")
    def mandat_dit(self, debit):
        return debit.mandat or "effacé"

    def has_add_permission(self, request):
        return False  # il naît dans un lot

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Un débit, et le rejet que la banque en a dit."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        debit = get_object_or_404(
            Prelevement.objects.select_related(
                "lot", "facture__famille", "mandat", "reglement", "rejet_saisi_par"
            ), pk=object_id,
        )  # fmt: skip
        peut = self.has_change_permission(request) and debit.etat == Prelevement.Etat.REMIS
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        form = RejetForm(request.POST or None, prelevement=debit, compte=request.user, maintenant=timezone.now())
        if form.is_valid():
            try:
                rejete = form.save()
            except ValidationError as refus:
                if refus.code == "deja_rejete":
                    messages.info(request, refus.message)
                    return redirect("admin:facturation_prelevement_change", object_id)
                form.add_error("rejete_le" if refus.code == "jour" else None, refus)
            else:
                phrase = f"Rejet {rejete.code_rejet} : {rejete.rejet_dit}. La dette revient, la famille est prévenue."
                LogEntry.objects.log_actions(request.user.pk, [rejete], CHANGE, phrase, single_object=True)
                messages.success(request, phrase)
                return redirect("admin:facturation_prelevement_change", object_id)
        contexte = {"title": str(debit), "debit": debit, "form": form, "peut": peut,
                    "retour": reverse("admin:facturation_prelevement_changelist")}  # fmt: skip
        return render(
            request, "facturation/admin/prelevement.html", {**self.admin_site.each_context(request), **contexte}
        )

"""Les échéanciers : les demandes des familles, le plan que la régie compose, où il en est, sa révocation."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import chercher, enregistrer
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from commune.regles import jour_de_paris, lire_numero
from facturation import regles
from familles.models import Famille

from .. import actions, imprimes
from ..forms import EcheancesFormSet, MotForm, MotifForm, ProjetForm
from ..models import DemandeEcheancier, Echeancier, a_echelonner, avec_solde, solde_de
from .caisse import TROUVES, foyers_trouves
from .exports.registres import EcheancierResource
from .exports.suites import DemandeEcheancierResource

COULEURS = {"tenu": "success", "en retard": "warning", "rompu": "danger", "terminé": "success", "révoqué": "info"}


@admin.register(DemandeEcheancier)
class DemandeEcheancierAdmin(ListeExportee, ModelAdmin):
    resource_classes = [DemandeEcheancierResource]
    list_display = ["famille", "mois", "phrase", "etat_dit", "envoyee_le", "decidee_le"]
    list_filter = ["etat"]
    list_select_related = ["famille"]
    list_per_page = 50
    search_fields = ["famille__cle"]
    search_help_text = "Famille"
    actions = None

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "famille__cle", "famille__adultes__cle"), True

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("famille", "decidee_par", "echeancier")

    @display(description="état", ordering="etat",
             label={"envoyée": "info", "acceptée": "success", "refusée": "warning"})  # fmt: skip
    def etat_dit(self, demande):
        return demande.get_etat_display()

    def get_urls(self):
        lettre = self.admin_site.admin_view(self.lettre)
        return [path("<int:pk>/lettre/", lettre, name="facturation_demandeecheancier_lettre"), *super().get_urls()]

    def lettre(self, request, pk):
        """La lettre qui dit un refus à la famille."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        demande = get_object_or_404(DemandeEcheancier, pk=pk)
        retour = ("admin:facturation_demandeecheancier_change", pk)
        if demande.etat != DemandeEcheancier.Etat.REFUSEE:
            messages.info(request, "Cette demande n'est pas refusée : il n'y a pas de lettre.")
            return redirect(*retour)
        ecrite = (demande.famille_id, "facturation/courriels/echeancier_refuse", {"demande": demande})
        return servir_pdf(f"echeancier-refus-{pk}.pdf", imprimes.courriers([ecrite], timezone.now()))

    def has_add_permission(self, request):
        return False  # une demande vient de la famille

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Ce qu'écrit la famille et ce qu'elle doit ; composer l'échéancier, ou refuser avec des mots."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        demande = get_object_or_404(
            DemandeEcheancier.objects.select_related("famille", "envoyee_par", "decidee_par", "echeancier"),
            pk=object_id,
        )
        peut = self.has_change_permission(request) and demande.etat == DemandeEcheancier.Etat.ENVOYEE
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        form = MotForm(
            request.POST if request.method == "POST" else None,
            refuser=lambda mot: actions.refuser_echeancier(demande, mot, request.user, timezone.now()),
        )
        if enregistrer(request, form, dire_refusee):
            return redirect("admin:facturation_demandeecheancier_change", demande.pk)
        contexte = {
            "lettre": bool(actions.sans_compte([demande.famille_id])),
            "title": str(demande), "demande": demande, "form": form, "peut": peut, "solde": solde_de(demande.famille),
            "dues": a_echelonner(demande.famille, jour_de_paris(timezone.now())),
            "retour": reverse("admin:facturation_demandeecheancier_changelist"),
        }  # fmt: skip
        gabarit = "facturation/admin/demande_echeancier.html"
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


@admin.register(Echeancier)
class EcheancierAdmin(ListeExportee, ModelAdmin):
    resource_classes = [EcheancierResource]
    list_display = ["reference_dite", "famille", "somme", "etat_dit", "prochaine_dite", "accorde_le"]
    list_filter = [("revoque_le", admin.EmptyFieldListFilter)]
    list_select_related = ["famille"]
    list_per_page = 50
    search_fields = ["famille__cle"]
    search_help_text = "Famille"
    actions = None

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "famille__cle", "famille__adultes__cle"), True

    def get_changelist_instance(self, request):
        """Les plans de la page, situés d'un bloc : autant de requêtes pour un que pour cinquante."""
        liste = super().get_changelist_instance(request)
        situes = {
            plan.pk: plan
            for plan in Echeancier.objects.filter(pk__in=[plan.pk for plan in liste.result_list]).select_related(
                "famille"
            ).situes(jour_de_paris(timezone.now()))
        }  # fmt: skip
        liste.result_list = [situes[plan.pk] for plan in liste.result_list]
        return liste

    @admin.display(description="échéancier", ordering="pk")
    def reference_dite(self, plan):
        return plan.reference

    @admin.display(description="total", ordering="total")
    def somme(self, plan):
        return regles.euros(plan.total)

    @display(description="état", label=COULEURS)
    def etat_dit(self, plan):
        return plan.etat

    @admin.display(description="prochaine échéance")
    def prochaine_dite(self, plan):
        if plan.revoque_le or not plan.prochaine:
            return "–"
        return f"{regles.euros(plan.a_payer)}, {plan.prochaine.jour:%d/%m/%Y}"

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", vue(self.imprimer), name="facturation_echeancier_pdf"),
            path("<int:pk>/revoquer/", vue(self.revoquer), name="facturation_echeancier_revoquer"),
            path("<int:pk>/lettre/", vue(self.lettre), name="facturation_echeancier_lettre"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Chercher le foyer, cocher ses factures, proposer des échéances, les retoucher, accorder."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if pk := lire_numero(request.GET.get("famille")):
            return self.composer(request, get_object_or_404(Famille, pk=pk))
        terme = request.GET.get("q", "").strip()
        foyers = avec_solde(foyers_trouves(terme)).filter(solde__gt=0).prefetch_related("adultes", "enfants")
        foyers = list(foyers.order_by("nom", "pk")[: TROUVES + 1]) if terme else []
        return self.rendre(request, "facturation/admin/echelonner_qui.html", {
            "title": "Accorder un échéancier", "terme": terme, "foyers": foyers[:TROUVES],
            "trop": len(foyers) > TROUVES, "demandes": DemandeEcheancier.objects.a_decider()
            .select_related("famille").order_by("envoyee_le", "pk")[:TROUVES],
        })  # fmt: skip

    def composer(self, request, famille):
        maintenant = timezone.now()
        dues = a_echelonner(famille, jour_de_paris(maintenant))
        libres = [facture for facture, raison in dues if not raison]
        demande = DemandeEcheancier.objects.a_decider().filter(famille=famille).first()
        envoi = request.POST if request.method == "POST" else request.GET if "nombre" in request.GET else None
        projet = ProjetForm(envoi, libres=libres, maintenant=maintenant, mois=demande.mois if demande else 3)
        echeances, mot = None, MotForm(request.POST if "form-TOTAL_FORMS" in request.POST else None)
        if projet.is_valid():
            if mot.is_bound:
                echeances = EcheancesFormSet(request.POST)
                if plan := self._accorder(request, famille, projet, echeances, mot, maintenant):
                    return redirect("admin:facturation_echeancier_change", plan.pk)
            else:
                proposees = [{"jour": jour, "montant": part} for jour, part in projet.proposer()]
                echeances = EcheancesFormSet(initial=proposees) if proposees else None
        coches = set(projet["factures"].value() or [])
        return self.rendre(request, "facturation/admin/echelonner.html", {
            "title": f"Échéancier de la {famille}", "famille": famille, "projet": projet, "demande": demande,
            "dues": [(facture, raison, bool({facture.pk, str(facture.pk)} & coches)) for facture, raison in dues],
            "libres": libres, "echeances": echeances, "mot": mot, "total": projet.total if echeances else None,
        })  # fmt: skip

    def _accorder(self, request, famille, projet, echeances, mot, maintenant):
        if not (echeances.is_valid() and mot.is_valid()):
            return None
        suite = [(ligne["jour"], ligne["montant"]) for ligne in echeances.cleaned_data if ligne]
        try:
            plan = actions.accorder_echeancier(
                famille, projet.cleaned_data["factures"], suite, request.user, maintenant, mot.cleaned_data["mot"]
            )
        except ValidationError as refus:
            mot.add_error(None, refus)
            return None
        phrase = f"{plan} de {regles.euros(plan.total)} accordé à la {famille}"
        LogEntry.objects.log_actions(request.user.pk, [plan], ADDITION, f"{phrase}.", single_object=True)
        messages.success(request, f"{phrase} ; {actions.dire_prevenus([famille.pk])}.")
        return plan

    def situer(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        get_object_or_404(Echeancier, pk=pk)
        plans = Echeancier.objects.filter(pk=pk).select_related("famille", "accorde_par", "revoque_par")
        return plans.situes(jour_de_paris(timezone.now()))[0]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        plan = self.situer(request, object_id)
        peut = request.user.has_perm("facturation.change_echeancier") and not plan.revoque_le
        return self.rendre(request, "facturation/admin/echeancier.html", {
            "title": f"{plan}, {plan.etat}", "plan": plan, "peut_revoquer": peut and plan.prochaine,
            "demande": DemandeEcheancier.objects.filter(echeancier=plan).first(),
            "factures": plan.factures.select_related("facture"),
            "lettre": bool(actions.sans_compte([plan.famille_id])),
        })  # fmt: skip

    def imprimer(self, request, pk):
        plan = self.situer(request, pk)
        return servir_pdf(f"echeancier-{plan.reference}.pdf", imprimes.echeancier(plan))

    def lettre(self, request, pk):
        """La lettre qui dit à la famille que son échéancier est révoqué."""
        plan, retour = self.situer(request, pk), ("admin:facturation_echeancier_change", pk)
        if not plan.revoque_le:
            messages.info(request, "Cet échéancier n'est pas révoqué : imprimez-le plutôt.")
            return redirect(*retour)
        ecrite = (plan.famille_id, "facturation/courriels/echeancier_revoque", {"plan": plan})
        nom = f"echeancier-{plan.reference}-revoque.pdf"
        return servir_pdf(nom, imprimes.courriers([ecrite], timezone.now()))

    def revoquer(self, request, pk):
        """Dire pourquoi, puis révoquer : les relances peuvent reprendre."""
        if not request.user.has_perm("facturation.change_echeancier"):
            raise PermissionDenied
        plan = self.situer(request, pk)
        form = MotifForm(
            request.POST if request.method == "POST" else None,
            geste=lambda motif: actions.revoquer_echeancier(plan, motif, request.user, timezone.now()),
        )
        if enregistrer(request, form, dire_revoque):
            return redirect("admin:facturation_echeancier_change", pk)
        contexte = {"title": f"Révoquer : {plan}", "plan": plan, "form": form}
        return self.rendre(request, "facturation/admin/revoquer_echeancier.html", contexte)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_echeancier_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def dire_refusee(demande):
    return f"Demande d'échéancier refusée ; {actions.dire_prevenus([demande.famille_id])}."


def dire_revoque(plan):
    return f"{plan} révoqué ; {actions.dire_prevenus([plan.famille_id])}."

"""Les paiements en ligne : ce que PayFiP en a dit, et les doutes que la régie tranche."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import PeriodeFilter, chercher, enregistrer
from commune.exports import ListeExportee
from facturation import regles

from .. import actions
from ..forms import TrancherForm
from ..models import Paiement
from ..regles.payfip import RESULTATS, en_euros, instant
from .exports.registres import PaiementResource

COULEURS = {
    "payé": "success", "en doute": "warning", "en cours": "info", "préparé": "info", "refusé": "danger",
}  # fmt: skip
ETAPES = {"T": "essai", "X": "activation", "W": "production"}


class ARegarder(admin.SimpleListFilter):
    title = "à regarder"
    parameter_name = "a_regarder"

    def lookups(self, request, model_admin):
        return [("doute", "en doute"), ("attente", "sans réponse encore"), ("pas_ouvert", "jamais ouverts")]

    def queryset(self, request, queryset):
        if self.value() == "doute":
            return queryset.en_doute()
        if self.value() == "attente":
            return queryset.en_suspens()
        return queryset.jamais_ouverts() if self.value() == "pas_ouvert" else queryset


@admin.register(Paiement)
class PaiementAdmin(ListeExportee, ModelAdmin):
    resource_classes = [PaiementResource]
    list_display = ["cree_le", "etat_dit", "famille", "facture_dite", "somme", "phrase", "conclu_le"]
    list_filter = [ARegarder, "etat", ("cree_le", PeriodeFilter)]
    list_filter_submit = True
    list_select_related = ["famille", "facture"]
    list_per_page = 50
    search_fields = ["refdet"]
    search_help_text = "Famille, ou référence du paiement"
    actions = None

    def get_search_results(self, request, queryset, search_term):
        trouves = chercher(queryset, search_term, "famille__cle", "famille__adultes__cle")
        par_reference = Q(refdet__icontains=search_term.strip()) if search_term else Q(pk=None)
        return queryset.filter(Q(pk__in=trouves.values("pk")) | par_reference), False

    @admin.display(description="facture", ordering="facture__numero")
    def facture_dite(self, paiement):
        return paiement.facture.reference

    @admin.display(description="montant", ordering="montant")
    def somme(self, paiement):
        return regles.euros(paiement.montant)

    @display(description="état", ordering="etat", label=COULEURS)
    def etat_dit(self, paiement):
        return paiement.get_etat_display()

    def has_add_permission(self, request):
        return False  # un paiement naît chez une famille

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/redemander/", vue(self.redemander), name="facturation_paiement_redemander"),
            path("<int:pk>/trancher/", vue(self.trancher), name="facturation_paiement_trancher"),
            *super().get_urls(),
        ]

    def trouver(self, pk):
        liens = ["famille", "facture", "cree_par", "tranche_par", "reglement"]
        return get_object_or_404(Paiement.objects.select_related(*liens), pk=pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Ce que l'on sait d'un paiement, en français, et ce que la régie peut faire."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        paiement = self.trouver(object_id)
        peut = self.has_change_permission(request)
        return self.rendre(request, "facturation/admin/paiement.html", {
            "title": f"Paiement {paiement.refdet}",
            "paiement": paiement,
            "etape": ETAPES.get(paiement.saisie, paiement.saisie),
            "comparaison": comparer(paiement),
            "resultat": dire_le_resultat(paiement.reponse),
            "peut_redemander": peut and paiement.a_interroger,
            "peut_trancher": peut and paiement.etat == Paiement.Etat.DOUTE,
        })  # fmt: skip

    def redemander(self, request, pk):
        """Redemande tout de suite à PayFiP."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        paiement, maintenant = self.trouver(pk), timezone.now()
        relu = actions.interroger(paiement, maintenant)
        phrase = f"PayFiP redemandé : {relu.get_etat_display()}. {relu.phrase}".strip()
        LogEntry.objects.log_actions(request.user.pk, [relu], CHANGE, phrase, single_object=True)
        messages.info(request, phrase)
        return redirect("admin:facturation_paiement_change", pk)

    def trancher(self, request, pk):
        """Dire, d'après ses relevés, si l'argent d'un paiement en doute est arrivé."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        paiement = self.trouver(pk)
        form = TrancherForm(
            request.POST if request.method == "POST" else None,
            paiement=paiement, compte=request.user, maintenant=timezone.now(),
        )  # fmt: skip
        if enregistrer(request, form, lambda tranche: f"Tranché : {tranche.get_etat_display()}. {tranche.motif}"):
            return redirect("admin:facturation_paiement_change", pk)
        contexte = {"title": f"Trancher le paiement {paiement.refdet}", "paiement": paiement, "form": form}
        return self.rendre(request, "facturation/admin/trancher.html", contexte)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_paiement_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def comparer(paiement):
    """Ce qu'on a demandé et ce que PayFiP a répondu : ``[(nom, demandé, répondu, différent), …]``."""
    dit = paiement.reponse
    if not dit:
        return []
    lignes = [
        ("Montant", regles.euros(paiement.montant), en_euros(dit["montant"])),
        ("Référence", paiement.refdet, dit["refdet"]),
        ("Client", paiement.numcli, dit["numcli"]),
        ("Étape", ETAPES.get(paiement.saisie, paiement.saisie), ETAPES.get(dit["saisie"], dit["saisie"])),
        ("Opération", paiement.idop, dit["idop"]),
    ]
    return [(nom, voulu, repondu, voulu != repondu) for nom, voulu, repondu in lignes]


def dire_le_resultat(reponse):
    """Le résultat que PayFiP a répondu, et quand il dit que c'est arrivé : « payé par carte (P) », instant UTC."""
    if not reponse:
        return None
    code = reponse["resultrans"]
    _, mot = RESULTATS.get(code, ("", "résultat inconnu"))
    return {"mot": f"{mot} ({code})", "quand": instant(reponse["dattrans"], reponse["heurtrans"])}

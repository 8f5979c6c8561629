"""La régie : qui encaisse, comment on la paie, et où en est le paiement en ligne."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from .. import payfip
from ..models import ActiviteDuBudget, Budget, Regie
from ..regles.payfip import PRODUCTION, dire_la_faute


class ActiviteInline(TabularInline):
    model = ActiviteDuBudget
    autocomplete_fields = ["activite"]
    extra = 1


@admin.register(Budget)
class BudgetAdmin(ModelAdmin):
    """Les autres régies de la commune, et les activités qui en relèvent."""

    list_display = ["nom", "ce_qui_en_releve", "compte"]
    inlines = [ActiviteInline]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("activites__activite__site")

    @admin.display(description="activités")
    def ce_qui_en_releve(self, budget):
        return ", ".join(str(ligne) for ligne in budget.activites.all()) or "aucune : rien n'y est facturé"

    @admin.display(description="compte")
    def compte(self, budget):
        return "à part : ni prélevé, ni payé en ligne" if budget.iban else "celui de la régie"

    def has_delete_permission(self, request, obj=None):
        # Dès sa première facture, un budget se garde : PROTECT le dirait trop tard.
        return super().has_delete_permission(request, obj) and not (obj and obj.factures.exists())


@admin.register(Regie)
class RegieAdmin(ModelAdmin):
    fieldsets = [
        ("Qui émet", {"fields": ["nom", "emetteur"]}),
        ("Comment payer", {"fields": ["cheque_ordre", "iban", "accueil", "delai", "seuil"]}),
        ("La caisse", {"fields": ["fonds_de_caisse", "titres_cesu", "titres_cesu_repas", "titres_ancv"]}),
        ("Prélever", {"fields": ["sepa_bic", "sepa_version", "sepa_identifiant"]}),
        ("Contester une ligne", {"fields": ["delai_contestation", "delai_reponse"]}),
        ("Payer en ligne", {"fields": ["en_clair", "payfip"]}),
        ("PayFiP, service « régie »", {"fields": ["payfip_client", "payfip_saisie", "payfip_essai"]}),
        ("PayFiP Titre", {"fields": ["titre_structure", "titre_reference", "titre_adresse"]}),
    ]
    readonly_fields = ["en_clair"]
    actions_detail = ["verifier"]

    @admin.display(description="ce que voient les familles")
    def en_clair(self, regie):
        if not regie or not regie.payfip:
            return "Aucun bouton : elles paient par chèque, virement, espèces ou prélèvement."
        if regie.payfip == Regie.EnLigne.TITRE:
            return "L'identifiant, la référence et le lien, sur les factures émises depuis que ce choix est fait."
        if regie.payfip_saisie == PRODUCTION:
            return "« Payer » sur chaque facture où il reste au moins un euro, et qui ne sera pas prélevée."
        qui = f"seul {regie.payfip_essai} voit « Payer »" if regie.payfip_essai else "aucun compte ne voit « Payer »"
        return f"Étape « {regie.get_payfip_saisie_display()} » : {qui}."

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Regie.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def has_verifier_permission(self, request, *args):
        return request.user.has_perm("facturation.change_regie")

    def changelist_view(self, request, extra_context=None):
        """Une seule ligne : la liste mène droit à la fiche."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        regie = Regie.objects.first()
        if regie is None and self.has_add_permission(request):
            return redirect("admin:facturation_regie_add")
        return redirect("admin:facturation_regie_change", regie.pk if regie else 0)

    @action(description="Vérifier auprès de PayFiP", url_path="verifier", permissions=["verifier"], icon="verified")
    def verifier(self, request, object_id):
        """Demande à PayFiP le nom sous lequel il connaît ce numéro de client ; n'écrit rien."""
        regie = get_object_or_404(Regie, pk=object_id)
        dire, phrase = self.ce_que_dit_payfip(regie.payfip_client)
        dire(request, phrase)
        return redirect(reverse("admin:facturation_regie_change", args=[regie.pk]))

    @staticmethod
    def ce_que_dit_payfip(client):
        if not client:
            return messages.warning, "Enregistrez d'abord le numéro de client PayFiP."
        try:
            return messages.success, f"PayFiP connaît le client {client} : {payfip.client(client)}."
        except payfip.Faute as faute:
            return messages.error, f"PayFiP refuse le client {client} : {dire_la_faute(faute.code)}."
        except payfip.Injoignable:
            return messages.error, "PayFiP ne répond pas pour l'instant : réessayez dans quelques minutes."

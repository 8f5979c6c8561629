"""La régie : qui encaisse, comment on la paie, et où en est le paiement en ligne."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from commune.contexte import courante
from commune.exports import ListeExportee
from commune.regles import jour_de_paris

from .. import payfip
from ..models import ActiviteDuBudget, Budget, DemandeEcheancier, Echeancier, Facture, Regie, Transmission
from ..regles.payfip import PRODUCTION, dire_la_faute
from .exports.suites import BudgetResource


class ActiviteInline(TabularInline):
    model = ActiviteDuBudget
    autocomplete_fields = ["activite"]
    extra = 1


@admin.register(Budget)
class BudgetAdmin(ListeExportee, ModelAdmin):
    """Les autres régies de la commune, et les activités qui en relèvent."""

    resource_classes = [BudgetResource]
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
        ("Qui émet", {"fields": ["nom", "emetteur", "mention_tva"]}),
        ("Comment payer", {"fields": ["cheque_ordre", "iban", "accueil", "delai", "seuil"]}),
        ("La caisse", {"fields": ["fonds_de_caisse", "titres_cesu", "titres_cesu_repas", "titres_ancv"]}),
        ("Prélever", {"fields": ["sepa_bic", "sepa_version", "sepa_identifiant"]}),
        ("Le quotient", {"fields": ["quotients_en_clair", "api_particulier", "quotient_mois"]}),
        ("Contester une ligne", {"fields": ["delai_contestation", "delai_reponse"]}),
        ("Relancer", {"fields": ["ou_en_est", "relance_seuil", "relance_intervalle", "relance_auto"]}),
        ("Payer en plusieurs fois", {"fields": ["echeancier_mois", "echeancier_tolerance"]}),
        ("Le Trésor public", {"fields": ["tresor_seuil", "tresor_delai", "tresor_ou"]}),
        ("Payer en ligne", {"fields": ["en_clair", "payfip"]}),
        ("PayFiP, service « régie »", {"fields": ["payfip_client", "payfip_saisie", "payfip_essai"]}),
        ("PayFiP Titre", {"fields": ["titre_structure", "titre_reference", "titre_adresse"]}),
    ]
    readonly_fields = ["en_clair", "quotients_en_clair", "ou_en_est"]
    actions_detail = ["verifier"]

    @admin.display(description="où l'on en est")
    def ou_en_est(self, regie):
        """Ce qui attend la régie, chaque nombre menant à sa page."""
        jour = jour_de_paris(timezone.now())
        lignes = [
            (Facture.objects.filter(echeance__lt=jour).impayees().count(), "en retard", "envoiderelances_add"),
            (DemandeEcheancier.objects.a_decider().count(), "à échelonner, demandées", "demandeecheancier_changelist"),
            (Echeancier.objects.ouverts().count(), "échéanciers accordés", "echeancier_changelist"),
            (Transmission.objects.valables().count(), "au Trésor public", "etatdesrestes_changelist"),
        ]
        return format_html_join(
            " · ", '<a href="{}">{} {}</a>',
            [(reverse(f"admin:facturation_{page}"), nombre, mots) for nombre, mots, page in lignes],
        )  # fmt: skip

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

    @admin.display(description="ce que voient les familles")
    def quotients_en_clair(self, regie):
        if not regie or not regie.api_particulier:
            return "Elles envoient leur attestation ; vous notez leur quotient."
        manques = [
            nom for nom, bon in [
                ("le jeton, que donne API_PARTICULIER_JETON", settings.API_PARTICULIER_JETON),
                ("le SIRET, sur la fiche de la commune", courante().siret),
            ] if not bon
        ]  # fmt: skip
        if manques:
            return f"Rien encore : il manque {' et '.join(manques)}."
        return "« Récupérer mon quotient auprès de la CAF ou de la MSA », à côté de l'attestation."

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

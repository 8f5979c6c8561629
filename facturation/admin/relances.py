"""Relancer : les niveaux, l'aperçu (qui, combien, quel niveau, qui est laissé et pourquoi), l'envoi et ses lettres."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import chercher
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from commune.regles import lire_numero
from facturation import regles

from .. import actions, imprimes
from ..models import EnvoiDeRelances, NiveauRelance, Relance, niveaux
from .exports.registres import RelanceResource
from .exports.suites import EnvoiResource, NiveauResource

MONTRES = 300  # foyers à relancer, ou laissés, montrés sur une page ; l'envoi les prend tous


@admin.register(NiveauRelance)
class NiveauRelanceAdmin(ListeExportee, ModelAdmin):
    resource_classes = [NiveauResource]
    list_display = ["rang", "nom", "jours", "objet"]
    list_display_links = ["nom"]
    fields = ["rang", "nom", "jours", "objet", "texte"]
    actions = None


@admin.register(EnvoiDeRelances)
class EnvoiDeRelancesAdmin(ListeExportee, ModelAdmin):
    resource_classes = [EnvoiResource]
    list_display = ["__str__", "etat", "foyers", "factures", "lettres", "somme", "lance_par"]
    list_select_related = ["lance_par"]
    list_per_page = 50
    actions = None

    @display(description="état", label={"terminé": "success", "en cours": "info"})
    def etat(self, envoi):
        return "terminé" if envoi.termine_le else "en cours"

    @admin.display(description="réclamé", ordering="total")
    def somme(self, envoi):
        return regles.euros(envoi.total)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/lettres/", vue(self.lettres), name="facturation_envoiderelances_lettres"),
            path("<int:pk>/reprendre/", vue(self.reprendre), name="facturation_envoiderelances_reprendre"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Lire qui serait relancé aujourd'hui, en écarter si besoin, puis envoyer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        maintenant = timezone.now()
        if request.method == "POST":
            ecartes = [pk for ecarte in request.POST.getlist("ecarter") if (pk := lire_numero(ecarte))]
            try:
                return self._lance(request, actions.lancer_relances(request.user, maintenant, ecartes))
            except ValidationError as refus:
                messages.warning(request, refus.message)
        examens = actions.prevoir_relances(maintenant)
        relances = [examen for examen in examens if examen.relance]
        laisses = [
            (examen, facture, raison) for examen in examens
            for facture, raison in [*examen.ecartees, *((f, examen.pourquoi) for f, _ in examen.retenues
                                                        if examen.pourquoi)]
        ]  # fmt: skip
        return self.rendre(request, "facturation/admin/relancer.html", {
            "title": "Relancer les factures en retard", "niveaux": niveaux(), "relances": relances[:MONTRES],
            "combien": len(relances), "total": sum((examen.total for examen in relances), regles.ZERO),
            "lettres": sum(not examen.courriel for examen in relances), "laisses": laisses[:MONTRES],
            "nombre_laisses": len(laisses), "en_cours": EnvoiDeRelances.objects.filter(termine_le=None).first(),
        })  # fmt: skip

    def _lance(self, request, envoi):
        phrase = f"{envoi} lancées."
        LogEntry.objects.log_actions(request.user.pk, [envoi], ADDITION, phrase, single_object=True)
        messages.success(request, phrase)
        return redirect("admin:facturation_envoiderelances_change", envoi.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Où en est l'envoi ; la page se recharge seule tant qu'il n'est pas fini, sans JavaScript."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        envoi = get_object_or_404(EnvoiDeRelances.objects.select_related("lance_par"), pk=object_id)
        faites = envoi.relances.select_related("facture__famille").order_by("facture__famille", "facture")
        return self.rendre(request, "facturation/admin/envoi_relances.html", {
            "title": str(envoi), "envoi": envoi, "faites": faites[:MONTRES],
            "reste": max(envoi.factures - MONTRES, 0), "ecartes": len(envoi.ecartes),
            "peut_reprendre": not envoi.termine_le and self.has_add_permission(request),
        })  # fmt: skip

    def lettres(self, request, pk):
        """Toutes les lettres de l'envoi dans un fichier, une page chacune."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        envoi = get_object_or_404(EnvoiDeRelances, pk=pk)
        dues, retour = actions.lettres_de(envoi), ("admin:facturation_envoiderelances_change", pk)
        if not dues:
            messages.info(request, "Cet envoi n'a pas de lettre : chaque foyer a reçu son courriel.")
            return redirect(*retour)
        return servir_pdf(f"relances-{envoi.lance_le:%Y-%m-%d}.pdf", imprimes.lettres(envoi, dues))

    def reprendre(self, request, pk):
        """Remet dans la file un envoi interrompu ; sans effet s'il a fini entre-temps."""
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        envoi = get_object_or_404(EnvoiDeRelances, pk=pk)
        if not envoi.termine_le:
            actions.lancer_relances(request.user, timezone.now())
            messages.info(request, "L'envoi reprend au premier foyer qui restait.")
        return redirect("admin:facturation_envoiderelances_change", pk)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_envoiderelances_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


@admin.register(Relance)
class RelanceAdmin(ListeExportee, ModelAdmin):
    resource_classes = [RelanceResource]
    list_display = ["jour", "famille", "facture_dite", "nom", "somme", "moyen_dit"]
    list_filter = ["nom", "moyen", "envoi"]
    list_select_related = ["facture__famille"]
    list_per_page = 50
    search_fields = ["facture__famille__cle"]
    search_help_text = "Famille ou numéro de facture"
    actions = None
    fields = ["facture", "nom", "du", "jour", "moyen", "envoi"]

    def get_search_results(self, request, queryset, search_term):
        foyer = "facture__famille"
        trouves = chercher(queryset, search_term, f"{foyer}__cle", f"{foyer}__adultes__cle").values("pk")
        numero = lire_numero(search_term.strip().rpartition("-")[2])
        ici = Q(facture__numero=numero) if numero else Q(pk=None)
        return queryset.filter(Q(pk__in=trouves) | ici), False

    @admin.display(description="famille", ordering="facture__famille__nom")
    def famille(self, relance):
        return relance.facture.famille

    @admin.display(description="facture", ordering="facture__numero")
    def facture_dite(self, relance):
        return relance.facture.reference

    @admin.display(description="réclamé", ordering="du")
    def somme(self, relance):
        return regles.euros(relance.du)

    @admin.display(description="moyen", ordering="moyen")
    def moyen_dit(self, relance):
        return relance.get_moyen_display()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

"""Facturer un mois, pas à pas : vérifier, prévoir, émettre, suivre."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import enregistrer
from commune.exports import ListeExportee
from commune.regles import jour_de_paris
from facturation import regles

from .. import actions
from ..forms import LancementForm
from ..models import Facturation, controler
from . import impressions, oublis, previsions
from .exports.suites import FacturationResource

ETAPES = ["Vérifier", "Prévoir", "Émettre", "Suivre"]
# Pour chaque contrôle : le droit qu'il faut pour le régler, la page d'un cas, et celle de tous les cas.
PAGES = {
    "tarifs": ("facturation.add_tarif", "admin:facturation_tarif_add", "admin:facturation_tarif_changelist"),
    "pointages": ("presences.add_pointage", "presences:jour", "presences:jour"),
    "excuses": ("reservations.view_excuse", "admin:reservations_excuse_change", "admin:reservations_excuse_changelist"),
    "excuses_sur_place": ("presences.view_pointage", None, "admin:presences_pointage_changelist"),
    "contestations": (
        "facturation.view_contestation", "admin:facturation_contestation_change",
        "admin:facturation_contestation_changelist",
    ),
    "corrections": ("facturation.add_avoir", "admin:facturation_correction", "admin:facturation_corrections"),
    "oublis": ("facturation.add_facturation", None, "admin:facturation_a_refacturer"),
}  # fmt: skip
DES_FOYERS = ("familles.view_famille", "admin:familles_famille_change", "admin:familles_famille_changelist")
FILTRES = {
    "excuses": "etat__exact=envoyee", "excuses_sur_place": "etat__exact=excuse",
    "contestations": "etat__exact=envoyee", "quotients": "manque=quotient", "quotients_finissants": "manque=bientot",
    "adresses": "manque=adresse", "comptes": "manque=compte",
}  # fmt: skip


@admin.register(Facturation)
class FacturationAdmin(ListeExportee, ModelAdmin):
    resource_classes = [FacturationResource]
    list_display = ["__str__", "etat", "faites", "somme", "reportes", "echeance", "lancee_le", "lancee_par"]
    list_select_related = ["lancee_par"]
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(total=Sum("factures__total"))

    @display(description="état", label={"terminée": "success", "en cours": "info", "arrêtée": "danger"})
    def etat(self, facturation):
        return "terminée" if facturation.terminee_le else "arrêtée" if facturation.incident else "en cours"

    @admin.display(description="total", ordering="total")
    def somme(self, facturation):
        return regles.euros(facturation.total or regles.ZERO)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/relancer/", vue(self.relancer), name="facturation_facturation_relancer"),
            path("a-refacturer/", vue(oublis.page), name="facturation_a_refacturer"),
            *impressions.adresses(vue),
            path("prevoir/", vue(self.prevoir), name="facturation_facturation_prevoir"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Choisir le mois ; régler ce qui doit l'être ; le regarder tel qu'il serait émis ; le lancer."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        envoi = request.POST if request.method == "POST" else request.GET if "mois" in request.GET else None
        form = LancementForm(envoi, compte=request.user, maintenant=timezone.now())
        if request.method == "POST" and (lancee := enregistrer(request, form, dire_lance, acte=ADDITION)):
            return redirect("admin:facturation_facturation_change", lancee.pk)
        if envoi is None and form.fields["mois"].choices:
            form.initial["mois"] = form.fields["mois"].choices[-1][0]  # le plus ancien : on facture dans l'ordre
        contexte = {"title": "Facturer un mois", "form": form, "retour": self.liste(), "etapes": ETAPES, "etape": 1}
        if mois := form.mois_choisi():
            contexte |= self.preparer(request, mois)
        return self.rendre(request, "facturation/admin/preparer.html", contexte)

    def preparer(self, request, mois):
        """Les contrôles du mois, chacun avec la page où il se règle ; son aperçu, à côté du mois d'avant."""
        aujourdhui = jour_de_paris(timezone.now())
        tous = controler(mois, aujourdhui)
        controles = [(c, *adresses_de(c, request.user)) for c in tous if c.nombre]
        contexte = {
            "mois": mois, "controles": controles, "bloque": any(c.bloquant for c, *_ in controles),
            "en_ordre": [c.titre for c in tous if not c.nombre],
        }  # fmt: skip
        if regles.dernier(mois) >= aujourdhui:
            contexte["ouvre_le"] = regles.suivant(mois)
        if not contexte["bloque"]:
            contexte |= {"etape": 1 if controles else 2, **previsions.etat(request, mois)}
        return contexte

    def prevoir(self, request):
        """Demande l'aperçu d'un mois à une tâche de fond, ou reprend celui qui n'a pas fini."""
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        form = LancementForm(request.POST, compte=request.user, maintenant=timezone.now())
        if mois := form.mois_choisi():
            actions.demander_prevision(mois, request.user, timezone.now())
        choix = {nom: request.POST[nom] for nom in form.fields if nom in request.POST}
        return redirect(f"{reverse('admin:facturation_facturation_add')}?{urlencode(choix)}")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Où en est l'émission ; la page se recharge seule tant qu'elle n'est pas finie, sans JavaScript."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        facturation = get_object_or_404(self.get_queryset(request).select_related("lancee_par"), pk=object_id)
        contexte = {
            "title": str(facturation),
            "facturation": facturation,
            "part": 100 * facturation.traites // max(facturation.a_faire, 1),
            "court": not (facturation.terminee_le or facturation.incident),
            "peut_relancer": self.has_add_permission(request) and not facturation.terminee_le,
            "retour": self.liste(), "etapes": ETAPES, "etape": 4,
        }  # fmt: skip
        if facturation.terminee_le:
            contexte |= self.suites(facturation)
            contexte |= impressions.etat(facturation, request.user, contexte["sans_courriel"])
        return self.rendre(request, "facturation/admin/suivi.html", contexte)

    def suites(self, facturation):
        """Ce qu'est devenue une émission finie : ses courriels, ses PDF, ses reports, et ce qui reste à faire."""
        return facturation.factures.aggregate(
            pdfs=Count("pk", filter=~Q(pdf="")), prelevees=Count("pk", filter=~Q(rum=""))
        ) | {
            "courriels": actions.courriels_de(facturation),
            "sans_courriel": actions.sans_courriel().filter(facturation=facturation).count(),
            "reporte": facturation.reports.filter(actes__isnull=True).aggregate(s=Sum("montant"))["s"],
            "repris": facturation.repris.count(),
        }  # fmt: skip

    def relancer(self, request, pk):
        """Remet dans la file une émission arrêtée ; sans effet si elle a fini entre-temps."""
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        facturation = get_object_or_404(Facturation, pk=pk)
        actions.relancer(facturation)
        messages.info(request, "L'émission reprend au premier foyer qui restait.")
        return redirect("admin:facturation_facturation_change", pk)

    def liste(self):
        return reverse("admin:facturation_facturation_changelist")

    def rendre(self, request, gabarit, contexte):
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def dire_lance(facturation):
    return "Émission lancée."


def adresses_de(controle, compte):
    """``([(texte, adresse ou vide), …], adresse de la liste ou vide)`` : les cas d'un contrôle, pour ce compte."""
    droit, page, liste = PAGES.get(controle.cle, DES_FOYERS)
    if not compte.has_perm(droit):
        return [(cas.texte, "") for cas in controle.cas], ""
    filtre = f"?{FILTRES[controle.cle]}" if controle.cle in FILTRES else ""
    return [(cas.texte, _adresse(page, cas.cible) if page else "") for cas in controle.cas], f"{reverse(liste)}{filtre}"


def _adresse(page, cible):
    if isinstance(cible, dict):
        return f"{reverse(page)}?{urlencode(cible)}"
    return reverse(page, args=[cible])

"""Les lots de prélèvements : en préparer un, en prendre le fichier, le dire remis, ou refusé par la banque."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from commune.admin import enregistrer
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from commune.regles import jour_de_paris
from facturation import regles

from .. import actions, imprimes
from ..forms import JourForm, RefusDeLotForm
from ..models import Facture, LotDePrelevements, Prelevement
from .exports.suites import LotResource
from .mandats import manque

MONTRES = 200  # débits montrés sur une page ; les autres sont dans la liste des prélèvements
COULEURS = {"préparé": "info", "remis": "success", "rejeté": "danger", "refusé": "danger", "défait": "warning"}


@admin.register(LotDePrelevements)
class LotAdmin(ListeExportee, ModelAdmin):
    resource_classes = [LotResource]
    list_display = ["jour", "etat_dit", "combien", "somme", "nom_du_fichier", "prepare_le", "remis_le"]
    list_per_page = 50
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).avec_totaux()

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("prepare_par", "remis_par")

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
            path("<int:pk>/refuser/", vue(self.refuser), name="facturation_lotdeprelevements_refuser"),
            path("<int:pk>/lettres/", vue(self.lettres), name="facturation_lotdeprelevements_lettres"),
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
        form, projet = JourForm(donnees, compte=request.user, maintenant=maintenant), None
        if request.method == "POST":
            if lot := enregistrer(request, form, dire_prepare, acte=ADDITION):
                return redirect("admin:facturation_lotdeprelevements_change", lot.pk)
        elif form.is_valid():
            projet = actions.projeter(form.cleaned_data["jour"])
        return self.rendre(request, "facturation/admin/lot_preparer.html", {
            "title": "Préparer des prélèvements", "form": form, "annonces": annonces, "projet": projet,
            "retenus": projet.retenus[:MONTRES] if projet else [], "manque": manque(),
            "passe": bool(projet) and projet.jour < jour_de_paris(maintenant),
        })  # fmt: skip

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
            "premiers": debits.du_fichier().filter(sequence="FRST").count(),
            "rejetes": debits.filter(etat=Prelevement.Etat.REJETE).count(),
            "changes": _changes(lot) if ouvert else [],
            "revoques": debits.exclude(mandat__revoque_le=None).exclude(mandat=None) if ouvert else [],
            "peut": ouvert and self.has_change_permission(request),
            "peut_refuser": lot.etat == "remis" and self.has_change_permission(request),
            "lettres": len(self.a_poster(lot)) if lot.refuse_le else 0,
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

    def refuser(self, request, pk):
        """La banque refuse le lot entier : pourquoi, quand ; puis les règlements s'annulent."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        lot = get_object_or_404(LotDePrelevements.objects.avec_totaux(), pk=pk)
        form = RefusDeLotForm(
            request.POST if request.method == "POST" else None, lot=lot, compte=request.user, maintenant=timezone.now(),
            initial={nom: request.GET[nom] for nom in ("code", "rejete_le") if nom in request.GET},
        )  # fmt: skip
        if enregistrer(request, form, dire_refuse):
            return redirect("admin:facturation_lotdeprelevements_change", pk)
        passe = lot.jour <= jour_de_paris(timezone.now())
        contexte = {"title": f"{lot} : la banque a tout refusé", "lot": lot, "form": form, "passe": passe}
        return self.rendre(request, "facturation/admin/lot_refuser.html", contexte)

    def a_poster(self, lot):
        """``[(foyer, gabarit, contexte)…]`` des familles de ce lot refusé qu'aucun courriel n'atteint."""
        if lot.jour > jour_de_paris(timezone.now()):
            return []  # le jour n'est pas passé : le lot se refait, et rien ne change pour elles
        contextes = actions.contextes_du_refus(lot)
        sans = actions.sans_compte(contextes)
        return [(f, "facturation/courriels/prelevement_refuse", contextes[f]) for f in sorted(sans)]

    def lettres(self, request, pk):
        """Les lettres d'un lot refusé, une page chacune."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        lot = get_object_or_404(LotDePrelevements, pk=pk)
        ecrites, retour = self.a_poster(lot), ("admin:facturation_lotdeprelevements_change", pk)
        if not ecrites:
            messages.info(request, "Ce lot n'a pas de lettre à imprimer.")
            return redirect(*retour)
        return servir_pdf(f"lot-{pk}-lettres.pdf", imprimes.courriers(ecrites, timezone.now()))

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


def dire_prepare(lot):
    return f"{lot} préparés : {lot.prelevements.count()} débits."


def dire_refuse(lot):
    debits = lot.prelevements.filter(etat=Prelevement.Etat.REFUSE)
    phrase = f"Lot refusé : {debits.count()} règlements annulés, les dettes reviennent"
    if lot.jour > jour_de_paris(timezone.now()):
        return f"{phrase}. Préparez à nouveau le lot de ce jour : les familles n'ont rien à faire."
    return f"{phrase} ; {actions.dire_prevenus(debits.values_list('facture__famille', flat=True))}."


def _changes(lot):
    """Les débits d'un lot encore ouvert dont la facture ne doit plus la même somme."""
    restes = dict(Facture.objects.filter(prelevements__lot=lot).avec_reste().values_list("pk", "reste"))
    debits = lot.prelevements.select_related("facture").order_by("pk")
    return [(debit, restes[debit.facture_id]) for debit in debits if debit.montant != restes[debit.facture_id]]

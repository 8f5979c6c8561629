"""Transmettre au Trésor public : choisir les dettes, faire l'état numéroté, l'imprimer, retirer une erreur."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from commune.admin import enregistrer
from commune.exports import ListeExportee
from commune.pdf import servir_pdf
from commune.regles import jour_de_paris
from commune.tableurs import servir_csv
from facturation import regles

from .. import actions, imprimes
from ..forms import MotifForm, TransmettreForm
from ..models import EtatDesRestes, Facture, Regie, Transmission
from .exports.suites import TransmissionResource

MONTRES = 300  # de celles qui attendent encore
COLONNES = [
    "État", "Facture", "Numéro de famille", "Redevable", "Adresse", "Mois", "Émise le", "À payer avant le",
    "Dernière relance", "Total", "Reste transmis",
]  # fmt: skip


@admin.register(EtatDesRestes)
class EtatDesRestesAdmin(ListeExportee, ModelAdmin):
    resource_classes = [TransmissionResource]
    list_display = ["reference_dite", "fait_le", "combien", "somme_dite", "fait_par"]
    list_select_related = ["fait_par"]
    list_per_page = 50
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).avec_totaux()

    @admin.display(description="état", ordering="numero")
    def reference_dite(self, etat):
        return etat.reference

    @admin.display(description="dettes", ordering="combien")
    def combien(self, etat):
        return etat.combien

    @admin.display(description="total", ordering="somme")
    def somme_dite(self, etat):
        return regles.euros(etat.somme or regles.ZERO)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", vue(self.imprimer), name="facturation_etatdesrestes_pdf"),
            path("<int:pk>/lettres/", vue(self.lettres), name="facturation_etatdesrestes_lettres"),
            path("<int:pk>/csv/", vue(self.csv), name="facturation_etatdesrestes_csv"),
            path("dettes/<int:pk>/retirer/", vue(self.retirer), name="facturation_transmission_retirer"),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Ce que les relances n'ont pas fait payer, foyer par foyer ; cocher, puis faire l'état."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        maintenant = timezone.now()
        candidats = actions.prevoir_transmission(maintenant)
        form = TransmettreForm(
            request.POST if request.method == "POST" else None, candidats=candidats, compte=request.user,
            maintenant=maintenant,
        )  # fmt: skip
        if etat := enregistrer(request, form, dire_fait, acte=ADDITION):
            return redirect("admin:facturation_etatdesrestes_change", etat.pk)
        prets = [candidat for candidat in candidats if candidat.assez]
        coches = set(request.POST.getlist("factures")) if request.method == "POST" else None
        for candidat in prets:
            for lue in candidat.pretes:
                lue.coche = coches is None or str(lue.facture.pk) in coches
        return self.rendre(request, "facturation/admin/transmettre.html", {
            "title": "Transmettre au Trésor public", "form": form, "prets": prets,
            "petits": [candidat for candidat in candidats if candidat.pretes and not candidat.assez],
            "attendent": [
                (candidat.famille, lue, raison) for candidat in candidats for lue, raison in candidat.attendent
            ][:MONTRES],
            "total": sum((candidat.total for candidat in prets), regles.ZERO),
            "regie": Regie.courante(),
        })  # fmt: skip

    def trouver(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("fait_par"), pk=pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Un état : ses dettes, ce qui en reste aujourd'hui, et de quoi en retirer une."""
        etat = self.trouver(request, object_id)
        dettes = dettes_de(etat)
        restes = dict(
            Facture.objects.filter(transmissions__etat=etat).avec_reste().values_list("pk", "reste")
        )
        for dette in dettes:
            dette.reste = restes[dette.facture_id]
        return self.rendre(request, "facturation/admin/etat_des_restes.html", {
            "title": str(etat), "etat": etat, "dettes": dettes, "jour": jour_de_paris(timezone.now()),
            "peut": request.user.has_perm("facturation.change_etatdesrestes"),
            "lettres": len(a_poster(etat)),
        })  # fmt: skip

    def imprimer(self, request, pk):
        etat = self.trouver(request, pk)
        vivantes = [dette for dette in dettes_de(etat) if not dette.annulee_le]
        return servir_pdf(f"etat-{etat.reference}.pdf", imprimes.etat_des_restes(etat, vivantes))

    def lettres(self, request, pk):
        """Les lettres des familles de cet état qui n'ont pas de compte, une page chacune."""
        etat, retour = self.trouver(request, pk), ("admin:facturation_etatdesrestes_change", pk)
        if not (ecrites := a_poster(etat)):
            messages.info(request, "Cet état n'a pas de lettre : chaque famille a reçu son courriel.")
            return redirect(*retour)
        nom = f"etat-{etat.reference}-lettres.pdf"
        return servir_pdf(nom, imprimes.courriers(ecrites, timezone.now()))

    def csv(self, request, pk):
        """Les mêmes dettes en CSV ; qui l'a pris reste écrit."""
        etat = self.trouver(request, pk)
        LogEntry.objects.log_actions(request.user.pk, [etat], CHANGE, f"{etat} pris en CSV.", single_object=True)
        rangees = [
            (etat.reference, d.facture.reference, d.facture.famille_id, d.facture.destinataire,
             d.facture.adresse.replace("\n", ", "), d.facture.mois, jour_de_paris(d.facture.emise_le),
             d.facture.echeance, d.relancee_le, d.facture.total, d.montant)
            for d in dettes_de(etat) if not d.annulee_le
        ]  # fmt: skip
        return servir_csv(f"etat-{etat.reference}.csv", COLONNES, rangees)

    def retirer(self, request, pk):
        """Retirer une dette transmise par erreur, tant que rien n'est venu depuis."""
        if not request.user.has_perm("facturation.change_etatdesrestes"):
            raise PermissionDenied
        dette = get_object_or_404(Transmission.objects.select_related("etat", "facture__famille"), pk=pk)
        form = MotifForm(
            request.POST if request.method == "POST" else None,
            geste=lambda motif: actions.retirer_du_tresor(dette, motif, request.user, timezone.now()),
        )
        if enregistrer(request, form, dire_retiree, dette.etat):
            return redirect("admin:facturation_etatdesrestes_change", dette.etat_id)
        contexte = {"title": f"Retirer : {dette.facture}", "dette": dette, "form": form}
        return self.rendre(request, "facturation/admin/retirer_dette.html", contexte)

    def rendre(self, request, gabarit, contexte):
        contexte["retour"] = reverse("admin:facturation_etatdesrestes_changelist")
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})


def dettes_de(etat):
    """Les dettes de cet état, chacune avec le jour de sa dernière relance. Une requête."""
    dettes = etat.transmissions.select_related("facture__famille", "annulee_par")
    return list(dettes.annotate(relancee_le=Max("facture__relances__jour")).order_by("facture__famille", "pk"))


def a_poster(etat):
    """``[(foyer, gabarit, contexte)…]`` des familles de cet état qu'aucun courriel n'atteint."""
    contextes = actions.contextes_de_l_etat(etat)
    return [
        (foyer, "facturation/courriels/dette_transmise", contextes[foyer])
        for foyer in sorted(actions.sans_compte(contextes))
    ]


def dire_fait(etat):
    dettes = etat.transmissions.select_related("facture")
    prevenus = actions.dire_prevenus(dette.facture.famille_id for dette in dettes)
    return f"{etat} fait : {len(dettes)} dettes transmises ; {prevenus}."


def dire_retiree(dette):
    return f"{dette.facture} retirée : elle se paie de nouveau à la régie."

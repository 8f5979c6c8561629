"""Les tarifs : une grille qui se lit comme un tableau, et des ajustements qui se lisent comme des phrases."""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from commune.admin import enregistrer
from commune.exports import ListeExportee
from commune.regles import jour_de_paris
from facturation import regles

from ..forms import ReconduireForm
from ..models import Ajustement, Tarif, Tranche
from . import corrections, quotients, simulation
from .exports.registres import TarifResource

# De quoi juger des ajustements seuls.
SANS_TRANCHE = (regles.Palier(None, regles.ZERO),)


class TranchesForm(BaseInlineFormSet):
    """Les tranches ensemble : une plus haute, et des prix qui ne baissent pas."""

    def get_unique_error_message(self, unique_check):
        return "Deux tranches ont le même seuil."

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        if self.instance.mode == Tarif.Mode.EFFORT:
            return  # ses prix viennent du taux ; des tranches laissées là ne comptent pas
        gardees = [f.cleaned_data for f in self.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        gardees.sort(key=lambda t: (t["jusqu_a"] is None, t["jusqu_a"] or 0))
        paliers = tuple(regles.Palier(t["jusqu_a"], t["prix"], t["combine"]) for t in gardees)
        grille = regles.Grille("", paliers, unite=self.instance.unite)
        if phrases := regles.defauts(grille):
            raise ValidationError(phrases)


class AjustementsForm(BaseInlineFormSet):
    """Les ajustements ensemble : un minimum qui tienne sous le maximum, rien qu'un forfait ne facturerait pas."""

    def get_unique_error_message(self, unique_check):
        return "Un même cas est prévu deux fois."

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        gardes = [f.cleaned_data for f in self.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        effets = tuple(regles.Effet(a["cas"], a["mode"], a["valeur"], a.get("rang")) for a in gardes)
        if phrases := regles.defauts(regles.Grille("", SANS_TRANCHE, effets, unite=self.instance.unite)):
            raise ValidationError(phrases)


class AjustementForm(forms.ModelForm):
    def clean(self):
        valeurs = super().clean()
        if valeurs.get("cas") and "valeur" in valeurs and valeurs.get("mode"):
            effet = regles.Effet(valeurs["cas"], valeurs["mode"], valeurs["valeur"], valeurs.get("rang") or 2)
            for phrase in regles.defauts(regles.Grille("", SANS_TRANCHE, (effet,))):
                self.add_error("valeur", phrase)
        return valeurs


class TrancheInline(TabularInline):
    model = Tranche
    formset = TranchesForm
    extra = 0
    hide_title = True

    def get_extra(self, request, obj=None, **options):
        return 0 if obj else 3


class AjustementInline(TabularInline):
    model = Ajustement
    form = AjustementForm
    formset = AjustementsForm
    fields = ["ordre", "cas", "rang", "mode", "valeur", "phrase"]
    readonly_fields = ["phrase"]
    extra = 0
    hide_title = True

    @admin.display(description="se lit")
    def phrase(self, ajustement):
        return str(ajustement) if ajustement.pk else "–"


@admin.register(Tarif)
class TarifAdmin(ListeExportee, ModelAdmin):
    resource_classes = [TarifResource]
    list_display = ["nom", "pour_quoi", "debut", "fin", "de_a", "vigueur"]
    list_filter = ["genre"]
    list_select_related = ["activite__site"]
    actions = None
    actions_detail = ["simuler", "reconduire"]
    inlines = [TrancheInline, AjustementInline]
    readonly_fields = ["lecture"]
    fieldsets = [
        (None, {"fields": ["nom", ("genre", "activite"), ("debut", "fin"), "projet"]}),
        ("Ce que paie une famille", {"fields": ["lecture"]}),
        ("Comment se calcule le prix", {
            "description": "Par tranches, remplissez-les plus bas ; au taux d'effort, dites le taux et le plafond.",
            "fields": ["mode", ("taux", "part_fixe"), ("plancher", "plafond"), "unite", ("minutes", "arrondi")],
        }),
        ("Absences, départs, attestations", {"fields": [("carence", "certificat"), ("tolerance", "part_garde")]}),
    ]  # fmt: skip

    class Media:
        css = {"all": ["facturation/mairie.css"]}

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("corrections/", vue(corrections.liste), name="facturation_corrections"),
            path("quotients/<int:pk>/", vue(quotients.recuperer), name="facturation_quotient_recuperer"),
            path("corrections/<int:pk>/", vue(corrections.corriger), name="facturation_correction"),
            path("<int:pk>/et-si/", vue(simulation.et_si), name="facturation_tarif_et_si"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).avec_grilles()

    def has_delete_permission(self, request, obj=None):
        """Un tarif qui a servi explique des factures : on ne supprime que celui qui n'a pas commencé."""
        commence = obj is not None and not obj.projet and obj.debut <= jour_de_paris(timezone.now())
        return super().has_delete_permission(request, obj) and not commence

    @admin.display(description="activité", ordering="genre")
    def pour_quoi(self, tarif):
        return tarif.activite or tarif.get_genre_display().capitalize()

    @admin.display(description="prix")
    def de_a(self, tarif):
        grille = tarif.grille()
        if not (grille.paliers or grille.effort):
            return "–"
        bas, haut = (regles.prix(grille, qf, regles.Circonstances()).montant for qf in (regles.QF(0), None))
        prix = regles.euros(bas) if bas == haut else f"{regles.euros(bas)} à {regles.euros(haut)}"
        return prix if grille.unite == regles.ACTE else f"{prix} {regles.dire_unite(grille).lower()}"

    @display(
        description="état", label={"en vigueur": "success", "à venir": "info", "passé": "default", "projet": "warning"}
    )
    def vigueur(self, tarif):
        if tarif.projet:
            return "projet"
        aujourdhui = jour_de_paris(timezone.now())
        if tarif.debut > aujourdhui:
            return "à venir"
        return "passé" if tarif.fin and tarif.fin < aujourdhui else "en vigueur"

    @admin.display(description="la grille")
    def lecture(self, tarif):
        if not tarif.pk:
            return "Le tableau des prix paraîtra ici quand le tarif sera enregistré."
        # Ce qui est enregistré, non ce qui vient d'être refusé : un nombre sans mesure n'a pas de prix.
        grille = Tarif.objects.avec_grilles().get(pk=tarif.pk).grille()
        contexte = {"tableau": regles.tableau(grille), "dessin": regles.dessiner(grille)}
        return render_to_string("facturation/admin/_grille.html", contexte)

    @action(description="Et si ?", url_path="simuler", permissions=["view"], icon="query_stats")
    def simuler(self, request, object_id):
        """Comparer ce tarif à ce qui fut payé."""
        return redirect("admin:facturation_tarif_et_si", object_id)

    def has_reconduire_permission(self, request, *args):
        return request.user.has_perms(["facturation.add_tarif", "facturation.change_tarif"])

    @action(
        description="Préparer le tarif suivant", url_path="reconduire", permissions=["reconduire"], icon="event_repeat"
    )
    def reconduire(self, request, object_id):
        """Copier la grille à partir d'une date, pour en changer les prix sans toucher au passé."""
        tarif = get_object_or_404(Tarif, pk=object_id)
        form = ReconduireForm(request.POST if request.method == "POST" else None, tarif=tarif)
        if suivant := enregistrer(request, form, dire_reconduit, acte=ADDITION):
            return redirect("admin:facturation_tarif_change", suivant.pk)
        contexte = {
            "title": f"Tarif suivant : {tarif}", "form": form, "tarif": tarif,
            "retour": reverse("admin:facturation_tarif_change", args=[tarif.pk]),
        }  # fmt: skip
        return render(
            request, "facturation/admin/reconduire.html", {**self.admin_site.each_context(request), **contexte}
        )


def dire_reconduit(suivant):
    quoi = "est un projet qui reprend la grille" if suivant.projet else "reprend la grille"
    return f"« {suivant} » {quoi} à partir du {suivant.debut:%d/%m/%Y}. Changez-en les prix."

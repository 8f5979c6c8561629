"""« Et si ? » : la page qui compare un tarif ou un projet à ce qui fut payé, avant que le conseil vote."""

import datetime as dt

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commune.models import AnneeScolaire
from commune.regles import dire_le_jour, jour_de_paris
from commune.tableurs import servir_ods
from facturation import regles
from familles.models import Famille

from ..models import Tarif, simuler

COLONNES = ["Numéro de famille", "Famille", "Quotient", "Avant", "Après", "Différence"]


class EtSiForm(forms.Form):
    """La période des vraies réservations, et de combien changer les prix du tarif."""

    annee = forms.ModelChoiceField(AnneeScolaire.objects.none(), label="Réservations de l'année", empty_label=None)
    pourcentage = forms.DecimalField(
        max_digits=5, decimal_places=2, min_value=-100, max_value=900, required=False,
        label="Changer ses prix de (%, facultatif)",
    )

    avec = forms.ModelMultipleChoiceField(
        Tarif.objects.none(), required=False, label="Avec ces autres projets, votés ensemble",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args, tarif, aujourdhui, **options):
        super().__init__(*args, **options)
        self.tarif, self.aujourdhui = tarif, aujourdhui
        self.fields["avec"].queryset = Tarif.objects.filter(projet=True).exclude(pk=tarif.pk).avec_grilles()
        if not self.fields["avec"].queryset.exists():
            del self.fields["avec"]
        self.fields["annee"].queryset = AnneeScolaire.objects.filter(debut__lte=aujourdhui).order_by("-debut")
        self.fields["annee"].initial = self.fields["annee"].queryset.first()

    def clean_avec(self):
        """Deux tarifs ne peuvent pas valoir pour la même chose."""
        choisis, pris = self.cleaned_data["avec"], set()
        for tarif in (self.tarif, *choisis):
            if (cle := (tarif.genre, tarif.activite_id)) in pris:
                raise ValidationError(f"« {tarif} » remplace la même chose qu'un autre : gardez-en un.", code="double")
            pris.add(cle)
        return choisis

    def tarifs(self):
        return [self.tarif, *self.cleaned_data.get("avec", [])]

    def bornes(self):
        """``(premier jour, dernier jour)`` des réservations passées de l'année choisie."""
        annee = self.cleaned_data["annee"]
        return regles.premier(annee.debut), min(annee.fin, self.aujourdhui - dt.timedelta(days=1))


def et_si(request, pk):
    """Un tarif, seul ou avec les autres projets que le conseil vote, appliqué aux réservations passées."""
    if not request.user.has_perm("facturation.view_tarif"):
        raise PermissionDenied
    tarif = get_object_or_404(Tarif.objects.avec_grilles(), pk=pk)
    donnees = request.GET if "annee" in request.GET else None
    form = EtSiForm(donnees, tarif=tarif, aujourdhui=jour_de_paris(timezone.now()))
    contexte = {
        "title": f"Et si ? {tarif}", "tarif": tarif, "form": form,
        "retour": reverse("admin:facturation_tarif_change", args=[tarif.pk]),
    }  # fmt: skip
    if form.is_valid():
        contexte |= comparer(form)
        if "ods" in request.GET and "bilan" in contexte:
            return emporter(request, tarif, contexte["bilan"])
    return render(request, "facturation/admin/et_si.html", {**admin.site.each_context(request), **contexte})


def comparer(form):
    """Le bilan de la simulation, prêt à lire."""
    debut, fin = form.bornes()
    tarifs = form.tarifs()
    try:
        bilan = simuler(tarifs, form.cleaned_data["pourcentage"], debut, fin)
    except regles.TarifManquant as manque:
        jour = dire_le_jour(manque.args[1])
        return {"manque": f"Aucun tarif ne valait le {jour} : il n'y a rien à quoi comparer celui-ci."}
    familles = Famille.objects.in_bulk([foyer.cle for foyer in (*bilan.hausses, *bilan.baisses)])
    large = max((abs(bande.ecart) for bande in bilan.bandes), default=0)
    return {
        "bilan": bilan, "debut": debut, "fin": fin, "tarifs": tarifs,
        "bandes": [(bande, *barre(bande.ecart, large)) for bande in bilan.bandes],
        "bouts": [
            (cle, titre, [(familles[foyer.cle], foyer) for foyer in foyers])
            for cle, titre, foyers in (
                ("hausses", "Les plus fortes hausses", bilan.hausses),
                ("baisses", "Les plus fortes baisses", bilan.baisses),
            ) if foyers
        ],
    }  # fmt: skip


def emporter(request, tarif, bilan):
    """Chaque foyer de la simulation, en ODS ; qui l'a pris est au journal."""
    noms = dict(Famille.objects.values_list("pk", "nom"))
    rangees = [(f.cle, noms[f.cle], f.quotient, f.avant, f.apres, f.ecart) for f in bilan.foyers]
    phrase = f"Simulation exportée : {len(rangees)} foyers."
    LogEntry.objects.log_actions(request.user.pk, [tarif], CHANGE, phrase, single_object=True)
    return servir_ods(f"et-si-{tarif.pk}.ods", COLONNES, rangees)


def barre(ecart, large):
    """``(x, largeur)`` d'une barre dans un dessin de 100 de large dont zéro est au milieu."""
    largeur = round(48 * abs(ecart) / large) if large else 0
    return (50 if ecart >= 0 else 50 - largeur), largeur

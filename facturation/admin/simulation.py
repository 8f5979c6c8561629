"""« Et si ? » : la page qui compare un tarif ou un projet à ce qui fut payé, avant que le conseil vote."""

import datetime as dt

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from commune.models import AnneeScolaire
from commune.regles import jour_de_paris
from facturation import regles
from familles.models import Famille

from ..models import Tarif, simuler


class EtSiForm(forms.Form):
    """La période des vraies réservations, et de combien changer les prix du tarif."""

    annee = forms.ModelChoiceField(AnneeScolaire.objects.none(), label="Réservations de l'année", empty_label=None)
    pourcentage = forms.DecimalField(
        max_digits=5, decimal_places=2, min_value=-100, max_value=900, required=False,
        label="Changer ses prix de (%, facultatif)",
    )

    def __init__(self, *args, aujourdhui, **options):
        super().__init__(*args, **options)
        self.aujourdhui = aujourdhui
        self.fields["annee"].queryset = AnneeScolaire.objects.filter(debut__lte=aujourdhui).order_by("-debut")
        self.fields["annee"].initial = self.fields["annee"].queryset.first()

    def bornes(self):
        """``(premier jour, dernier jour)`` des réservations passées de l'année choisie."""
        annee = self.cleaned_data["annee"]
        return regles.premier(annee.debut), min(annee.fin, self.aujourdhui - dt.timedelta(days=1))


def et_si(request, pk):
    """Un tarif appliqué aux réservations passées ; rien n'est écrit."""
    if not request.user.has_perm("facturation.view_tarif"):
        raise PermissionDenied
    tarif = get_object_or_404(Tarif.objects.avec_grilles(), pk=pk)
    form = EtSiForm(request.GET if "annee" in request.GET else None, aujourdhui=jour_de_paris(timezone.now()))
    contexte = {
        "title": f"Et si ? {tarif}", "tarif": tarif, "form": form,
        "retour": reverse("admin:facturation_tarif_change", args=[tarif.pk]),
    }  # fmt: skip
    if form.is_valid():
        contexte |= comparer(tarif, form)
    return render(request, "facturation/admin/et_si.html", {**admin.site.each_context(request), **contexte})


def comparer(tarif, form):
    """Le bilan de la simulation, prêt à lire."""
    debut, fin = form.bornes()
    try:
        bilan = simuler(tarif, form.cleaned_data["pourcentage"], debut, fin)
    except regles.TarifManquant as manque:
        jour = date_format(manque.args[1], "j F Y")
        return {"manque": f"Aucun tarif ne valait le {jour} : il n'y a rien à quoi comparer celui-ci."}
    familles = Famille.objects.in_bulk([foyer.cle for foyer in bilan.hausses])
    large = max((abs(bande.ecart) for bande in bilan.bandes), default=0)
    return {
        "bilan": bilan, "debut": debut, "fin": fin,
        "bandes": [(bande, *barre(bande.ecart, large)) for bande in bilan.bandes],
        "hausses": [(familles[foyer.cle], foyer) for foyer in bilan.hausses],
    }  # fmt: skip


def barre(ecart, large):
    """``(x, largeur)`` d'une barre dans un dessin de 100 de large dont zéro est au milieu."""
    largeur = round(48 * abs(ecart) / large) if large else 0
    return (50 if ecart >= 0 else 50 - largeur), largeur

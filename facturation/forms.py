"""Les formulaires de la facturation."""

import datetime as dt

from django import forms
from django.utils.formats import date_format

from commune.regles import jour_de_paris
from familles.models import Enfant
from reservations.models import Seance

from . import regles


class PrestationsForm(forms.Form):
    """Le mois et l'enfant dont le foyer veut le détail ; sans choix valable, le mois en cours et tous les enfants."""

    mois = forms.ChoiceField(label="Mois", required=False)
    enfant = forms.ChoiceField(label="Enfant", required=False)

    def __init__(self, donnees, *, famille, maintenant):
        super().__init__(donnees or None)
        self.ce_mois = regles.premier(jour_de_paris(maintenant))
        mois = set(Seance.objects.filter(reservations__famille=famille).dates("jour", "month")) | {self.ce_mois}
        self.fields["mois"].choices = [
            (f"{jour:%Y-%m}", date_format(jour, "F Y").capitalize()) for jour in sorted(mois, reverse=True)
        ]
        self.fields["mois"].initial = f"{self.ce_mois:%Y-%m}"
        self.fields["enfant"].choices = [("", "Tous les enfants")] + [
            (str(enfant.pk), str(enfant)) for enfant in Enfant.objects.filter(reservations__famille=famille).distinct()
        ]

    def choix(self):
        """``(premier jour du mois, clé de l'enfant ou None)`` ; une adresse bricolée vaut un choix vide."""
        valeurs = self.cleaned_data if self.is_valid() else {}
        mois, enfant = valeurs.get("mois"), valeurs.get("enfant")
        return (
            dt.datetime.strptime(mois, "%Y-%m").date() if mois else self.ce_mois,
            int(enfant) if enfant else None,
        )

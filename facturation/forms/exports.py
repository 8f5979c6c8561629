"""La période et le contenu d'un export."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from commune.regles import jour_de_paris

from .. import actions, pes, regles
from ..models import Budget, Comptabilite
from ..regles.exports import CONTENUS
from .finances import un_jour

SCHEMA_MAX = 5 * 1024 * 1024  # octets, un jeu de schémas compressé


class PeriodeForm(forms.Form):
    """Du premier au dernier jour, compris ; le mois passé, si l'on ne dit rien."""

    debut = un_jour(label="Du")
    fin = un_jour(label="Au")

    def __init__(self, *args, maintenant, **options):
        super().__init__(*args, **options)
        self.maintenant = maintenant
        dernier = regles.premier(jour_de_paris(maintenant)) - dt.timedelta(days=1)
        self.fields["debut"].initial, self.fields["fin"].initial = regles.premier(dernier), dernier

    def clean(self):
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        if debut and fin and fin < debut:
            raise ValidationError("La période finit avant de commencer.", code="periode")
        return self.cleaned_data

    def periode(self):
        """``(debut, fin)`` ; une adresse bricolée vaut le mois passé."""
        if self.is_bound and self.is_valid():
            return self.cleaned_data["debut"], self.cleaned_data["fin"]
        return self.fields["debut"].initial, self.fields["fin"].initial


class ExportForm(PeriodeForm):
    """Ce qu'on exporte : le bouton choisi dit le contenu et le format (« factures.csv »)."""

    quoi = forms.ChoiceField(
        choices=[(f"{c.cle}.{format}", c.titre) for c in CONTENUS.values() for format in c.formats],
        widget=forms.HiddenInput, error_messages={"required": "Choisissez un export.", "invalid_choice": "Choisissez."},
    )  # fmt: skip

    budget = forms.ModelChoiceField(
        Budget.objects.exclude(pes_budget=""), required=False, label="Pour un PES, le budget",
        empty_label="la régie principale", help_text="Un fichier n'en porte qu'un ; les autres exports les ont tous.",
    )  # fmt: skip

    def __init__(self, *args, compte, **options):
        super().__init__(*args, **options)
        self.compte = compte
        if not self.fields["budget"].queryset.exists():
            del self.fields["budget"]

    def save(self):
        """L'``Export`` fait, ou la ``DemandeExport`` d'un export long."""
        genre, _, format = self.cleaned_data["quoi"].partition(".")
        debut, fin = self.cleaned_data["debut"], self.cleaned_data["fin"]
        budget = self.cleaned_data.get("budget")
        return actions.demander_export(genre, format, debut, fin, self.compte, self.maintenant, budget)


class ComptabiliteForm(forms.ModelForm):
    """Les codes comptables ; le schéma du PES est lu avant d'être gardé."""

    class Meta:
        model = Comptabilite
        fields = [champ.name for champ in Comptabilite._meta.fields if not champ.primary_key]
        widgets = {"pes_schema": forms.FileInput(attrs={"accept": ".xsd,.zip"})}

    def clean_pes_schema(self):
        depose = self.cleaned_data["pes_schema"]
        if depose and "pes_schema" in self.changed_data:
            if depose.size > SCHEMA_MAX:
                raise ValidationError("Ce fichier est trop gros pour être un jeu de schémas.", code="trop_gros")
            try:
                pes.lire_schema(depose.read())
            except pes.Invalide as faute:
                raise ValidationError(str(faute), code="schema") from faute
            depose.seek(0)
        return depose

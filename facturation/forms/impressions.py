"""Réunir les factures d'un mois en un fichier à imprimer."""

from django import forms

from facturation import actions


class ImpressionForm(forms.Form):
    """Lesquelles, et si chacune commence sur une feuille neuve : deux familles ne partagent pas une feuille."""

    toutes = forms.TypedChoiceField(
        label="Lesquelles", choices=[("", "Celles des foyers sans compte, à poster"), ("oui", "Toutes celles du mois")],
        required=False, coerce=bool, empty_value=False, widget=forms.RadioSelect, initial="",
    )  # fmt: skip
    recto_verso = forms.BooleanField(
        label="Recto verso : chaque facture commence sur une feuille neuve", required=False, initial=True
    )

    def __init__(self, *args, facturation, maintenant, **options):
        super().__init__(*args, **options)
        self.facturation, self.maintenant = facturation, maintenant

    def save(self):
        lues = self.cleaned_data
        return actions.demander_impression(
            self.facturation, lues["toutes"], lues["recto_verso"], self.maintenant
        )

"""L'adresse du foyer."""

from django import forms

from .. import actions
from ..models import Famille


class FoyerForm(forms.ModelForm):
    class Meta:
        model = Famille
        fields = ["adresse", "complement", "code_postal", "ville"]
        widgets = {
            "adresse": forms.TextInput({"autocomplete": "address-line1"}),
            "complement": forms.TextInput({"autocomplete": "address-line2"}),
            "code_postal": forms.TextInput({"class": "court", "autocomplete": "postal-code", "inputmode": "numeric"}),
            "ville": forms.TextInput({"autocomplete": "address-level2"}),
        }

    def save(self):
        return actions.modifier_foyer(self.instance, **self.cleaned_data)

"""Les courriels qu'un parent choisit."""

from django import forms

from ..actions import regler


class RappelsForm(forms.Form):
    """Les courriels qu'un parent choisit de recevoir."""

    rappel_limite = forms.BooleanField(
        label="Me prévenir quand rien n'est réservé",
        required=False,
        help_text="La veille au soir de la dernière limite, pour une semaine que vous réservez d'habitude.",
    )
    resume_dimanche = forms.BooleanField(
        label="Le résumé du dimanche",
        required=False,
        help_text="Le dimanche à 18 h, la semaine qui vient, enfant par enfant.",
    )

    def __init__(self, data=None, *, preferences):
        choix = {nom: getattr(preferences, nom) for nom in self.base_fields}
        super().__init__(data, initial=choix)
        self.preferences = preferences

    def save(self):
        regler(self.preferences.compte, **self.cleaned_data)

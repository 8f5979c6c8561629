"""Les vœux d'un jour d'ouverture."""

from django import forms
from django.core.exceptions import ValidationError

from .planning import CASES_MAX


class VoeuxForm(forms.Form):
    """Les jours cochés d'une ouverture : ``voeu`` répété, chacun « enfant-séance »."""

    def clean(self):
        donnees = super().clean()
        cases = self.data.getlist("voeu")
        try:
            if len(cases) > CASES_MAX:
                raise ValueError("trop de cases pour une ouverture")
            self.choisis = {(int(enfant), int(seance)) for enfant, seance in (case.split("-") for case in cases)}
        except ValueError:
            self.choisis = set()
            raise ValidationError("La page est arrivée abîmée : rechargez-la et recommencez.", code="abimee") from None
        return donnees

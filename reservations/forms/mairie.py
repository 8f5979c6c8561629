"""Ce que la mairie change d'une séance ou d'une réservation."""

from django import forms
from django.core.exceptions import ValidationError

from .. import regles
from ..actions import enregistrer_pour_les_familles


class MotifForm(forms.Form):
    """La raison que la mairie donne ; elle reste au journal et la famille la lit."""

    motif = forms.CharField(
        label="Raison",
        max_length=150,
        error_messages={"required": "Dites pourquoi : la raison reste au journal et la famille la lit."},
    )


class PlacesForm(forms.Form):
    """Le nombre de places de séances choisies."""

    capacite = forms.IntegerField(
        label="Places", min_value=0, max_value=9999, required=False, help_text="Vide : sans limite."
    )


class PlanningForm(forms.Form):
    """Les cases cochées, ce que la page montrait (``vu``), et la raison commune à tout ce qui change."""

    vu = forms.CharField(required=False)
    motif = forms.CharField(
        max_length=150, error_messages={"required": "Dites pourquoi : la raison reste au journal, la famille la lit."}
    )
    au_dela = forms.BooleanField(required=False)

    def __init__(self, donnees, compte):
        super().__init__(donnees)
        self.compte = compte

    def clean(self):
        propres = super().clean()
        try:
            self.vu = set(map(regles.lire_cle, propres.get("vu", "").split()))
            self.coches = set(map(regles.lire_cle, self.data.getlist("c")))
        except ValueError:
            self.vu, self.coches = set(), set()
            raise ValidationError("La page est arrivée abîmée : rechargez-la.", code="abimee") from None
        return propres

    def save(self, maintenant):
        """Seuls les vrais changements s'écrivent : une case que l'on n'a pas touchée reste comme elle est en base."""
        souhaits = {couple: couple in self.coches for couple in self.coches ^ self.vu}
        donnees = self.cleaned_data
        return enregistrer_pour_les_familles(souhaits, self.compte, donnees["motif"], maintenant, donnees["au_dela"])

"""Prélever : le jour d'un lot, et ce que la banque rejette."""

from django import forms

from commune.regles import jour_de_paris

from .. import actions
from ..models.prelevements import MOTIFS
from .finances import un_jour


class JourForm(forms.Form):
    """Le jour dont on prépare le lot."""

    jour = un_jour(label="Prélevé le")

    def __init__(self, *args, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.compte, self.maintenant = compte, maintenant

    def save(self):
        return actions.preparer_lot(self.cleaned_data["jour"], self.compte, self.maintenant)


class RejetForm(forms.Form):
    """Ce que la banque dit d'un prélèvement rejeté."""

    code = forms.ChoiceField(label="Motif donné par la banque", choices=[("", "Choisissez"), *MOTIFS])
    rejete_le = un_jour(label="Rejeté le")

    def __init__(self, *args, prelevement, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.prelevement, self.compte, self.maintenant = prelevement, compte, maintenant
        self.fields["rejete_le"].initial = jour_de_paris(maintenant)

    def save(self):
        valeurs = self.cleaned_data
        return actions.rejeter(
            self.prelevement, valeurs["code"], valeurs["rejete_le"], self.compte, self.maintenant
        )

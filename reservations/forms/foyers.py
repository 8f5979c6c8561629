"""L'échange de jours entre deux foyers."""

from django import forms
from django.core.exceptions import ValidationError

from ..actions import proposer_echange
from .planning import DATE


class EchangeForm(forms.Form):
    """Des jours à échanger avec l'autre foyer d'un enfant. Rien ne s'y écrit à l'autre parent."""

    sens = forms.ChoiceField(label="Que proposez-vous ?", widget=forms.RadioSelect)
    du = forms.DateField(label="Du", widget=DATE)
    au = forms.DateField(label="Au (compris), si plusieurs jours", required=False, widget=DATE)
    retour_du = forms.DateField(label="En retour, du", required=False, widget=DATE)
    retour_au = forms.DateField(label="Au (compris), si plusieurs jours", required=False, widget=DATE)

    def __init__(self, *args, enfant, famille, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfant, self.famille, self.compte = enfant, famille, compte
        self.fields["sens"].choices = [
            ("prendre", f"J'aurai {enfant.prenom} des jours prévus à son autre foyer"),
            ("donner", f"Son autre foyer aura {enfant.prenom} des jours prévus chez moi"),
        ]

    def clean(self):
        donnees = super().clean()
        if donnees.get("retour_au") and not donnees.get("retour_du"):
            self.add_error("retour_du", ValidationError("Dites le premier jour rendu.", code="required"))
        return donnees

    def save(self, maintenant):
        """Propose l'échange à l'autre foyer. Lève ``ValidationError`` s'il ne se peut pas, et dit quel jour."""
        d = self.cleaned_data
        sens = [(d["du"], d["au"] or d["du"])]
        if d["retour_du"]:
            sens.append((d["retour_du"], d["retour_au"] or d["retour_du"]))
        return proposer_echange(self.enfant, self.famille, self.compte, sens, d["sens"] == "prendre", maintenant)

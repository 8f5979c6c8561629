"""Le groupe d'un enfant dans son niveau : CM1 A, CM1 B, CM1 de Mme Petit."""

from django import forms
from django.core.exceptions import ValidationError

from .. import actions
from ..models import Enfant
from ..regles import division_propre, garde_sa_division


def nettoyer_le_groupe(form):
    """Dans ``clean`` d'un formulaire d'enfant : le groupe s'écrit comme il se dit, et celui d'avant s'efface.

    Un enfant qui monte en CM2 n'y est pas « Mme Petit » pour autant : sans nouveau mot, il n'a plus de groupe.
    """
    donnees, classe = form.cleaned_data, form.cleaned_data.get("classe", "")
    if form.instance.pk and not garde_sa_division(form.changed_data):
        donnees["division"] = ""
    nom = Enfant.Classe(classe).label if classe else ""
    donnees["division"] = division_propre(donnees.get("division", ""), nom)
    if donnees["division"] and not classe and "classe" not in form.errors:
        form.add_error("classe", ValidationError("Un groupe ne va pas sans la classe : dites-la.", code="required"))


class GroupeForm(forms.Form):
    """Le même groupe pour tous ces enfants ; vide, ils n'en ont plus."""

    division = forms.CharField(
        label="Groupe", max_length=30, required=False,
        help_text="« A », « B » ou « Mme Petit » ; vide, ces enfants n'ont plus de groupe.",
    )  # fmt: skip

    def __init__(self, *args, enfants, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfants = enfants

    def clean_division(self):
        return division_propre(self.cleaned_data["division"])

    def save(self):
        return actions.donner_un_groupe(self.enfants, self.cleaned_data["division"])

"""Signer un mandat de prélèvement : le compte, puis le code reçu."""

from django import forms
from stdnum import iban

from commune.forms import ChampFichiers

from .. import actions
from ..models.reglements import iban_valide


class MandatEnLigneForm(forms.Form):
    """Le compte à prélever, et l'accord du parent sur le texte."""

    titulaire = forms.CharField(label="Titulaire du compte", max_length=70, help_text="Comme sur votre RIB.")
    iban = forms.CharField(
        label="IBAN", max_length=42, validators=[iban_valide],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        help_text="Vingt-sept caractères pour un compte français ; il commence par FR.",
    )  # fmt: skip
    accord = forms.BooleanField(
        label="J'ai lu le texte du mandat et je l'accepte",
        error_messages={"required": "Lisez le texte, puis cochez cette case pour l'accepter."},
    )

    def clean_iban(self):
        return iban.compact(self.cleaned_data["iban"])


class CodeForm(forms.Form):
    """Le code reçu par courriel."""

    code = forms.RegexField(
        r"^\d{6}$", label="Code reçu par courriel", max_length=6, help_text="Six chiffres, valables quinze minutes.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"invalid": "Le code a six chiffres."},
    )  # fmt: skip


class PapierForm(forms.Form):
    """Le mandat signé sur papier, numérisé ou photographié."""

    fichiers = ChampFichiers(
        label="Le mandat signé", help_text="Photos ou PDF. Plusieurs pages font un seul document.",
        error_messages={"required": "Choisissez la photo ou le PDF du mandat signé."},
    )

    def __init__(self, *args, mandat, **options):
        super().__init__(*args, **options)
        self.mandat = mandat

    def save(self):
        return actions.joindre_papier(self.mandat, self.cleaned_data["fichiers"])

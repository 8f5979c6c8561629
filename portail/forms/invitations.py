"""Inviter un responsable, et répondre à une invitation."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from familles.models import Civilite
from portail import actions, regles

from .comptes import CLAVIER_EMAIL, EMAIL_FAUX

ESSAIS = 5
JOUR = dt.timedelta(days=1)
TROP = "Trop d'essais sur cette invitation. Réessayez demain, ou appelez le service."


class InvitationForm(forms.Form):
    """L'adresse à inviter, deux fois : une faute enverrait le lien à un inconnu."""

    email = forms.EmailField(
        label="Son adresse e-mail", max_length=254, error_messages=EMAIL_FAUX, widget=forms.EmailInput(CLAVIER_EMAIL),
        help_text="Le lien part à cette adresse. Il sert une fois, pendant trois jours.",
    )  # fmt: skip
    confirmation = forms.EmailField(
        label="La même, une seconde fois", max_length=254, error_messages=EMAIL_FAUX,
        widget=forms.EmailInput(CLAVIER_EMAIL),
    )  # fmt: skip

    def clean_email(self):
        return regles.adresse_normalisee(self.cleaned_data["email"])

    def clean_confirmation(self):
        confirmation = regles.adresse_normalisee(self.cleaned_data["confirmation"])
        if self.cleaned_data.get("email") and confirmation != self.cleaned_data["email"]:
            raise ValidationError("Les deux adresses ne sont pas identiques : relisez-les lettre à lettre.", "differe")
        return confirmation


class AutreParentForm(InvitationForm):
    """La mairie dit aussi qui elle invite : le nom du compte viendra d'elle."""

    civilite = forms.ChoiceField(label="Civilité", choices=Civilite.choices, widget=forms.RadioSelect)
    nom = forms.CharField(label="Nom", max_length=100)
    prenom = forms.CharField(label="Prénom", max_length=100)
    field_order = ["civilite", "nom", "prenom", "email", "confirmation"]


class PreuveForm(forms.Form):
    """Qui accepte connaît la date de naissance d'un enfant : une adresse mal tapée n'ouvre rien à un inconnu."""

    naissance = forms.DateField(
        label="Date de naissance de votre enfant",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="Elle prouve que cette invitation est bien arrivée. S'ils sont plusieurs, celle que vous voulez.",
    )

    def __init__(self, *args, invitation, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.invitation, self.maintenant = invitation, maintenant
        if not actions.demande_une_naissance(invitation):
            del self.fields["naissance"]

    def clean_naissance(self):
        naissance = self.cleaned_data["naissance"]
        actions.compter("invitation", self.invitation.empreinte, ESSAIS, JOUR, self.maintenant, message=TROP)
        if not actions.connait_l_enfant(self.invitation, naissance):
            raise ValidationError("Ce n'est pas la date de naissance d'un enfant de cette famille.", code="inconnue")
        return naissance

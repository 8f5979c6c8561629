from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.utils import timezone

from portail import actions, regles

from .comptes import EMAIL_FAUX
from .robots import QUART_D_HEURE, RobotForm

# Essais manqués par adresse IP : axes bloque une adresse e-mail, ceci bloque qui en essaie beaucoup.
MANQUES_PAR_IP = 60
REFUS = (
    "L'adresse e-mail ou le mot de passe ne correspond pas. Vérifiez les deux ; "
    "« Mot de passe oublié ? » permet d'en choisir un autre."
)


class ConnexionForm(RobotForm):
    email = forms.EmailField(
        label="Adresse e-mail",
        max_length=254,
        error_messages=EMAIL_FAUX,
        widget=forms.EmailInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    mot_de_passe = forms.CharField(
        label="Votre mot de passe",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    rester = forms.BooleanField(label="Rester connecté", required=False)

    field_order = ["email", "mot_de_passe", "rester", "robot"]
    compte = None

    def clean_email(self):
        return regles.adresse_normalisee(self.cleaned_data["email"])

    def clean(self):
        donnees = super().clean()
        if self.errors:
            return donnees
        self.compte = authenticate(self.request, email=donnees["email"], password=donnees["mot_de_passe"])
        if self.compte is None:
            ip = regles.reseau(self.request.META.get("REMOTE_ADDR", ""))
            actions.compter("connexion_manquee", ip, MANQUES_PAR_IP, QUART_D_HEURE, timezone.now())
            raise ValidationError(REFUS, code="connexion")
        return donnees

"""Créer un compte, étape par étape, puis choisir son mot de passe."""

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError

from familles.regles import en_capitales, prenom_propre, telephone_lisible
from portail import regles
from portail.models import DemandeCompte

IDENTIFIANT = "Cette adresse email sera votre identifiant pour vous connecter à l'Espace Famille."
EMAIL_FAUX = {"invalid": "Une adresse e-mail s'écrit comme celine@exemple.fr."}
CLAVIER_EMAIL = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}


class InfosForm(forms.ModelForm):
    """« Infos utilisateur » : la première étape."""

    class Meta:
        model = DemandeCompte
        fields = ["civilite", "nom", "prenom", "email"]
        widgets = {
            "civilite": forms.RadioSelect,
            "nom": forms.TextInput({"autocomplete": "family-name"}),
            "prenom": forms.TextInput({"autocomplete": "given-name"}),
            "email": forms.EmailInput(CLAVIER_EMAIL),
        }
        error_messages = {"email": EMAIL_FAUX}
        help_texts = {"nom": "En MAJUSCULES, même si vous l'écrivez en minuscules.", "email": IDENTIFIANT}

    confirmation = forms.EmailField(
        label="Confirmation adresse e-mail", error_messages=EMAIL_FAUX, widget=forms.EmailInput(CLAVIER_EMAIL)
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["civilite"].choices = DemandeCompte._meta.get_field("civilite").choices  # sans « --------- »

    def clean_nom(self):
        return en_capitales(self.cleaned_data["nom"])

    def clean_prenom(self):
        return prenom_propre(self.cleaned_data["prenom"])

    def clean_email(self):
        return regles.adresse_normalisee(self.cleaned_data["email"])

    def clean_confirmation(self):
        confirmation = regles.adresse_normalisee(self.cleaned_data["confirmation"])
        if self.cleaned_data.get("email") and confirmation != self.cleaned_data["email"]:
            raise ValidationError("Les deux adresses ne sont pas identiques : relisez-les lettre à lettre.", "differe")
        return confirmation


class CoordonneesForm(forms.ModelForm):
    """« Coordonnées » : la deuxième étape."""

    class Meta:
        model = DemandeCompte
        fields = ["adresse", "complement", "code_postal", "ville", "telephone", "telephone_travail"]
        widgets = {
            "adresse": forms.TextInput({"autocomplete": "address-line1"}),
            "complement": forms.TextInput({"autocomplete": "address-line2"}),
            "code_postal": forms.TextInput({"autocomplete": "postal-code", "inputmode": "numeric", "class": "court"}),
            "ville": forms.TextInput({"autocomplete": "address-level2"}),
            "telephone": forms.TextInput({"type": "tel", "autocomplete": "tel", "class": "moyen"}),
            "telephone_travail": forms.TextInput({"type": "tel", "autocomplete": "off", "class": "moyen"}),
        }
        help_texts = {
            "adresse": "Numéro et rue.",
            "complement": "Bâtiment, étage, lieu-dit…",
            "telephone": "Le numéro où l'on vous joint si votre enfant a besoin de vous.",
        }

    def clean_telephone(self):
        return telephone_lisible(self.cleaned_data["telephone"])

    def clean_telephone_travail(self):
        return telephone_lisible(self.cleaned_data["telephone_travail"])


class OubliForm(forms.Form):
    email = forms.EmailField(
        label="Adresse e-mail", max_length=254, error_messages=EMAIL_FAUX, widget=forms.EmailInput(CLAVIER_EMAIL)
    )

    def clean_email(self):
        return regles.adresse_normalisee(self.cleaned_data["email"])


class MotDePasseForm(SetPasswordForm):
    """Choisir un mot de passe. ``user`` est le compte, ou un compte pas encore né ; la vue appelle l'action."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "Votre mot de passe"
        self.fields[
            "new_password1"
        ].help_text = "12 caractères au moins. Trois ou quatre mots qui n'ont rien à voir font un bon mot de passe."
        self.fields["new_password2"].label = "Le même, une seconde fois"
        self.fields["new_password2"].help_text = ""

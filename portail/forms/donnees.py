"""Ce qu'un compte connecté change de lui-même, et ce qu'il demande de ses données."""

import uuid

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from messagerie.actions import envoyer
from portail import actions, regles

from .comptes import CLAVIER_EMAIL, EMAIL_FAUX


class ConsentementForm(forms.Form):
    """``texte`` est celui qui était affiché : on n'accepte pas sans l'avoir lue une version parue entre-temps."""

    texte = forms.ModelChoiceField(None, widget=forms.HiddenInput)

    def __init__(self, compte, textes, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.compte = compte
        self.fields["texte"].queryset = textes

    def save(self, adresse_ip):
        actions.accepter(self.compte, self.cleaned_data["texte"], timezone.now(), adresse_ip)


class RetraitForm(forms.Form):
    compris = forms.BooleanField(
        label="J'ai compris : les données de santé de mes enfants vont être effacées, et mon Espace Famille fermé.",
        error_messages={"required": "Cochez la case pour confirmer que vous avez compris ce qui suit."},
    )

    def __init__(self, compte, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.compte = compte

    def save(self, adresse_ip):
        actions.retirer(self.compte, timezone.now(), adresse_ip)


class DemandeForm(forms.Form):
    """Une demande sur ses données, qui devient un message à la mairie."""

    OBJETS = [
        ("rectification", "Rectifier une information que je ne peux pas changer moi-même"),
        ("effacement", "Effacer des données"),
        ("limitation", "Limiter l'utilisation de mes données, ou m'y opposer"),
        ("acces", "Obtenir une information qui n'est pas dans le téléchargement"),
    ]
    TITRES = {
        "rectification": "Demande de rectification (RGPD, art. 16)",
        "effacement": "Demande d'effacement (RGPD, art. 17)",
        "limitation": "Demande de limitation ou opposition (RGPD, art. 18 et 21)",
        "acces": "Demande d'accès (RGPD, art. 15)",
    }
    objet = forms.ChoiceField(label="Votre demande", choices=OBJETS, widget=forms.RadioSelect)
    precisions = forms.CharField(
        label="Précisions",
        max_length=4000,
        widget=forms.Textarea({"rows": 5}),
        help_text="Quelle information, et ce qu'elle devrait être. Inutile d'ajouter une pièce d'identité.",
    )

    # Envoyé deux fois, le même formulaire n'écrit qu'un message.
    jeton = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, famille, auteur, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille, self.auteur = famille, auteur

    def save(self):
        titre = self.TITRES[self.cleaned_data["objet"]]
        texte = f"{titre}\n\n{self.cleaned_data['precisions']}"
        jeton = self.cleaned_data["jeton"]
        return envoyer(self.famille, self.auteur, texte, jeton=jeton, maintenant=timezone.now())


class MotDePasseChangeForm(PasswordChangeForm):
    """Le mot de passe actuel, puis le nouveau deux fois."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Votre mot de passe actuel"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)  # un lecteur d'écran doit lire le titre d'abord
        self.fields["new_password1"].label = "Le nouveau"
        self.fields["new_password1"].help_text = "12 caractères au moins."
        self.fields["new_password2"].label = "Le nouveau, une seconde fois"
        self.fields["new_password2"].help_text = ""

    def save(self, commit=True):
        return actions.changer_mot_de_passe(self.user, self.cleaned_data["new_password1"])


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="Nouvelle adresse e-mail",
        max_length=254,
        error_messages=EMAIL_FAUX,
        widget=forms.EmailInput(CLAVIER_EMAIL),
    )
    mot_de_passe = forms.CharField(
        label="Votre mot de passe",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        help_text="Pour être sûrs que c'est bien vous.",
    )

    def __init__(self, compte, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.compte = compte

    def clean_email(self):
        email = regles.adresse_normalisee(self.cleaned_data["email"])
        if email == self.compte.email:
            raise ValidationError("C'est déjà l'adresse de votre compte.", code="identique")
        return email

    def clean_mot_de_passe(self):
        if not self.compte.check_password(self.cleaned_data["mot_de_passe"]):
            raise ValidationError("Ce n'est pas votre mot de passe actuel.", code="mot_de_passe")
        return self.cleaned_data["mot_de_passe"]

    def save(self, adresse):
        actions.demander_changement_email(self.compte, self.cleaned_data["email"], adresse, timezone.now())

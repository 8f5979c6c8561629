"""Le formulaire d'un message, le même pour la famille et pour la mairie."""

from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from commune.fichiers import ACCEPTE, nettoyer

from . import actions

PIECES_MAX = 5


class PlusieursFichiers(forms.ClearableFileInput):
    allow_multiple_selected = True


class PiecesField(forms.FileField):
    """Plusieurs fichiers, chacun examiné et refait ; rend une liste de ``Propre``."""

    widget = PlusieursFichiers

    def clean(self, data, initial=None):
        recus = [fichier for fichier in (data if isinstance(data, list | tuple) else [data]) if fichier]
        if len(recus) > PIECES_MAX:
            raise ValidationError(f"Joignez au plus {PIECES_MAX} fichiers par message.", code="trop_nombreux")
        return [nettoyer([fichier]) for fichier in recus]


class MessageForm(forms.Form):
    texte = forms.CharField(
        label="Votre message",
        max_length=5000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Écrivez votre message."},
    )
    pieces = PiecesField(
        label="Pièces jointes",
        required=False,
        help_text=f"Photos ou PDF, {PIECES_MAX} au plus. Les documents du dossier s'envoient dans « Mes documents ».",
        widget=PlusieursFichiers({"accept": ACCEPTE}),
    )
    jeton = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, famille, auteur, de_la_mairie=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille, self.auteur, self.de_la_mairie = famille, auteur, de_la_mairie
        self.fields["jeton"].initial = uuid4
        if de_la_mairie:
            self.fields["texte"].label = "Votre réponse"
            self.fields["pieces"].help_text = f"Photos ou PDF, {PIECES_MAX} au plus."

    def save(self):
        return actions.envoyer(
            self.famille,
            self.auteur,
            self.cleaned_data["texte"],
            jeton=self.cleaned_data["jeton"],
            fichiers=self.cleaned_data["pieces"],
            de_la_mairie=self.de_la_mairie,
            maintenant=timezone.now(),
        )

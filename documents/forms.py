"""Les formulaires de la famille : envoyer un document, envoyer son dossier."""

from django import forms
from django.core.exceptions import ValidationError

from commune.fichiers import nettoyer
from commune.forms import ChampFichiers, PhotosOuFichiers

from . import actions
from .models import Piece


class ChampPages(ChampFichiers):
    """Les fichiers tels que reçus : on ne les examine qu'une fois connue la pièce à laquelle ils s'ajoutent."""

    def clean(self, data, initial=None):
        fichiers = [fichier for fichier in data or [] if fichier]
        if not fichiers:
            raise ValidationError(self.error_messages["required"], code="required")
        return fichiers


class EnvoiForm(forms.Form):
    """Un document de la famille ; ``attente`` dit lequel, et ce qui a déjà été envoyé."""

    fichiers = ChampPages(
        label="Votre document",
        widget=PhotosOuFichiers,
        help_text="Photos (JPEG, PNG, HEIC) ou PDF, 50 Mo par fichier. Les grandes photos sont réduites. "
        "Plusieurs pages font un seul document.",
    )
    suite = forms.BooleanField(
        label="Ajouter à la suite de ce que j'ai déjà envoyé", required=False,
        help_text="Sinon, cet envoi remplace le précédent.",
    )  # fmt: skip

    def __init__(self, *args, famille, attente, compte, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille, self.attente, self.compte, self.maintenant = famille, attente, compte, maintenant
        self.en_attente = attente.piece if attente.etat == Piece.Etat.ENVOYEE and attente.piece.fichier else None
        if not self.en_attente:
            del self.fields["suite"]

    def clean(self):
        fichiers = self.cleaned_data.get("fichiers")
        if fichiers:
            avant = [self.en_attente.fichier] if self.cleaned_data.get("suite") else []
            try:
                self.propre = nettoyer([*avant, *fichiers])
            except ValidationError as refus:
                self.add_error("fichiers", refus)

    def save(self):
        return actions.envoyer_piece(
            self.famille, self.attente.type, self.attente.enfant, self.propre, self.compte, self.maintenant
        )

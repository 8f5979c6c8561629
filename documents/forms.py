"""Envoyer un document, en décider, rendre un dossier."""

import os

from django import forms
from django.core.exceptions import ValidationError

from commune.fichiers import nettoyer
from commune.forms import ChampFichiers, PhotosOuFichiers
from commune.regles import jour_de_paris

from . import actions, regles
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
                if avant:
                    self.propre = self.propre._replace(nom=f"{os.path.splitext(self.attente.piece.nom)[0]}.pdf")
            except ValidationError as refus:
                self.add_error("fichiers", refus)

    def save(self):
        return actions.envoyer_piece(
            self.famille, self.attente.type, self.attente.enfant, self.propre, self.compte, self.maintenant
        )


MOTIFS = [
    "La photo est floue ou trop sombre : le texte ne se lit pas.",
    "Le document est coupé : il faut le voir en entier.",
    "Il manque une page.",
    "Ce n'est pas le document demandé.",
    "Le document est trop ancien.",
    "Le nom ou l'adresse ne correspond pas à votre dossier.",
    "Il manque la signature.",
]


class DecisionForm(forms.Form):
    """La décision de la mairie sur une pièce ; le bouton pressé donne ``decision``."""

    decision = forms.ChoiceField(choices=[(Piece.Etat.VALIDEE, "Valider"), (Piece.Etat.REFUSEE, "Refuser")])
    expire_le = forms.DateField(
        label="Valable jusqu'au", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    phrase = forms.ChoiceField(
        label="Pourquoi ?", choices=[(m, m) for m in MOTIFS], required=False, widget=forms.RadioSelect
    )
    precision = forms.CharField(label="Préciser, ou dire autrement", max_length=200, required=False)

    def __init__(self, *args, piece, compte, maintenant, **kwargs):
        validite = regles.expiration(jour_de_paris(maintenant), piece.type.validite)
        super().__init__(*args, initial={"expire_le": validite}, **kwargs)
        self.piece, self.compte, self.maintenant = piece, compte, maintenant

    def save(self):
        choix = self.cleaned_data
        motif = f"{choix['phrase']} {choix['precision']}"
        return actions.decider_piece(
            self.piece, choix["decision"], motif, self.compte, self.maintenant, expire_le=choix["expire_le"]
        )


class RenduForm(forms.Form):
    """Rendre un dossier en disant ce qui manque."""

    motif = forms.CharField(label="Ce qui manque", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DepotForm(forms.Form):
    """Au guichet : la mairie dépose un document à la place de la famille."""

    cle = forms.ChoiceField(label="Document", widget=forms.Select)
    fichiers = ChampFichiers(label="Fichiers", help_text="Photos ou PDF ; plusieurs font un seul document.")
    validee = forms.BooleanField(label="Je l'ai vérifié : le valider tout de suite", required=False)

    def __init__(self, *args, famille, attentes, compte, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille, self.compte, self.maintenant = famille, compte, maintenant
        self.attentes = {attente.cle: attente for attente in attentes if attente.envoyable}
        self.fields["cle"].choices = [
            (cle, f"{a.type}{f' – {a.enfant}' if a.enfant else ''} ({a.mot})") for cle, a in self.attentes.items()
        ]

    def save(self):
        attente = self.attentes[self.cleaned_data["cle"]]
        return actions.deposer_piece(
            self.famille, attente.type, attente.enfant, self.cleaned_data["fichiers"], self.compte, self.maintenant,
            validee=self.cleaned_data["validee"],
        )  # fmt: skip

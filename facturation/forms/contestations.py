"""Contester une ligne, et y répondre."""

from django import forms

from commune.forms import ChampFichiers, PhotosOuFichiers

from .. import actions
from ..models import Contestation


class ContestationForm(forms.Form):
    """Pourquoi une ligne semble fausse, avec une pièce si la famille en a une."""

    motif = forms.CharField(
        label="Qu'est-ce qui vous semble faux ?", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Par exemple : « Lina était absente, l'école nous avait prévenus. »",
        error_messages={"required": "Dites en quelques mots ce qui vous semble faux."},
    )
    fichiers = ChampFichiers(
        label="Une pièce, si vous en avez une", required=False, widget=PhotosOuFichiers,
        help_text="Photos ou PDF. Plusieurs pages font un seul document.",
    )

    def __init__(self, *args, ligne, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.ligne, self.compte = ligne, compte

    def save(self, maintenant):
        """Envoie la contestation. Lève ``ValidationError`` si la ligne ne se conteste pas, ou plus."""
        valeurs = self.cleaned_data
        return actions.contester(self.ligne, valeurs["motif"], valeurs["fichiers"], self.compte, maintenant)


class ReponseForm(forms.Form):
    """La réponse de la mairie ; le bouton dit si elle accepte."""

    decision = forms.ChoiceField(choices=[("accepter", "Accepter"), ("refuser", "Refuser")])
    suite = forms.ChoiceField(
        choices=Contestation.Suite.choices, required=False, initial=Contestation.Suite.DEDUIRE,
        label="Acceptée, la somme sera", widget=forms.RadioSelect,
    )  # fmt: skip
    reponse = forms.CharField(label="Réponse", max_length=1000, required=False, widget=forms.Textarea)

    def __init__(self, *args, contestation, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.contestation, self.compte = contestation, compte

    def save(self, maintenant):
        """Décide, et l'écrit à la famille. Lève ``ValidationError`` (un refus se motive)."""
        choix = self.cleaned_data
        if choix["decision"] == "refuser":
            return actions.refuser_contestation(self.contestation, choix["reponse"], self.compte, maintenant)
        return actions.accepter_contestation(
            self.contestation, choix["suite"] or Contestation.Suite.DEDUIRE, choix["reponse"], self.compte, maintenant
        )

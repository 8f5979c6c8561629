"""Contester une ligne, répondre à la mairie qui demande une précision ; et, pour elle, décider."""

from django import forms

from commune.forms import ChampFichiers, PhotosOuFichiers

from .. import actions, regles
from ..models import Contestation


def piece_facultative():
    """Ce que la famille joint à ses mots, si elle veut."""
    return ChampFichiers(
        label="Une pièce, si vous en avez une", required=False, widget=PhotosOuFichiers,
        help_text="Photos ou PDF. Plusieurs pages font un seul document.",
    )


class ContestationForm(forms.Form):
    """Pourquoi une ligne semble fausse, avec une pièce si la famille en a une."""

    MERCI = "Votre contestation est envoyée à la mairie, qui vous répondra par courriel."
    motif = forms.CharField(
        label="Qu'est-ce qui vous semble faux ?", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Par exemple : « Lina était absente, l'école nous avait prévenus. »",
        error_messages={"required": "Dites en quelques mots ce qui vous semble faux."},
    )
    fichiers = piece_facultative()

    def __init__(self, *args, ligne, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.ligne, self.compte = ligne, compte

    @property
    def ecrit(self):
        """Ce que la famille a écrit."""
        return self.data.get("motif", "").strip()

    def deja_ecrit(self):
        """Vrai si ces mots sont déjà à la mairie : le second clic d'un double clic."""
        return Contestation.objects.ouvertes().filter(ligne=self.ligne, motif=self.ecrit).exists()

    def save(self, maintenant):
        """Envoie la contestation. Lève ``ValidationError`` si la ligne ne se conteste pas, ou plus."""
        valeurs = self.cleaned_data
        return actions.contester(self.ligne, valeurs["motif"], valeurs["fichiers"], self.compte, maintenant)


class PrecisionForm(forms.Form):
    """La réponse de la famille à une question de la mairie, avec une pièce si elle en a une."""

    MERCI = "Votre réponse est envoyée à la mairie, qui vous répondra par courriel."
    reponse = forms.CharField(
        label="Votre réponse", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez votre réponse à la mairie."},
    )
    fichiers = piece_facultative()

    def __init__(self, *args, precision, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.precision, self.compte = precision, compte

    @property
    def ecrit(self):
        """Ce que la famille a écrit."""
        return self.data.get("reponse", "").strip()

    def deja_ecrit(self):
        """Vrai si ces mots sont déjà à la mairie : le second clic d'un double clic."""
        self.precision.refresh_from_db()
        return self.precision.reponse == self.ecrit

    def save(self, maintenant):
        """Envoie la réponse. Lève ``ValidationError`` si la mairie a décidé entre-temps, ou si l'on a déjà répondu."""
        valeurs = self.cleaned_data
        return actions.repondre_precision(
            self.precision, valeurs["reponse"], valeurs["fichiers"], self.compte, maintenant
        )


class ReponseForm(forms.Form):
    """La réponse de la mairie ; le bouton dit si elle accepte, en tout ou en partie, refuse, ou pose une question."""

    DECISIONS = [
        ("accepter", "Accepter"), ("partie", "Accepter en partie"), ("refuser", "Refuser"),
        ("demander", "Demander une précision"),
    ]  # fmt: skip
    decision = forms.ChoiceField(choices=DECISIONS)
    suite = forms.ChoiceField(
        choices=Contestation.Suite.choices, required=False, initial=Contestation.Suite.DEDUIRE,
        label="Acceptée, la somme sera", widget=forms.RadioSelect,
    )  # fmt: skip
    montant = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=regles.CENTIME, required=False, localize=True,
        label="Ce que vous rendez de la ligne (€)",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "aria-describedby": "id_montant_helptext"}),
    )  # fmt: skip
    reponse = forms.CharField(label="Vos mots à la famille", max_length=1000, required=False, widget=forms.Textarea)
    vu = forms.IntegerField(required=False)

    def __init__(self, *args, contestation, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.contestation, self.compte = contestation, compte

    def clean(self):
        valeurs = super().clean()
        # « Entrée » dans le montant presse le premier bouton venu : ce n'est pas une raison de tout rendre.
        if valeurs.get("decision") != "partie" and self.data.get("montant", "").strip():
            self.add_error("montant", "Un montant se rend par « Accepter en partie » : pressez-le, ou effacez-le.")
        return valeurs

    def save(self, maintenant):
        """Décide, ou pose la question, et l'écrit à la famille ; rend la contestation. Lève ``ValidationError``."""
        choix = self.cleaned_data
        suite = choix["suite"] or Contestation.Suite.DEDUIRE
        mots, fin, options = choix["reponse"], (self.compte, maintenant), {"vu": choix["vu"]}
        if choix["decision"] == "refuser":
            return actions.refuser_contestation(self.contestation, mots, *fin, **options)
        if choix["decision"] == "demander":
            return actions.demander_precision(self.contestation, mots, *fin, **options).contestation
        if choix["decision"] == "partie":
            return actions.accepter_en_partie(self.contestation, choix["montant"], suite, mots, *fin, **options)
        return actions.accepter_contestation(self.contestation, suite, mots, *fin, **options)

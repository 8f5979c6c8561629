"""L'excuse d'une absence, son certificat, et la réponse de la mairie."""

from django import forms
from django.core.exceptions import ValidationError

from commune.fichiers import ACCEPTE, nettoyer

from ..actions import decider_excuse, excuser, joindre_certificat, verifier_certificat


class ExcuseForm(forms.Form):
    """L'excuse écrite d'une absence, avec un justificatif si la famille en a un."""

    texte = forms.CharField(
        label="Pourquoi votre enfant est-il absent ?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="La mairie lit cette raison. Pour une maladie, « malade » suffit.",
        error_messages={"required": "Dites en quelques mots pourquoi : c'est une excuse écrite."},
    )
    fichier = forms.FileField(
        label="Justificatif",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTE}),
        help_text="Photo ou PDF, si vous en avez un ; il se joint aussi plus tard.",
    )

    def __init__(self, *args, reservation, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.reservation, self.compte = reservation, compte

    def clean_fichier(self):
        fichier = self.cleaned_data["fichier"]
        return nettoyer(fichier) if fichier else None

    def save(self, maintenant):
        """Envoie l'excuse. Lève ``ValidationError`` si l'absence ne s'excuse pas, ou plus."""
        return excuser(
            self.reservation, self.cleaned_data["texte"], self.cleaned_data["fichier"], self.compte, maintenant
        )


class CertificatForm(forms.Form):
    """Le certificat qui arrive après l'excuse, joint par la famille ou par la mairie à qui elle l'a remis."""

    fichier = forms.FileField(
        label="Certificat",
        widget=forms.FileInput(attrs={"accept": ACCEPTE}),
        help_text="Photo ou PDF.",
        error_messages={"required": "Choisissez la photo ou le PDF du certificat."},
    )

    def __init__(self, *args, excuse, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.excuse, self.maintenant = excuse, maintenant

    def se_montre(self):
        """Vrai si ce certificat peut se joindre, ou s'il reste à dire pourquoi celui qu'on envoie ne l'est pas."""
        try:
            verifier_certificat(self.excuse, self.maintenant)
        except ValidationError:
            return bool(self.errors)
        return True

    def clean_fichier(self):
        return nettoyer(self.cleaned_data["fichier"])

    def save(self):
        """Joint le certificat. Lève ``ValidationError`` s'il ne se joint pas, ou plus."""
        return joindre_certificat(self.excuse, self.cleaned_data["fichier"], self.maintenant)


class DecisionForm(forms.Form):
    """La réponse de la mairie à une excuse ; le bouton dit si elle est acceptée."""

    decision = forms.ChoiceField(choices=[("accepter", "Accepter"), ("refuser", "Refuser")])
    reponse = forms.CharField(label="Réponse", max_length=300, required=False)

    def __init__(self, *args, excuse, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.excuse, self.compte = excuse, compte

    def save(self, maintenant):
        """Décide l'excuse et l'écrit à la famille. Lève ``ValidationError`` (un refus se motive)."""
        acceptee = self.cleaned_data["decision"] == "accepter"
        return decider_excuse(self.excuse, acceptee, self.cleaned_data["reponse"], self.compte, maintenant)

"""Les formulaires de l'administration qui reçoivent un fichier : examiné comme ceux des familles."""

from django import forms
from django.urls import reverse
from unfold.widgets import UnfoldAdminFileFieldWidget

from commune.fichiers import ACCEPTE
from commune.forms import montrer, recevoir

from ..models import Information, TypePiece


def champ(libelle, aide):
    return forms.FileField(
        label=libelle, required=False, help_text=aide, widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPTE})
    )


class TypePieceForm(forms.ModelForm):
    modele = champ("Modèle à remplir", "Un PDF que la famille télécharge, remplit et renvoie.")

    class Meta:
        model = TypePiece
        fields = [
            "nom", "portee", "obligatoire", "condition", "validite", "aide", "modele", "sante", "ordre", "actif",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            montrer(self, "modele", reverse("documents:modele", args=[self.instance.pk]))

    def clean_modele(self):
        return recevoir(self, "modele")


class InformationForm(forms.ModelForm):
    fichier = champ("Fichier", "Un PDF ou une photo.")

    class Meta:
        model = Information
        fields = ["titre", "texte", "fichier", "publique", "publiee_le", "jusqu_au"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            montrer(self, "fichier", reverse("documents:information_fichier", args=[self.instance.pk]))

    def clean_fichier(self):
        return recevoir(self, "fichier")

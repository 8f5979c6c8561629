"""Prélever : le jour d'un lot, et ce que la banque rejette, saisi ou lu dans son fichier."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core import signing

from commune.regles import jour_de_paris

from .. import actions, rejets
from ..models.prelevements import MOTIFS
from .finances import un_jour

SEL = "facturation.rejets"
UN_JOUR = dt.timedelta(days=1)


class JourForm(forms.Form):
    """Le jour dont on prépare le lot."""

    jour = un_jour(label="Prélevé le")

    def __init__(self, *args, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.compte, self.maintenant = compte, maintenant

    def save(self):
        return actions.preparer_lot(self.cleaned_data["jour"], self.compte, self.maintenant)


class RejetForm(forms.Form):
    """Ce que la banque dit d'un prélèvement rejeté."""

    code = forms.ChoiceField(label="Motif donné par la banque", choices=[("", "Choisissez"), *MOTIFS])
    rejete_le = un_jour(label="Rejeté le")

    def __init__(self, *args, prelevement, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.prelevement, self.compte, self.maintenant = prelevement, compte, maintenant
        self.fields["rejete_le"].initial = jour_de_paris(maintenant)

    def save(self):
        valeurs = self.cleaned_data
        return actions.rejeter(
            self.prelevement, valeurs["code"], valeurs["rejete_le"], self.compte, self.maintenant
        )


class RefusDeLotForm(forms.Form):
    """Ce que la banque dit d'un lot qu'elle refuse en entier."""

    code = forms.ChoiceField(label="Motif donné par la banque", choices=[("", "Choisissez"), *MOTIFS])
    rejete_le = un_jour(label="Refusé le")

    def __init__(self, *args, lot, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.lot, self.compte, self.maintenant = lot, compte, maintenant
        self.fields["rejete_le"].initial = jour_de_paris(maintenant)

    def save(self):
        valeurs = self.cleaned_data
        return actions.rejeter_lot(self.lot, valeurs["code"], valeurs["rejete_le"], self.compte, self.maintenant)


class FichierDeRejetsForm(forms.Form):
    """Le fichier de la banque ; lu, ``rejets`` et ``ignores`` disent ce qu'il contient."""

    fichier = forms.FileField(
        label="Fichier des rejets", widget=forms.ClearableFileInput({"accept": ".xml,application/xml,text/xml"}),
        help_text="Un pain.002 ou un camt.054, tel que le Trésor ou la banque vous l'a remis.",
    )  # fmt: skip

    def clean_fichier(self):
        fichier, self.lot_refuse = self.cleaned_data["fichier"], None
        try:
            self.rejets, self.ignores = rejets.lire(fichier.read(rejets.TAILLE_MAX + 1))
        except rejets.LotRefuse as entier:
            self.lot_refuse = entier
            raise forms.ValidationError(str(entier), code="lot") from entier
        except rejets.Invalide as faute:
            raise forms.ValidationError(str(faute), code="fichier") from faute
        return fichier

    def lu(self):
        """Ce qui fut lu, signé : la page suivante n'écrit que ce qu'un fichier a dit."""
        lignes = [(r.reference, r.code, r.montant and str(r.montant), r.jour.isoformat(), r.ligne) for r in self.rejets]
        return signing.dumps(lignes, salt=SEL, compress=True)


class RejetsLusForm(forms.Form):
    """Les rejets que la régie vient de relire."""

    lu = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.compte, self.maintenant = compte, maintenant

    def clean_lu(self):
        try:
            lignes = signing.loads(self.cleaned_data["lu"], salt=SEL, max_age=UN_JOUR)
        except signing.BadSignature as faute:
            raise forms.ValidationError("Cette page est trop ancienne : donnez le fichier à nouveau.") from faute
        return [
            rejets.Rejet(reference, code, montant and Decimal(montant), dt.date.fromisoformat(jour), ligne)
            for reference, code, montant, jour, ligne in lignes
        ]

    def save(self):
        return actions.enregistrer_rejets(self.cleaned_data["lu"], self.compte, self.maintenant)

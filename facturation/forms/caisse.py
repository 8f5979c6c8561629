"""Les formulaires de la caisse : rembourser, déposer, clore une journée."""

import uuid

from django import forms

from commune.regles import jour_de_paris

from .. import actions, regles
from ..models import Remboursement, solde_de
from .finances import un_jour


class RemboursementForm(forms.Form):
    """Ce que la régie rend à un foyer de son avance. Le jeton fait qu'un double envoi ne rend qu'une fois."""

    montant = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=regles.CENTIME, label="Montant (€)", localize=True
    )
    moyen = forms.ChoiceField(choices=Remboursement.Moyen.choices, label="Moyen")
    reference = forms.CharField(
        max_length=100, label="Référence", help_text="Numéro du virement, du chèque, ou du reçu que la famille signe."
    )
    fait_le = un_jour(label="Rendu le")
    motif = forms.CharField(max_length=300, label="Motif", help_text="La famille le lira sur son compte.")
    jeton = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, famille, compte, maintenant, contestation=None, **options):
        super().__init__(*args, **options)
        self.famille, self.compte, self.maintenant, self.contestation = famille, compte, maintenant, contestation
        avance = max(-solde_de(famille), regles.ZERO)
        voulu = min(avance, contestation.rendu) if contestation else avance
        self.fields["montant"].initial = voulu or None
        self.fields["fait_le"].initial = jour_de_paris(maintenant)
        self.fields["jeton"].initial = uuid.uuid4()
        if contestation:
            self.fields["motif"].initial = f"Contestation {contestation.get_etat_display()} : {contestation.ligne}"

    def save(self):
        valeurs = self.cleaned_data
        return actions.rembourser(
            self.famille, valeurs["montant"], valeurs["moyen"], valeurs["reference"], valeurs["motif"], self.compte,
            self.maintenant, fait_le=valeurs["fait_le"], contestation=self.contestation, jeton=valeurs["jeton"],
        )  # fmt: skip


class AnnulerRemboursementForm(forms.Form):
    """Pourquoi un remboursement ne compte plus."""

    motif = forms.CharField(max_length=300, label="Motif", help_text="Virement rejeté, erreur de saisie…")

    def __init__(self, *args, remboursement, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.remboursement, self.compte, self.maintenant = remboursement, compte, maintenant

    def save(self):
        return actions.annuler_remboursement(
            self.remboursement, self.cleaned_data["motif"], self.compte, self.maintenant
        )


class DepotForm(forms.Form):
    """Ce qu'on dépose d'un même moyen, coché dans la liste de ce que la caisse tient."""

    reglements = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "Cochez ce que vous déposez."}, label="Règlements"
    )
    depose_le = un_jour(label="Déposé le")

    def __init__(self, *args, moyen, candidats, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.moyen, self.compte, self.maintenant = moyen, compte, maintenant
        self.fields["reglements"].choices = [(str(recu.pk), str(recu)) for recu in candidats]
        self.fields["reglements"].error_messages["invalid_choice"] = (
            "Un de ces règlements est déjà déposé, ou annulé : relisez la liste."
        )
        self.fields["depose_le"].initial = jour_de_paris(maintenant)

    def save(self):
        return actions.deposer(
            self.moyen, self.cleaned_data["reglements"], self.compte, self.maintenant,
            depose_le=self.cleaned_data["depose_le"],
        )  # fmt: skip


class CloreForm(forms.Form):
    """Les espèces comptées, et pourquoi elles ne font pas ce qu'on attendait."""

    compte = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, localize=True, label="Espèces comptées (€)"
    )
    raison = forms.CharField(
        max_length=300, required=False, label="Raison de l'écart", help_text="S'il y en a un : rendu de monnaie, oubli…"
    )

    def __init__(self, *args, jour, agent, maintenant, **options):
        super().__init__(*args, **options)
        self.jour, self.agent, self.maintenant = jour, agent, maintenant

    def save(self):
        valeurs = self.cleaned_data
        return actions.clore(self.jour, valeurs["compte"], valeurs["raison"], self.agent, self.maintenant)

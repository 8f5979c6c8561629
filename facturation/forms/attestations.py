"""L'année d'une attestation fiscale, la période d'une attestation de présence."""

from django import forms
from django.core.exceptions import ValidationError

from commune.models import AnneeScolaire
from commune.regles import jour_de_paris

from ..models import annees_payees
from .finances import un_jour


class FiscaleForm(forms.Form):
    """L'année des sommes payées ; sans choix, la dernière qui soit finie."""

    annee = forms.TypedChoiceField(label="Année", coerce=int, required=False, empty_value=None)

    def __init__(self, *args, famille, maintenant, **options):
        super().__init__(*args, auto_id="fiscale-%s", **options)
        cette_annee = jour_de_paris(maintenant).year
        self.derniere = cette_annee - 1
        annees = sorted({cette_annee, self.derniere, *annees_payees(famille)}, reverse=True)
        self.fields["annee"].choices = [(annee, str(annee)) for annee in annees]
        self.fields["annee"].initial = self.derniere

    def choix(self):
        """L'année demandée ; une adresse bricolée vaut la dernière finie."""
        return (self.cleaned_data.get("annee") if self.is_valid() else None) or self.derniere


class PresenceForm(forms.Form):
    """Du premier au dernier jour, compris ; sans choix, depuis le début de l'année scolaire."""

    du = un_jour(label="Du", required=False)
    au = un_jour(label="Au", required=False)

    def __init__(self, *args, enfant, maintenant, **options):
        super().__init__(*args, auto_id=f"presence-{enfant.pk}-%s", **options)
        self.enfant, aujourdhui = enfant, jour_de_paris(maintenant)
        annee = AnneeScolaire.objects.filter(debut__lte=aujourdhui).order_by("-debut").first()
        self.fields["du"].initial = annee.debut if annee else aujourdhui.replace(month=1, day=1)
        self.fields["au"].initial = aujourdhui

    def clean(self):
        choix = super().clean()
        choix["du"] = choix.get("du") or self.fields["du"].initial
        choix["au"] = choix.get("au") or self.fields["au"].initial
        if choix["du"] > choix["au"]:
            raise ValidationError("La période finit avant de commencer.", code="dates")
        return choix

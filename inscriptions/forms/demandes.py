"""Les formulaires des inscriptions : ce que la famille demande, ce qu'elle termine, ce que la mairie décide."""

from django import forms
from django.core.exceptions import ValidationError

from commune.regles import jour_de_paris

from .. import actions
from ..models import Activite, Inscription


class DateChoisie(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DemandeForm(forms.Form):
    """Les activités cochées pour chaque enfant du foyer, et leur date de début commune.

    Toute activité proposée se laisse cocher : c'est l'action qui refuse, avec la phrase qui dit pourquoi.
    """

    debut = forms.DateField(label="À partir du", help_text="Le premier jour où l'enfant pourra venir.")

    def __init__(self, *args, famille, annee, enfants, compte, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille, self.annee, self.compte, self.maintenant = famille, annee, compte, maintenant
        self.enfants = {enfant.pk: enfant for enfant in enfants}
        premier = max(jour_de_paris(maintenant), annee.debut)
        self.fields["debut"].initial = premier
        self.fields["debut"].widget = DateChoisie(min=premier.isoformat(), max=annee.fin.isoformat())
        for enfant in enfants:
            self.fields[f"activites_{enfant.pk}"] = forms.ModelMultipleChoiceField(
                Activite.objects.actives(), label=f"Activités de {enfant.prenom}", required=False,
                error_messages={"invalid_choice": f"Cette activité n'est plus proposée à {enfant.prenom}."},
            )  # fmt: skip

    def cochees(self):
        """Les couples (enfant, activité) cochés, comme des clés : ce que la page recoche après un refus."""
        if not self.is_bound:
            return set()
        return {(pk, cle) for pk in self.enfants for cle in self.data.getlist(f"activites_{pk}")}

    def clean(self):
        propres = super().clean()
        self.choix = [
            (enfant, activite) for pk, enfant in self.enfants.items() for activite in propres.get(f"activites_{pk}", [])
        ]
        if not self.choix and not self.errors:
            raise ValidationError("Cochez au moins une activité.", code="rien")
        return propres

    def save(self):
        return actions.demander_ensemble(
            self.choix, self.annee, self.famille, self.compte, self.maintenant, self.cleaned_data["debut"]
        )


class FinForm(forms.Form):
    """Le dernier jour d'une inscription, choisi par la famille : jamais dans le passé.

    Elle n'enregistre rien : terminer annule aussi des réservations, et se fait donc à leur étage.
    """

    fin = forms.DateField(label="Dernier jour", help_text="L'enfant peut encore venir ce jour-là.")

    def __init__(self, *args, inscription, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.jour = jour_de_paris(maintenant)
        premier = max(self.jour, inscription.debut)
        self.fields["fin"].widget = DateChoisie(min=premier.isoformat(), max=inscription.fin.isoformat())

    def clean_fin(self):
        fin = self.cleaned_data["fin"]
        if fin < self.jour:
            raise ValidationError("Choisissez aujourd'hui ou un jour à venir.", code="fin")
        return fin


class DecisionForm(forms.Form):
    """La décision de la mairie. Le bouton choisi dit l'état ; un refus se motive."""

    etat = forms.ChoiceField(choices=[
        (Inscription.Etat.VALIDEE, "Accepter"),
        (Inscription.Etat.ATTENTE, "Mettre en liste d'attente"),
        (Inscription.Etat.REFUSEE, "Refuser"),
    ])  # fmt: skip
    motif = forms.CharField(
        label="Motif",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La famille le lit. Obligatoire pour refuser.",
    )

    def __init__(self, *args, inscription, compte, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.inscription, self.compte, self.maintenant = inscription, compte, maintenant

    def save(self):
        return actions.decider(
            self.inscription, self.cleaned_data["etat"], self.cleaned_data["motif"], self.compte, self.maintenant
        )

"""La garde partagée, telle que la mairie la lit dans le jugement."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from commune.regles import jour_de_paris

from .. import actions
from ..models import Garde
from ..regles import garde as regles


class GardeForm(forms.Form):
    """Un seul formulaire pour les deux foyers : il dit la part de l'un, le reste est à l'autre."""

    foyer = forms.TypedChoiceField(label="L'enfant est chez", coerce=int, widget=forms.RadioSelect)
    semaines = forms.ChoiceField(label="En période d'école", choices=Garde.Semaines.choices, widget=forms.RadioSelect)
    bascule = forms.TypedChoiceField(
        label="On change de foyer le",
        coerce=int,
        choices=Garde._meta.get_field("bascule").choices,
        help_text="Ce jour-là est tout entier au foyer qui arrive, et sa semaine ISO dit si elle est paire. Si le "
        "jugement dit « vendredi soir » et que le vendredi doit rester à celui qui part, choisissez samedi.",
    )
    periodes = forms.CharField(
        label="Ses jours chez l'autre foyer",
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 5, "placeholder": "12/09/2026 - 18/09/2026"}),
        help_text="Pour un calendrier : une période par ligne. Les jours qui n'y sont pas restent au foyer choisi.",
    )
    vacances = forms.ChoiceField(
        label="Les vacances scolaires",
        choices=Garde.Vacances.choices,
        help_text="L'année est celle où les vacances commencent. D'un nombre impair de jours, celui du milieu est dans "
        "la première moitié.",
    )
    debut = forms.DateField(
        label="À partir du", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="La garde d'avant vaut jusqu'à la veille.",
    )  # fmt: skip
    acte = forms.CharField(
        label="D'après",
        max_length=150,
        help_text="Par exemple « jugement du 12/03/2026, RG 26/00123 », ou « accord écrit des deux parents ».",
        error_messages={"required": "Dites d'où vient cette garde : un jugement, ou un accord écrit."},
    )

    def __init__(self, data=None, *, enfant, liens, garde=None):
        self.enfant, self.liens = enfant, liens
        self.foyers = [lien.famille_id for lien in liens]
        super().__init__(data, initial=self._deja(garde) | {"debut": jour_de_paris(timezone.now())})
        self.fields["foyer"].choices = [(lien.famille_id, str(lien.famille)) for lien in liens]

    def _deja(self, garde):
        if not garde:
            return {"foyer": self.foyers[0], "semaines": regles.PAIRES, "bascule": 0, "vacances": regles.COMME}
        partage = garde.partage
        return {
            "foyer": partage.foyer, "semaines": partage.semaines, "bascule": partage.bascule, "acte": garde.acte,
            "vacances": partage.vacances, "periodes": regles.en_lignes(partage.periodes),
        }  # fmt: skip

    def clean_periodes(self):
        periodes, fautes = regles.lire_periodes(self.cleaned_data["periodes"])
        if fautes:
            raise ValidationError(fautes, code="illisible")
        return tuple(periodes)

    def clean(self):
        propres = super().clean()
        calendrier = propres.get("semaines") == regles.CALENDRIER
        if calendrier and propres.get("periodes") == ():
            self.add_error("periodes", ValidationError("Écrivez les dates de ce calendrier.", code="required"))
        if not calendrier:
            propres["periodes"] = ()
        return propres

    @property
    def partage(self):
        """Ce qui est saisi, une fois le formulaire valide."""
        d = self.cleaned_data
        autre = next(pk for pk in self.foyers if pk != d["foyer"])
        return regles.Partage(d["foyer"], autre, d["semaines"], d["bascule"], d["vacances"], d["periodes"])

    def save(self, compte, maintenant):
        """Enregistre la garde et prévient les deux foyers. Lève ``ValidationError`` si l'enfant a changé de foyer."""
        d = self.cleaned_data
        return actions.regler_garde(self.enfant, self.partage, d["debut"], d["acte"], compte, maintenant)

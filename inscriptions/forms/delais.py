"""Une règle de délai saisie comme on la dit : « jusqu'à 3 jours ouvrés avant, 12 h ; ensuite, refuser »."""

from itertools import pairwise

from django import forms
from django.core.exceptions import ValidationError

from commune.regles import dire_le_jour

from .. import regles
from ..models import JOURS, Activite, RegleDelai
from .demandes import DateChoisie

COMPTES = [
    ("jours avant", [
        ("jours-calendaires", "jours du calendrier avant"),
        ("jours-hors_weekend", "jours avant, sans les samedis ni les dimanches"),
        ("jours-ouvres", "jours ouvrés avant (du lundi au vendredi, sans les fériés)"),
        ("jours-ouverture", "jours d'ouverture du site avant"),
        ("jours-activite", "jours d'accueil de l'activité avant"),
    ]),
    ("avant le début de l'activité", [
        ("heures-calendaires", "heures avant le début"),
        ("heures-hors_weekend", "heures avant, sans les samedis ni les dimanches"),
        ("heures-ouvres", "heures ouvrées avant"),
        ("heures-ouverture", "heures avant, les jours d'ouverture du site"),
        ("heures-activite", "heures avant, les jours d'accueil de l'activité"),
    ]),
    ("la semaine d'avant", [("semaine-calendaires", "semaine(s) avant, le jour choisi")]),
]  # fmt: skip
MIN = {"jours": 0, "heures": 1, "semaine": 1}
MAX = {"jours": 60, "heures": 1440, "semaine": 8}


class HeureChoisie(forms.TimeInput):
    input_type = "time"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%H:%M")


class DelaiForm(forms.Form):
    """Une règle, pour les séances d'une période ou pour toutes."""

    nombre = forms.IntegerField(label="Combien", min_value=0, initial=1)
    compte = forms.ChoiceField(label="De quoi", choices=COMPTES, initial="jours-calendaires")
    jour_semaine = forms.TypedChoiceField(
        label="Quel jour", choices=[("", "–"), *JOURS], coerce=int, empty_value=None, required=False
    )
    heure = forms.TimeField(
        label="À quelle heure", initial=regles.MAISON.heure, required=False, widget=HeureChoisie,
        help_text="Minute comprise, heure de Paris.",
    )  # fmt: skip
    ensuite = forms.ChoiceField(label="Ensuite", choices=RegleDelai.Ensuite.choices, initial=regles.REFUSE)
    debut = forms.DateField(label="Pour les séances du", required=False, widget=DateChoisie)
    fin = forms.DateField(label="au", required=False, widget=DateChoisie, help_text="Vides : toutes.")

    def __init__(self, *args, geste, activite, **kwargs):
        super().__init__(*args, **kwargs)
        self.activite = activite
        if geste == regles.ANNULER:  # une absence s'excuse par écrit : on n'annule pas hors délai
            del self.fields["ensuite"]

    def clean(self):
        propres = super().clean()
        if self.errors:
            return propres
        forme, decompte = propres["compte"].split("-")
        if not MIN[forme] <= propres["nombre"] <= MAX[forme]:
            self.add_error("nombre", f"De {MIN[forme]} à {MAX[forme]}.")
        if forme == "semaine" and propres["jour_semaine"] is None:
            self.add_error("jour_semaine", "Choisissez le jour de la semaine d'avant.")
        if forme != "heures" and not propres["heure"]:
            self.add_error("heure", "Dites jusqu'à quelle heure.")
        if propres["debut"] and propres["fin"] and propres["fin"] < propres["debut"]:
            self.add_error("fin", "La règle ne peut pas finir avant de commencer.")
        if not self.errors:
            self.delai = _delai(forme, decompte, propres)
            self._verifier_le_jour_meme()
        return propres

    def _verifier_le_jour_meme(self):
        """Une limite après le début de l'activité laisserait réserver un repas déjà servi."""
        meme_jour = self.delai.forme == regles.EN_JOURS and self.delai.nombre == 0
        if meme_jour and self.delai.heure >= self.activite.heure_debut:
            debut = regles.heure_dite(self.activite.heure_debut)
            self.add_error("heure", f"Le jour même, l'activité commence à {debut} : choisissez une heure avant.")


def _delai(forme, decompte, propres):
    """Ce qui ne compte pas dans cette forme n'y est pas gardé : deux règles pareilles se valent."""
    return regles.Delai(
        forme, propres["nombre"], decompte,
        propres["jour_semaine"] if forme == regles.EN_SEMAINES else None,
        propres["heure"] if forme != regles.EN_HEURES else regles.MAISON.heure,
        propres.get("ensuite") or regles.REFUSE, propres["debut"], propres["fin"],
    )  # fmt: skip


class BaseDelaisFormSet(forms.BaseFormSet):
    """Les règles d'un geste ; deux d'entre elles ne valent jamais le même jour."""

    @property
    def delais(self):
        """Les :class:`regles.Delai` saisis, dans l'ordre de leurs dates."""
        gardees = [f for f in self.forms if f.has_changed() or f.initial.get("existante")]
        gardees = [f.delai for f in gardees if f not in self.deleted_forms]
        return sorted(gardees, key=lambda d: (d.debut is not None, d.debut))

    def clean(self):
        if any(self.errors):
            return
        delais = self.delais
        for un, autre in pairwise(delais):
            if un.fin is None or autre.debut is None or autre.debut <= un.fin:
                quand = f"le {dire_le_jour(autre.debut)}" if autre.debut else "chaque jour"
                raise ValidationError(
                    f"Deux règles valent {quand} : terminez la première avant que la seconde commence.", code="delais"
                )


_Delais = forms.formset_factory(DelaiForm, formset=BaseDelaisFormSet, extra=1, can_delete=True, max_num=24)


class DelaisFormSet(_Delais):
    """Les règles d'un geste pour une activité : celles qui existent, et une de plus à remplir."""

    def __init__(self, data, *, geste, activite):
        self.geste = geste
        super().__init__(
            data, prefix=geste, form_kwargs={"geste": geste, "activite": activite},
            initial=[_initial(delai) for delai in activite.delais_pour(geste)],
        )  # fmt: skip

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Retirer cette règle"


def _initial(delai):
    return {
        "existante": True, "nombre": delai.nombre, "compte": f"{delai.forme}-{delai.decompte}",
        "jour_semaine": delai.jour_semaine, "heure": delai.heure, "ensuite": delai.ensuite, "debut": delai.debut,
        "fin": delai.fin,
    }  # fmt: skip


class AussiForm(forms.Form):
    """Les activités du même genre qui recevront les mêmes règles, et le jour d'où part le simulateur."""

    aussi = forms.ModelMultipleChoiceField(
        Activite.objects.none(), label="Donner aussi ces règles à", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    depuis = forms.DateField(label="Simuler à partir du", required=False, widget=DateChoisie)

    def __init__(self, *args, activite, **kwargs):
        super().__init__(*args, **kwargs)
        semblables = Activite.objects.actives().filter(genre=activite.genre).exclude(pk=activite.pk)
        self.fields["aussi"].queryset = semblables.select_related("site").order_by("site__ordre", "nom")

"""Les gestes des agents : chaque formulaire reçoit la séance et l'agent, et ``save()`` agit."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from commune.regles import jour_de_paris, replier
from familles.models import Enfant
from inscriptions.models import Inscription
from reservations.models import Reservation

from . import actions
from .models import Pointage

EFFACER, DEPART = "effacer", "depart"


class InstantAppareil(forms.DateTimeField):
    """L'heure de la tablette, posée par le script. Illisible ou absente, elle manque au journal ; le geste passe."""

    def __init__(self):
        super().__init__(required=False, widget=forms.HiddenInput)

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError:
            return None


class GesteForm(forms.Form):
    """Un toucher sur un enfant : présent, absent, excusé, parti, ou effacer."""

    etat = forms.ChoiceField(choices=[*Pointage.Etat.choices, (DEPART, "parti"), (EFFACER, "effacer")])
    instant_appareil = InstantAppareil()

    def __init__(self, *args, enfant, seance, agent, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfant, self.seance, self.agent, self.maintenant = enfant, seance, agent, maintenant

    def save(self):
        """Rend le ``Geste``, ou ``None`` si rien n'a changé."""
        etat, instant = self.cleaned_data["etat"], self.cleaned_data["instant_appareil"]
        qui, appareil = (self.enfant, self.seance), {"instant_appareil": instant}
        if etat == EFFACER:
            return actions.effacer(*qui, self.agent, self.maintenant, **appareil)
        if etat == DEPART:
            return actions.partir(*qui, self.agent, self.maintenant, **appareil)
        return actions.pointer(*qui, etat, self.agent, self.maintenant, **appareil)


class HeuresForm(forms.Form):
    """L'arrivée et le départ d'un enfant présent, corrigés à la main (heures de Paris)."""

    arrivee = forms.TimeField(label="Arrivée", required=False)
    depart = forms.TimeField(label="Départ", required=False)
    instant_appareil = InstantAppareil()

    def __init__(self, *args, ligne, seance, agent, maintenant, **kwargs):
        pointage = ligne.pointage
        initial = {"arrivee": pointage.arrivee, "depart": pointage.depart} if pointage else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.enfant, self.seance, self.agent, self.maintenant = ligne.enfant, seance, agent, maintenant
        for nom in ("arrivee", "depart"):
            self.fields[nom].widget = forms.TimeInput(attrs={"type": "time", "class": "moyen"}, format="%H:%M")

    def save(self):
        propres = self.cleaned_data
        return actions.noter_les_heures(
            self.enfant, self.seance, propres["arrivee"], propres["depart"], self.agent, self.maintenant,
            instant_appareil=propres["instant_appareil"],
        )  # fmt: skip


class ResteForm(forms.Form):
    """« Les autres sont tous là » : les enfants que l'agent avait sous les yeux, et eux seuls."""

    enfants = forms.ModelMultipleChoiceField(Enfant.objects.all())
    instant_appareil = InstantAppareil()

    def __init__(self, *args, seance, agent, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.seance, self.agent, self.maintenant = seance, agent, maintenant

    def save(self):
        return actions.pointer_le_reste(
            self.seance, self.cleaned_data["enfants"], self.agent, self.maintenant,
            instant_appareil=self.cleaned_data["instant_appareil"],
        )  # fmt: skip


def candidats(seance, recherche):
    """Vingt enfants des écoles de l'activité, ou inscrits à elle, dont le nom contient chaque mot ; inscrits d'abord.

    Sans accents ni casse. Ceux qui sont déjà sur la liste n'y sont pas.
    """
    mots = replier(recherche).split()
    if not mots:
        return Enfant.objects.none()
    activite = seance.activite
    inscrit = Exists(
        Inscription.objects.valables(seance.jour, seance.jour).filter(enfant=OuterRef("pk"), activite=activite)
    )
    sur_la_liste = Exists(Reservation.objects.reservees().filter(enfant=OuterRef("pk"), seance=seance))
    enfants = Enfant.objects.annotate(inscrit=inscrit).filter(
        Q(ecole=activite.site_id) | Q(ecole__in=activite.ecoles.all()) | Q(inscrit=True), ~sur_la_liste
    )
    for mot in mots:
        enfants = enfants.filter(cle__contains=mot)
    rang = Case(When(inscrit=True, then=Value(0)), default=Value(1))
    return enfants.select_related("ecole").order_by(rang, "nom", "prenom", "pk")[:20]


class AccueilForm(forms.Form):
    """L'enfant de dernière minute, choisi parmi les candidats, et sa raison."""

    enfant = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": "Choisissez un enfant."})
    motif = forms.CharField(
        label="Raison", max_length=300, help_text="Par exemple : sa mère a prévenu par téléphone à 8 h 10.",
        error_messages={"required": "Dites pourquoi : la raison reste au journal."},
    )  # fmt: skip
    instant_appareil = InstantAppareil()

    def __init__(self, *args, seance, recherche, agent, maintenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.seance, self.agent, self.maintenant = seance, agent, maintenant
        self.candidats = {enfant.pk: enfant for enfant in candidats(seance, recherche)}

    def clean_enfant(self):
        enfant = self.candidats.get(self.cleaned_data["enfant"])
        if not enfant:
            raise ValidationError("Cet enfant n'est plus dans les résultats : cherchez à nouveau.", code="inconnu")
        return enfant

    def save(self):
        actions.accueillir(
            self.cleaned_data["enfant"], self.seance, self.cleaned_data["motif"], self.agent, self.maintenant,
            instant_appareil=self.cleaned_data["instant_appareil"],
        )  # fmt: skip
        return self.cleaned_data["enfant"]

    @property
    def arrive_maintenant(self):
        return self.seance.jour <= jour_de_paris(self.maintenant)

"""Ce qu'une famille envoie : une semaine cochée, une période, une excuse."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from commune.fichiers import ACCEPTE, nettoyer
from commune.regles import jour_de_paris
from inscriptions.models import JOURS, Activite

from . import regles
from .actions import decider_excuse, enregistrer, excuser, prevoir, proposer_echange
from .models import Mouvement, Reservation, Seance

PARENT = Mouvement.Origine.PARENT
CASES_MAX = 500  # une semaine en a dix par jour, au plus ; dix mille occuperaient le serveur une minute
DATE = forms.DateInput(attrs={"type": "date", "class": "moyen"}, format="%Y-%m-%d")


class SemaineForm(forms.Form):
    """Les cases d'une page : ``seance`` répété, et dans ``vu`` ce que la page montrait.

    Seuls les vrais changements deviennent des souhaits : une case que la famille n'a pas touchée reste comme elle est
    en base, même si un autre écran l'a changée depuis.
    """

    vu = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, enfant, famille, compte):
        super().__init__(data)
        self.enfant, self.famille, self.compte = enfant, famille, compte

    def clean(self):
        donnees = super().clean()
        try:
            vu = regles.lire_vu(donnees.get("vu", ""))
            coches = {int(pk) for pk in self.data.getlist("seance")}
            if len(vu) + len(coches) > CASES_MAX:
                raise ValueError("trop de cases pour une semaine")
        except ValueError:
            raise ValidationError("La page est arrivée abîmée : rechargez-la et recommencez.", code="abimee") from None
        self.vu = vu
        self.voulu = {pk: pk in coches for pk in [*vu, *coches]}
        return donnees

    @property
    def souhaits(self):
        return {
            (self.enfant.pk, pk): reserver for pk, reserver in self.voulu.items() if reserver != self.vu.get(pk, False)
        }

    def save(self, maintenant):
        """Enregistre les changements ; rend le ``Resultat``, et dans ``ailleurs`` ce qu'un autre écran avait changé."""
        self.ailleurs = self._changes_ailleurs()
        return enregistrer(self.famille, self.compte, self.souhaits, maintenant, PARENT)

    def _changes_ailleurs(self):
        """Les cases que l'on n'a pas touchées, mais qui ne sont plus comme la page les montrait."""
        return [
            regles.Ligne(self.enfant.prenom, activite, jour, "réservé" if etat == "reservee" else "annulé")
            for pk, etat, jour, activite in Reservation.objects.filter(
                enfant=self.enfant, famille=self.famille, seance__in=self.vu
            ).order_by("seance__jour").values_list("seance", "etat", "seance__jour", "seance__activite__nom")
            if (etat == "reservee") != self.vu[pk] == self.voulu[pk]
        ]  # fmt: skip


class PeriodeForm(forms.Form):
    """Les mêmes jours, d'une date à une autre : la semaine, le mois ou l'année en un seul formulaire."""

    faire = forms.ChoiceField(
        label="Que voulez-vous faire ?",
        initial="reserver",
        widget=forms.RadioSelect,
        choices=[("reserver", "Réserver"), ("annuler", "Annuler")],
    )
    activites = forms.ModelMultipleChoiceField(
        Activite.objects.none(),
        label="Quelles activités ?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une activité."},
    )
    jours = forms.TypedMultipleChoiceField(
        label="Quels jours de la semaine ?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour."},
    )
    du = forms.DateField(label="Du", widget=DATE)
    au = forms.DateField(label="Au (compris)", widget=DATE)
    retenues = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, enfant, famille, compte, inscriptions, maintenant, initial=None):
        self.enfant, self.famille, self.compte, self.maintenant = enfant, famille, compte, maintenant
        activites = {i.activite_id: i.activite for i in inscriptions}
        semaine = sorted({jour for a in activites.values() for jour in a.jours})
        aujourdhui = jour_de_paris(maintenant)
        self.dernier = max((i.fin for i in inscriptions), default=aujourdhui)
        # Une seule activité se coche d'avance ; plusieurs, non : personne ne réserve l'année du soir sans le vouloir.
        depart = {
            "du": aujourdhui + dt.timedelta(days=1),
            "au": self.dernier,
            "activites": list(activites) if len(activites) == 1 else [],
            "jours": semaine,
        }
        super().__init__(data, initial=depart | (initial or {}))
        self.fields["activites"].queryset = Activite.objects.filter(pk__in=activites)
        self.fields["activites"].label_from_instance = lambda a: f"{a.nom} ({a.horaires})"
        self.fields["jours"].choices = [(n, nom.capitalize()) for n, nom in JOURS if n in semaine]

    def clean(self):
        donnees = super().clean()
        if donnees.get("du") and donnees.get("au") and donnees["du"] > donnees["au"]:
            self.add_error("au", ValidationError("La fin de la période vient avant son début.", code="a_l_envers"))
        if donnees.get("au") and donnees["au"] > self.dernier:
            donnees["au"] = self.dernier  # au-delà, aucune inscription : rien à réserver
        return donnees

    @property
    def souhaits(self):
        """Chaque séance à venir de la période, à réserver ; ou chacune de celles qui sont réservées, à annuler."""
        d = self.cleaned_data
        seances = Seance.objects.du(max(d["du"], jour_de_paris(self.maintenant)), d["au"]).filter(
            activite__in=d["activites"], jour__iso_week_day__in=[n + 1 for n in d["jours"]]
        )
        if d["faire"] == "annuler":
            seances = seances.filter(
                reservations__enfant=self.enfant, reservations__famille=self.famille, reservations__etat="reservee"
            )
        return {(self.enfant.pk, pk): d["faire"] == "reserver" for pk in seances.values_list("pk", flat=True)}

    def prevoir(self):
        """Ce que l'enregistrement ferait maintenant."""
        return prevoir(self.famille, self.souhaits, self.maintenant)

    def save(self):
        """Enregistre ce que l'aperçu annonçait, et rien d'autre : ``retenues`` en porte les séances."""
        retenues = {int(pk) for pk in self.cleaned_data["retenues"].split() if pk.isdigit()}
        souhaits = {cle: vers for cle, vers in self.souhaits.items() if cle[1] in retenues}
        return enregistrer(self.famille, self.compte, souhaits, self.maintenant, PARENT)


class MotifForm(forms.Form):
    """La raison que la mairie donne ; elle reste au journal et la famille la lit."""

    motif = forms.CharField(
        label="Raison",
        max_length=150,
        error_messages={"required": "Dites pourquoi : la raison reste au journal et la famille la lit."},
    )


class PlacesForm(forms.Form):
    """Le nombre de places de séances choisies."""

    capacite = forms.IntegerField(
        label="Places", min_value=0, max_value=9999, required=False, help_text="Vide : sans limite."
    )


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


class EchangeForm(forms.Form):
    """Des jours à échanger avec l'autre foyer d'un enfant. Rien ne s'y écrit à l'autre parent."""

    sens = forms.ChoiceField(label="Que proposez-vous ?", widget=forms.RadioSelect)
    du = forms.DateField(label="Du", widget=DATE)
    au = forms.DateField(label="Au (compris), si plusieurs jours", required=False, widget=DATE)
    retour_du = forms.DateField(label="En retour, du", required=False, widget=DATE)
    retour_au = forms.DateField(label="Au (compris), si plusieurs jours", required=False, widget=DATE)

    def __init__(self, *args, enfant, famille, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfant, self.famille, self.compte = enfant, famille, compte
        self.fields["sens"].choices = [
            ("prendre", f"J'aurai {enfant.prenom} des jours prévus à son autre foyer"),
            ("donner", f"Son autre foyer aura {enfant.prenom} des jours prévus chez moi"),
        ]

    def clean(self):
        donnees = super().clean()
        if donnees.get("retour_au") and not donnees.get("retour_du"):
            self.add_error("retour_du", ValidationError("Dites le premier jour rendu.", code="required"))
        return donnees

    def save(self, maintenant):
        """Propose l'échange à l'autre foyer. Lève ``ValidationError`` s'il ne se peut pas, et dit quel jour."""
        d = self.cleaned_data
        sens = [(d["du"], d["au"] or d["du"])]
        if d["retour_du"]:
            sens.append((d["retour_du"], d["retour_au"] or d["retour_du"]))
        return proposer_echange(self.enfant, self.famille, self.compte, sens, d["sens"] == "prendre", maintenant)


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
        help_text="Photo ou PDF, si vous en avez un.",
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

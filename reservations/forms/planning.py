"""Ce qu'une famille enregistre : une semaine cochée, une période, un lot à défaire."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from commune.regles import jour_de_paris
from inscriptions.models import JOURS

from .. import regles
from ..actions import defaire, enregistrer, inverse, prevoir
from ..models import Mouvement, Reservation, Seance

PARENT = Mouvement.Origine.PARENT
CASES_MAX = 2000  # dix enfants, dix activités, sept jours, deux fois ; dix mille occuperaient le serveur une minute
DATE = forms.DateInput(attrs={"type": "date", "class": "moyen"}, format="%Y-%m-%d")


class SemaineForm(forms.Form):
    """Les cases d'une page, d'un enfant ou de plusieurs : ``case`` répété, et dans ``vu`` ce que la page montrait.

    Seuls les vrais changements deviennent des souhaits : une case que la famille n'a pas touchée reste comme elle est
    en base, même si un autre écran l'a changée depuis.
    """

    vu = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, enfants, famille, compte):
        super().__init__(data)
        self.enfants, self.famille, self.compte = enfants, famille, compte

    def clean(self):
        donnees = super().clean()
        try:
            vu = regles.lire_vu(donnees.get("vu", ""))
            coches = {regles.lire_cle(cle) for cle in self.data.getlist("case")}
            if len(vu) + len(coches) > CASES_MAX:
                raise ValueError("trop de cases pour une semaine")
        except ValueError:
            raise ValidationError("La page est arrivée abîmée : rechargez-la et recommencez.", code="abimee") from None
        self.vu, self.coches = vu, coches
        return donnees

    @property
    def souhaits(self):
        """Ce qui est à changer : ``{(enfant, seance): vrai s'il faut réserver}``."""
        return {
            cle: cle in self.coches
            for cle in [*self.vu, *self.coches]
            if (cle in self.coches) != self.vu.get(cle, False)
        }

    def cocher(self, cles):
        """Coche aussi ces cases."""
        self.coches |= cles

    def save(self, maintenant):
        """Enregistre les changements ; rend le ``Resultat``."""
        return enregistrer(self.famille, self.compte, self.souhaits, maintenant, PARENT)

    def changes_ailleurs(self):
        """Les cases que l'on n'a pas touchées, mais qui ne sont plus comme la page les montrait."""
        return [
            regles.Ligne(prenom, activite, jour, "réservé" if etat == "reservee" else "annulé")
            for enfant, seance, etat, prenom, jour, activite in Reservation.objects.filter(
                enfant__in=self.enfants, famille=self.famille, seance__in={seance for _, seance in self.vu}
            ).order_by("seance__jour", "pk").values_list(
                "enfant", "seance", "etat", "enfant__prenom", "seance__jour", "seance__activite__nom"
            )
            if (etat == "reservee") != self.vu.get((enfant, seance), etat == "reservee")
            and (enfant, seance) not in self.souhaits
        ]  # fmt: skip


class PeriodeForm(forms.Form):
    """La semaine type, d'une date à une autre, pour un enfant ou plusieurs.

    Chaque case est un enfant, une activité et un jour de la semaine : ``12-34-0`` pour tous les lundis.
    """

    faire = forms.ChoiceField(
        label="Que voulez-vous faire ?",
        initial="reserver",
        widget=forms.RadioSelect,
        choices=[("reserver", "Réserver"), ("annuler", "Annuler")],
    )
    jours = forms.MultipleChoiceField(
        label="Toutes les semaines, quels jours ?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour."},
    )
    du = forms.DateField(label="Du", widget=DATE)
    au = forms.DateField(label="Au (compris)", widget=DATE)
    retenues = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, enfants, famille, compte, inscriptions, maintenant, initial=None):
        self.enfants, self.famille, self.compte, self.maintenant = enfants, famille, compte, maintenant
        self.lignes = {(i.enfant_id, i.activite_id): i.activite for i in inscriptions}
        aujourdhui = jour_de_paris(maintenant)
        self.dernier = max((i.fin for i in inscriptions), default=aujourdhui)
        choix = [f"{e}-{a}-{jour}" for (e, a), activite in self.lignes.items() for jour in activite.jours]
        # Une seule activité se coche d'avance ; plusieurs, non : personne ne réserve l'année du soir sans le vouloir.
        depart = {
            "du": aujourdhui + dt.timedelta(days=1),
            "au": self.dernier,
            "jours": choix if len(self.lignes) == 1 else [],
        }
        super().__init__(data, initial=depart | (initial or {}))
        self.fields["jours"].choices = [(nom, nom) for nom in choix]

    @property
    def semaine_type(self):
        """La grille à cocher : ``[(enfant, [(activité, [(nom de la case ou None, jour, cochée)…])…])…]``."""
        coches = set(self["jours"].value() or ())
        jours = self.colonnes
        return [
            (enfant, [
                (activite, [
                    (nom if n in activite.jours else None, JOURS[n][1], nom in coches)
                    for n in jours for nom in [f"{enfant.pk}-{activite.pk}-{n}"]
                ])
                for (e, _), activite in self.lignes.items() if e == enfant.pk
            ])
            for enfant in self.enfants
        ]  # fmt: skip

    @property
    def colonnes(self):
        """Les jours de la semaine où l'une de ces activités a lieu."""
        return sorted({jour for activite in self.lignes.values() for jour in activite.jours})

    @property
    def noms_des_colonnes(self):
        return [JOURS[n][1] for n in self.colonnes]

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
        d, voulus = self.cleaned_data, {}
        for enfant, activite, jour in (map(int, nom.split("-")) for nom in d["jours"]):
            voulus.setdefault((activite, jour), []).append(enfant)
        reserver = d["faire"] == "reserver"
        debut = max(d["du"], jour_de_paris(self.maintenant))
        seances = Seance.objects.du(debut, d["au"]).filter(activite__in={activite for activite, _ in voulus})
        cles = {
            (enfant, pk)
            for pk, activite, jour in seances.values_list("pk", "activite", "jour")
            for enfant in voulus.get((activite, jour.weekday()), ())
        }
        if not reserver:
            siennes = Reservation.objects.reservees().filter(
                enfant__in=self.enfants, famille=self.famille, seance__jour__range=(debut, d["au"])
            )
            cles &= set(siennes.values_list("enfant", "seance"))
        return dict.fromkeys(cles, reserver)

    def prevoir(self):
        """Ce que l'enregistrement ferait maintenant."""
        return prevoir(self.famille, self.souhaits, self.maintenant)

    def save(self):
        """Enregistre ce que l'aperçu annonçait, et rien d'autre : ``retenues`` en porte les cases."""
        retenues = regles.lire_retenues(self.cleaned_data["retenues"])
        souhaits = {cle: vers for cle, vers in self.souhaits.items() if cle in retenues}
        return enregistrer(self.famille, self.compte, souhaits, self.maintenant, PARENT)


class DefaireForm(forms.Form):
    """Défaire un enregistrement : ce que l'aperçu annonçait, et rien d'autre."""

    retenues = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, lot, famille, compte, maintenant):
        super().__init__(data)
        self.lot, self.famille, self.compte, self.maintenant = lot, famille, compte, maintenant

    def prevoir(self):
        """``(Inverse, Resultat)`` : ce qui a changé depuis, et ce que l'enregistrement inverse ferait maintenant."""
        trouve = inverse(self.lot, self.famille)
        return trouve, prevoir(self.famille, trouve.souhaits, self.maintenant)

    def save(self):
        retenues = regles.lire_retenues(self.cleaned_data["retenues"])
        return defaire(self.lot, self.famille, self.compte, retenues, self.maintenant)

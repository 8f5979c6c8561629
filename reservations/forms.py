"""Ce qu'une famille envoie : une semaine cochée, une période, une excuse."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from commune.fichiers import ACCEPTE, nettoyer
from commune.regles import jour_de_paris
from inscriptions.models import JOURS

from . import regles
from .actions import (
    attendre,
    decider_excuse,
    defaire,
    donner_une_place,
    enregistrer,
    excuser,
    inverse,
    prevoir,
    proposer_echange,
    quitter_attente,
    regler,
    repondre,
)
from .models import Mouvement, Reservation, Seance

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
    au = forms.DateField(label="Au (compris)", required=False, widget=DATE, help_text="Vide pour un seul jour.")
    retour_du = forms.DateField(label="En retour, du", required=False, widget=DATE, help_text="Facultatif.")
    retour_au = forms.DateField(label="Au (compris)", required=False, widget=DATE)

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


class RappelsForm(forms.Form):
    """Les courriels qu'un parent choisit de recevoir."""

    rappel_limite = forms.BooleanField(
        label="Me prévenir quand rien n'est réservé",
        required=False,
        help_text="La veille au soir de la dernière limite, pour une semaine que vous réservez d'habitude.",
    )
    resume_dimanche = forms.BooleanField(
        label="Le résumé du dimanche",
        required=False,
        help_text="Le dimanche à 18 h, la semaine qui vient, enfant par enfant.",
    )

    def __init__(self, data=None, *, preferences):
        choix = {nom: getattr(preferences, nom) for nom in self.base_fields}
        super().__init__(data, initial=choix)
        self.preferences = preferences

    def save(self):
        regler(self.preferences.compte, **self.cleaned_data)


class AttenteForm(forms.Form):
    """Ce que la famille fait d'une liste d'attente ; le bouton dit quoi."""

    faire = forms.ChoiceField(choices=[(mot, mot) for mot in ("attendre", "quitter", "accepter", "laisser")])

    def __init__(self, *args, foyer, compte, seance, reservation, **kwargs):
        super().__init__(*args, **kwargs)
        self.foyer, self.compte, self.seance, self.reservation = foyer, compte, seance, reservation

    def save(self, maintenant):
        """Le fait, et rend la phrase qui le dit. Lève ``ValidationError`` si ce n'est plus possible."""
        faire, prenom = self.cleaned_data["faire"], self.foyer.enfant.prenom
        if faire == "attendre":
            rang = attendre(self.foyer.famille, self.compte, self.foyer.enfant, self.seance, maintenant)
            return f"{prenom} est {regles.rang_dit(rang)} sur la liste d'attente."
        if not self.reservation:
            raise ValidationError(f"{prenom} n'est pas sur la liste.", code="pas_en_attente")
        if faire == "quitter":
            quitter_attente(self.reservation, self.compte, maintenant)
            return f"{prenom} n'est plus sur la liste d'attente."
        accepte = faire == "accepter"
        repondre(self.reservation, accepte, self.compte, maintenant)
        return f"La place est à {prenom} : c'est réservé." if accepte else "La place passe au suivant. Merci !"


class OffreForm(forms.Form):
    """La réponse au lien d'un courriel : prendre la place, ou la laisser au suivant."""

    faire = forms.ChoiceField(choices=[("accepter", "accepter"), ("laisser", "laisser")])

    def __init__(self, *args, offre, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.offre, self.compte = offre, compte

    def save(self, maintenant):
        """Lève ``ValidationError`` si la place n'attend plus cette réponse."""
        repondre(self.offre.reservation, self.cleaned_data["faire"] == "accepter", self.compte, maintenant, self.offre)


class DonForm(forms.Form):
    """La mairie donne une place à un enfant de la liste, avec une raison."""

    reservation = forms.ModelChoiceField(
        Reservation.objects.none(), error_messages={"required": "Choisissez un enfant de la liste."}
    )
    motif = forms.CharField(
        max_length=300,
        error_messages={"required": "Dites pourquoi : la raison reste au journal et la famille la lit."},
    )

    def __init__(self, *args, seance, compte, **kwargs):
        super().__init__(*args, **kwargs)
        self.compte = compte
        self.fields["reservation"].queryset = Reservation.objects.qui_attendent().filter(seance=seance)

    def save(self, maintenant):
        """Donne la place. Lève ``ValidationError`` si l'enfant n'attend plus."""
        reservation = self.cleaned_data["reservation"]
        donner_une_place(reservation, self.compte, self.cleaned_data["motif"], maintenant)
        return reservation


class VoeuxForm(forms.Form):
    """Les jours cochés d'une ouverture : ``voeu`` répété, chacun « enfant-séance »."""

    def clean(self):
        donnees = super().clean()
        cases = self.data.getlist("voeu")
        try:
            if len(cases) > CASES_MAX:
                raise ValueError("trop de cases pour une ouverture")
            self.choisis = {(int(enfant), int(seance)) for enfant, seance in (case.split("-") for case in cases)}
        except ValueError:
            self.choisis = set()
            raise ValidationError("La page est arrivée abîmée : rechargez-la et recommencez.", code="abimee") from None
        return donnees

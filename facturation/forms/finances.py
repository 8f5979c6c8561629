"""Les formulaires de la facturation : chacun reçoit ce qu'il lui faut, et son ``save()`` appelle l'action."""

import datetime as dt
import uuid

from django import forms
from django.utils.formats import date_format

from commune.regles import jour_de_paris
from familles.models import Enfant
from reservations.models import Seance

from .. import actions, regles
from ..actions.caisse import reste_a_rendre
from ..models import Facturation, Facture, Regie, Reglement, solde_de


def un_jour(**options):
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class PrestationsForm(forms.Form):
    """Le mois et l'enfant dont le foyer veut le détail ; sans choix valable, le mois en cours et tous les enfants."""

    mois = forms.ChoiceField(label="Mois", required=False)
    enfant = forms.ChoiceField(label="Enfant", required=False)

    def __init__(self, donnees, *, famille, maintenant):
        super().__init__(donnees or None)
        self.ce_mois = regles.premier(jour_de_paris(maintenant))
        mois = set(Seance.objects.filter(reservations__famille=famille).dates("jour", "month")) | {self.ce_mois}
        self.fields["mois"].choices = choix_de_mois(mois)
        self.fields["mois"].initial = f"{self.ce_mois:%Y-%m}"
        self.fields["enfant"].choices = [("", "Tous les enfants")] + [
            (str(enfant.pk), str(enfant)) for enfant in Enfant.objects.filter(reservations__famille=famille).distinct()
        ]

    def choix(self):
        """``(premier jour du mois, clé de l'enfant ou None)`` ; une adresse bricolée vaut un choix vide."""
        valeurs = self.cleaned_data if self.is_valid() else {}
        mois, enfant = valeurs.get("mois"), valeurs.get("enfant")
        return lire_mois(mois) if mois else self.ce_mois, int(enfant) if enfant else None


def choix_de_mois(mois):
    return [(f"{jour:%Y-%m}", date_format(jour, "F Y").capitalize()) for jour in sorted(mois, reverse=True)]


def lire_mois(texte):
    return dt.datetime.strptime(texte, "%Y-%m").date()


# --- La mairie ----------------------------------------------------------------------------------------------------
class LancementForm(forms.Form):
    """Le mois à facturer, parmi ceux qui ont des séances et ne l'ont pas été, et son échéance.

    Le mois en cours s'y regarde ; l'action refuse de l'émettre avant sa fin.
    """

    mois = forms.ChoiceField(label="Mois à facturer")
    echeance = un_jour(label="À payer avant le")

    def __init__(self, *args, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.compte, self.maintenant = compte, maintenant
        aujourdhui = jour_de_paris(maintenant)
        passes = Seance.objects.filter(jour__lte=regles.dernier(aujourdhui)).dates("jour", "month")
        faits = set(Facturation.objects.values_list("mois", flat=True))
        self.fields["mois"].choices = choix_de_mois([jour for jour in passes if jour not in faits])
        delai = Regie.courante().delai
        self.fields["echeance"].initial = aujourdhui + dt.timedelta(days=delai)
        if self.is_bound and "mois" in self.data and "echeance" not in self.data:  # un lien qui ne dit que le mois
            self.data = {"mois": self.data["mois"], "echeance": self.fields["echeance"].initial}

    def mois_choisi(self):
        """Le premier jour du mois choisi, s'il peut se facturer, ou ``None`` ; l'échéance n'y fait rien."""
        mois = self["mois"].value() if self.is_bound else None
        return lire_mois(mois) if mois in dict(self.fields["mois"].choices) else None

    def clean_mois(self):
        return lire_mois(self.cleaned_data["mois"])

    def save(self):
        return actions.lancer(
            self.cleaned_data["mois"], self.compte, self.maintenant, self.cleaned_data["echeance"]
        )


class ReglementForm(forms.Form):
    """Un règlement reçu d'un foyer. Le jeton fait qu'un double envoi n'encaisse qu'une fois."""

    facture = forms.ModelChoiceField(
        Facture.objects.none(), required=False, empty_label="la plus ancienne d'abord", label="Pour la facture",
    )
    moyen = forms.ChoiceField(choices=[(m.value, m.label) for m in Reglement.SAISIS], label="Moyen")
    montant = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=regles.CENTIME, label="Montant (€)", localize=True
    )
    recu_le = un_jour(label="Reçu le")
    reference = forms.CharField(
        max_length=100, required=False, label="Référence", help_text="Numéro du chèque, du virement, des titres…"
    )
    emetteur = forms.CharField(
        max_length=60, required=False, label="Titres : émetteur", help_text="CESU et chèques-vacances seulement."
    )
    nombre = forms.IntegerField(min_value=1, max_value=999, required=False, label="Titres : combien")
    valeur = forms.DecimalField(
        max_digits=6, decimal_places=2, min_value=regles.CENTIME, required=False, localize=True,
        label="Titres : valeur de chacun (€)",
    )  # fmt: skip
    jeton = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, famille, compte, maintenant, facture=None, **options):
        super().__init__(*args, **options)
        self.famille, self.compte, self.maintenant = famille, compte, maintenant
        self.impayees = list(Facture.objects.filter(famille=famille).impayees().order_by("mois"))
        self.fields["facture"].queryset = Facture.objects.filter(famille=famille).avec_reste().order_by("mois")
        self.fields["facture"].label_from_instance = dire_facture
        visee = next((f for f in self.impayees if facture is None or f.pk == facture), None)
        du = visee.reste if visee else solde_de(famille)
        self.fields["facture"].initial = visee
        self.fields["montant"].initial = du if du > 0 else None
        self.fields["recu_le"].initial = jour_de_paris(maintenant)
        self.fields["jeton"].initial = uuid.uuid4()
        self.garder_les_moyens(Regie.courante())

    def garder_les_moyens(self, regie):
        """Les titres ne se proposent qu'à une régie qui les accepte."""
        refuses = {moyen for moyen, oui in (("cesu", regie.titres_cesu), ("ancv", regie.titres_ancv)) if not oui}
        self.fields["moyen"].choices = [(m, nom) for m, nom in self.fields["moyen"].choices if m not in refuses]
        if len(refuses) == len(Reglement.TITRES):
            for nom in ("emetteur", "nombre", "valeur"):
                del self.fields[nom]

    def save(self):
        valeurs = self.cleaned_data
        dits = (valeurs.get("emetteur", "").strip(), valeurs.get("nombre"), valeurs.get("valeur"))
        return actions.encaisser(
            self.famille, valeurs["montant"], valeurs["moyen"], self.compte, self.maintenant,
            facture=valeurs["facture"], recu_le=valeurs["recu_le"], reference=valeurs["reference"],
            titres=dits if any(dits) else None, jeton=valeurs["jeton"],
        )  # fmt: skip


def dire_facture(facture):
    mois = date_format(facture.mois, "F Y")
    return f"{facture.reference}, {mois}, reste {regles.euros(facture.reste)}"


def dire_ligne(ligne):
    return f"{ligne.prenom}, {ligne.jour:%d/%m} : {ligne.texte}, {regles.euros(ligne.montant)}"


class AvoirForm(forms.Form):
    """Ce qu'on rend d'une facture : des lignes cochées, ou un montant, et pourquoi."""

    lignes = forms.ModelMultipleChoiceField(
        queryset=None, required=False, widget=forms.CheckboxSelectMultiple, label="Lignes à rendre en entier"
    )
    montant = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=regles.CENTIME, required=False, localize=True,
        label="Montant à rendre (€)", help_text="Vide : la somme des lignes cochées.",
    )  # fmt: skip
    motif = forms.CharField(max_length=300, label="Motif", help_text="La famille le lira.")
    jeton = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, facture, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.facture, self.compte, self.maintenant = facture, compte, maintenant
        self.disponible = reste_a_rendre(facture)
        self.fields["lignes"].queryset = facture.lignes.filter(rendue=None, corrections=None).order_by("pk")
        self.fields["lignes"].label_from_instance = dire_ligne
        self.fields["jeton"].initial = uuid.uuid4()

    def clean(self):
        valeurs = super().clean()
        if not valeurs.get("montant") and "montant" not in self.errors:
            valeurs["montant"] = sum((ligne.montant for ligne in valeurs.get("lignes", [])), regles.ZERO)
            if not valeurs["montant"]:
                self.add_error("montant", "Cochez des lignes, ou dites un montant.")
        return valeurs

    def save(self):
        valeurs = self.cleaned_data
        cochees = list(valeurs["lignes"])
        entieres = valeurs["montant"] == sum((ligne.montant for ligne in cochees), regles.ZERO)
        return actions.emettre_avoir(
            self.facture, valeurs["montant"], valeurs["motif"], self.compte, self.maintenant, valeurs["jeton"],
            lignes=cochees if entieres else (),
        )  # fmt: skip


class AnnulationForm(forms.Form):
    """Pourquoi un règlement ne compte plus."""

    motif = forms.CharField(max_length=300, label="Motif", help_text="Chèque rejeté, erreur de saisie…")

    def __init__(self, *args, reglement, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.reglement, self.compte, self.maintenant = reglement, compte, maintenant

    def save(self):
        return actions.annuler_reglement(self.reglement, self.cleaned_data["motif"], self.compte, self.maintenant)


class TrancherForm(forms.Form):
    """Ce que la régie décide d'un paiement en doute : l'argent est-il arrivé, et comment le sait-elle."""

    recu = forms.TypedChoiceField(
        label="D'après vos relevés", choices=[("oui", "l'argent est arrivé"), ("non", "l'argent n'est pas arrivé")],
        coerce=lambda mot: mot == "oui", empty_value=None, widget=forms.RadioSelect,
    )  # fmt: skip
    montant = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=regles.CENTIME, localize=True, required=False,
        label="Montant arrivé (€)", help_text="Vide : le montant demandé.",
    )  # fmt: skip
    recu_le = un_jour(label="Arrivé le", required=False)
    motif = forms.CharField(
        max_length=300, label="Ce que vous avez vérifié", help_text="La famille ne le lit pas ; l'historique le garde."
    )

    def __init__(self, *args, paiement, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.paiement, self.compte, self.maintenant = paiement, compte, maintenant
        self.fields["recu_le"].initial = jour_de_paris(maintenant)

    def save(self):
        valeurs = self.cleaned_data
        return actions.trancher(
            self.paiement, valeurs["recu"], valeurs["motif"], self.compte, self.maintenant,
            montant=valeurs["montant"], recu_le=valeurs["recu_le"],
        )  # fmt: skip


class ReconduireForm(forms.Form):
    """Le tarif suivant : son nom et son premier jour ; ou seulement un projet, que l'on compare avant de décider."""

    nom = forms.CharField(max_length=100, label="Nom")
    debut = un_jour(label="Valable à partir du")
    projet = forms.BooleanField(
        required=False, label="Un projet, à comparer", help_text="Il ne facture rien, et l'actuel continue."
    )

    def __init__(self, *args, tarif, **options):
        super().__init__(*args, **options)
        self.tarif = tarif
        self.fields["nom"].initial = tarif.nom
        if tarif.fin:
            self.fields["debut"].initial = tarif.fin + dt.timedelta(days=1)

    def save(self):
        valeurs = self.cleaned_data
        return actions.reconduire(self.tarif, valeurs["debut"], valeurs["nom"], valeurs["projet"])

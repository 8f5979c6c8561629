"""Les blocs d'un enfant : identité, école, santé, autorisations, qui vient le chercher, photo."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from commune.fichiers import ACCEPTE_PHOTO, nettoyer
from commune.models import Ecole
from commune.regles import jour_de_paris

from .. import actions
from ..actions.enfants import refuser_enfant_deja_la
from ..models import TELEPHONE, Autorisation, Enfant, FicheSanitaire
from ..regles import classes_de, en_capitales, peut_rentrer_seul, prenom_propre, verifier_naissance
from .groupe import nettoyer_le_groupe
from .roles import champ_roles, roles_de, verifier


class IdentiteForm(forms.ModelForm):
    class Meta:
        model = Enfant
        fields = ["nom", "prenom", "sexe", "date_naissance"]
        widgets = {
            "nom": forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
            "prenom": forms.TextInput({"autocomplete": "off"}),
            "sexe": forms.RadioSelect,
            "date_naissance": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args, famille, compte=None, precedent=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille = famille
        # Sans la ligne vide d'une liste, et avec une majuscule : ce sont deux cartes à toucher.
        self.fields["sexe"].choices = [(sexe, libelle.capitalize()) for sexe, libelle in Enfant.Sexe.choices]
        if not self.instance.pk:
            self.fields["nom"].initial = famille.nom

    def clean_nom(self):
        return en_capitales(self.cleaned_data["nom"])

    def clean_prenom(self):
        return prenom_propre(self.cleaned_data["prenom"])

    def clean_date_naissance(self):
        naissance = self.cleaned_data["date_naissance"]
        verifier_naissance(naissance, jour_de_paris(timezone.now()))
        return naissance

    def clean(self):
        super().clean()
        if {"nom", "prenom", "date_naissance"} <= self.cleaned_data.keys():
            # Dès la première étape : on n'apprend pas à la cinquième que l'enfant était déjà là.
            refuser_enfant_deja_la(self.famille, self.cleaned_data, sauf=self.instance if self.instance.pk else None)

    def save(self):
        return actions.modifier_enfant(self.instance, self.famille, **self.cleaned_data)


class EcoleForm(forms.ModelForm):
    class Meta:
        model = Enfant
        fields = ["ecole", "classe", "division"]
        labels = {"division": "Groupe ou enseignant (facultatif)"}
        widgets = {"division": forms.TextInput({"autocomplete": "off", "class": "moyen"})}

    def __init__(self, *args, famille, compte=None, precedent=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille = famille
        ecoles = Ecole.objects.ouvertes()
        if self.instance.ecole_id:
            ecoles = ecoles | Ecole.objects.filter(pk=self.instance.ecole_id)
        self.fields["ecole"].queryset = ecoles
        self.fields["ecole"].empty_label = "Une autre école, ou pas encore d'école"
        self.fields["classe"].choices = [("", "Choisissez la classe"), *Enfant.Classe.choices]
        self.fields["classe"].widget.attrs["class"] = "moyen"
        self.fields["division"].help_text = self._quand_dire_le_groupe()
        if self.instance.pk:
            self.fields[
                "ecole"
            ].help_text = "Ses inscriptions restent à son ancienne école : demandez aussi les nouvelles."

    def _quand_dire_le_groupe(self):
        niveau = self.instance.get_classe_display() or "classes de son niveau"
        phrase = f"S'il y a plusieurs {niveau} dans l'école : « A », « B » ou « Mme Petit »."
        efface = " Il s'efface quand l'enfant change de classe ou d'école." if self.instance.division else ""
        return phrase + efface

    def clean(self):
        super().clean()
        ecole, classe = self.cleaned_data.get("ecole"), self.cleaned_data.get("classe")
        if ecole and not classe and "classe" not in self.errors:
            self.add_error("classe", ValidationError("Choisissez la classe de l'enfant.", code="required"))
        if ecole and classe and classe not in classes_de(ecole.niveau):
            nom = Enfant.Classe(classe).label
            self.add_error(
                "classe",
                ValidationError(f"{ecole} n'a pas de {nom} : vérifiez l'école ou la classe.", code="pas_ici"),
            )
        nettoyer_le_groupe(self)

    def save(self):
        return actions.modifier_enfant(self.instance, self.famille, **self.cleaned_data)


def texte_libre(titre, aide):
    return forms.CharField(
        label=titre, help_text=aide, required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class SanteForm(forms.ModelForm):
    """La fiche sanitaire. Ni diagnostic, ni religion : ce que l'équipe doit faire, et rien de plus (CNIL)."""

    vue = forms.CharField(required=False, widget=forms.HiddenInput)
    allergies = texte_libre("Allergies", "À quoi, et que faire en cas de réaction. Vide s'il n'y en a pas.")
    regime = forms.ChoiceField(
        label="Repas",
        choices=[(regime, libelle.capitalize()) for regime, libelle in FicheSanitaire.Regime.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    pai = texte_libre(
        "Projet d'accueil individualisé (PAI)",
        "Si l'enfant en a un : ce que l'équipe doit faire. Le document s'envoie dans « Mes documents ».",
    )
    panier_repas = forms.BooleanField(label="Apporte son propre repas, comme le prévoit son PAI", required=False)
    medecin = forms.CharField(label="Médecin traitant", max_length=100, required=False)
    medecin_telephone = forms.CharField(
        label="Téléphone du médecin", max_length=20, required=False, validators=[TELEPHONE],
        widget=forms.TextInput({"type": "tel", "class": "moyen"}),
    )  # fmt: skip
    observations = texte_libre(
        "Autres précautions",
        "Lunettes, sommeil, gestes à connaître… N'écrivez ni diagnostic, ni nature d'un handicap.",
    )

    class Meta:
        model = FicheSanitaire
        fields = [
            "allergies", "regime", "pai", "panier_repas", "medecin", "medecin_telephone", "observations",
        ]  # fmt: skip

    def __init__(self, *args, famille, compte=None, precedent=None, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["vue"].initial = self.instance.modifiee_le.isoformat()

    def clean_vue(self):
        return parse_datetime(self.cleaned_data["vue"])

    def clean(self):
        super().clean()
        if self.cleaned_data.get("panier_repas") and not self.cleaned_data.get("pai"):
            self.add_error(
                "panier_repas",
                ValidationError(
                    "Un enfant n'apporte son repas que si un PAI le prévoit : dites ce qu'il demande.",
                    code="sans_pai",
                ),
            )

    def save(self):
        try:
            return actions.enregistrer_fiche(self.instance.enfant, **self.cleaned_data)
        except ValidationError:
            # Prévenu une fois, le parent a comparé : son second envoi vaut pour la fiche d'à présent.
            actuelle = FicheSanitaire.objects.get(enfant=self.instance.enfant)
            self.data = self.data.copy()
            self.data["vue"] = actuelle.modifiee_le.isoformat()
            raise


class AutorisationsForm(forms.Form):
    """Une réponse, oui ou non, à chaque question. Un enfant de maternelle ne rentre pas seul : on ne demande pas."""

    def __init__(self, *args, famille, compte=None, precedent=None, enfant=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfant, self.compte = enfant, compte
        classe = enfant.classe if enfant else (precedent or {}).get("classe", "")
        reponses = {a.genre: a.accordee for a in enfant.autorisations.en_vigueur()} if enfant else {}
        for genre, libelle in Autorisation.Genre.choices:
            if genre == Autorisation.Genre.SORTIE and not peut_rentrer_seul(classe):
                continue
            self.fields[genre] = forms.TypedChoiceField(
                label=f"Mon enfant peut {libelle}",
                choices=[("True", "Oui"), ("False", "Non")],
                coerce=lambda mot: mot == "True",
                initial=reponses.get(genre),
                widget=forms.RadioSelect,
                error_messages={"required": "Répondez par oui ou par non."},
            )

    def save(self):
        return actions.repondre(self.enfant, self.cleaned_data, self.compte, timezone.now())


class EntourageForm(forms.Form):
    """Pour un enfant, ce que peut chaque adulte du foyer."""

    def __init__(self, *args, famille, compte=None, precedent=None, enfant=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfant, self.compte = enfant, compte
        self.adultes = {f"adulte_{adulte.pk}": adulte for adulte in famille.adultes.actuels()}
        personnes = {p.adulte_id: p for p in enfant.personnes.de_la_famille(famille)} if enfant else {}
        for nom, adulte in self.adultes.items():
            # À l'ajout, on propose ce qui est presque toujours vrai : ses responsables viennent et sont prévenus.
            deja = roles_de(personnes.get(adulte.pk))
            if not enfant and adulte.responsable_legal:
                deja = ["recupere", "urgence"] if adulte.telephone or adulte.telephone_travail else ["recupere"]
            titre = f"{adulte} ({adulte.get_lien_display()})"
            self.fields[nom] = champ_roles(titre, adulte, deja)

    def clean(self):
        for nom, adulte in self.adultes.items():
            verifier(self, nom, adulte.telephone or adulte.telephone_travail)
        if not self.errors and not any("recupere" in self.cleaned_data[nom] for nom in self.adultes):
            raise ValidationError("Désignez au moins une personne qui peut venir chercher l'enfant.", code="personne")
        return self.cleaned_data

    @property
    def entourage(self):
        """``{adulte: {"recupere", …}}``, une fois le formulaire valide."""
        return {adulte: set(self.cleaned_data[nom]) for nom, adulte in self.adultes.items()}

    def save(self):
        roles = {(self.enfant, adulte): roles for adulte, roles in self.entourage.items()}
        actions.designer(roles, self.compte, timezone.now())


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label="Photo",
        help_text="JPEG, PNG ou HEIC. Elle sera recadrée en carré, et ce qu'elle sait du lieu et du jour effacé.",
        widget=forms.FileInput({"accept": ACCEPTE_PHOTO}),
        error_messages={"required": "Choisissez une photo."},
    )

    def __init__(self, *args, enfant, **kwargs):
        super().__init__(*args, **kwargs)
        self.enfant = enfant

    def clean_photo(self):
        return nettoyer([self.cleaned_data["photo"]], photo=True)

    def save(self):
        return actions.changer_photo(self.enfant, self.cleaned_data["photo"])

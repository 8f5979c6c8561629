"""Les blocs d'un adulte : identité, téléphones, ce qu'il peut pour chaque enfant."""

from django import forms
from django.utils import timezone

from .. import actions
from ..actions.adultes import refuser_adulte_deja_la
from ..models import Adulte, Civilite, Enfant
from ..regles import en_capitales, prenom_propre
from .roles import champ_roles, roles_de, verifier


class AdulteForm(forms.ModelForm):
    class Meta:
        model = Adulte
        fields = ["civilite", "nom", "prenom", "lien", "responsable_legal"]
        labels = {"lien": "Lien avec les enfants", "responsable_legal": "C'est un responsable légal des enfants"}
        help_texts = {
            "responsable_legal": "Père, mère ou tuteur : qui a l'autorité parentale et décide pour les enfants.",
        }
        widgets = {
            "civilite": forms.RadioSelect,
            "nom": forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
            "prenom": forms.TextInput({"autocomplete": "off"}),
            "lien": forms.Select({"class": "moyen"}),
        }

    def __init__(self, *args, famille, compte=None, precedent=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.famille = famille
        self.fields["civilite"].choices = Civilite.choices
        if not self.instance.pk:
            self.fields["lien"].initial = ""
            self.fields["lien"].choices = [("", "Choisissez le lien"), *Adulte.Lien.choices]

    def clean_nom(self):
        return en_capitales(self.cleaned_data["nom"])

    def clean_prenom(self):
        return prenom_propre(self.cleaned_data["prenom"])

    def clean(self):
        super().clean()
        if {"nom", "prenom", "lien"} <= self.cleaned_data.keys():
            refuser_adulte_deja_la(self.famille, self.cleaned_data, sauf=self.instance if self.instance.pk else None)

    def save(self):
        return actions.modifier_adulte(self.instance, **self.cleaned_data)


class TelephonesForm(forms.ModelForm):
    class Meta:
        model = Adulte
        fields = ["telephone", "telephone_travail"]
        labels = {"telephone": "Téléphone", "telephone_travail": "Téléphone au travail"}
        help_texts = {"telephone": "Celui que l'on appelle d'abord."}
        widgets = {
            "telephone": forms.TextInput({"type": "tel", "class": "moyen", "autocomplete": "off"}),
            "telephone_travail": forms.TextInput({"type": "tel", "class": "moyen", "autocomplete": "off"}),
        }

    def __init__(self, *args, famille, compte=None, precedent=None, **kwargs):
        super().__init__(*args, **kwargs)

    def save(self):
        return actions.modifier_telephones(self.instance, **self.cleaned_data)


class EnfantsForm(forms.Form):
    """Pour un adulte, ce qu'il peut pour chaque enfant du foyer."""

    def __init__(self, *args, famille, compte=None, precedent=None, adulte=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.adulte, self.compte = adulte, compte
        precedent = precedent or {}
        self.telephone = (
            (adulte.telephone or adulte.telephone_travail)
            if adulte
            else (precedent.get("telephone") or precedent.get("telephone_travail"))
        )
        self.enfants_du_foyer = {f"enfant_{e.pk}": e for e in Enfant.objects.de_la_famille(famille)}
        personnes = {p.enfant_id: p for p in adulte.enfants_confies.en_cours()} if adulte else {}
        for nom, enfant in self.enfants_du_foyer.items():
            self.fields[nom] = champ_roles(f"Pour {enfant}", adulte, roles_de(personnes.get(enfant.pk)))

    def clean(self):
        for nom in self.enfants_du_foyer:
            verifier(self, nom, self.telephone)
        return self.cleaned_data

    @property
    def enfants(self):
        """``{enfant: {"recupere", …}}``, une fois le formulaire valide."""
        return {enfant: set(self.cleaned_data[nom]) for nom, enfant in self.enfants_du_foyer.items()}

    def save(self):
        roles = {(enfant, self.adulte): roles for enfant, roles in self.enfants.items()}
        actions.designer(roles, self.compte, timezone.now())

"""Les cases « peut venir chercher », « à prévenir », « interdit » d'un adulte pour un enfant."""

from django import forms
from django.core.exceptions import ValidationError

from ..regles import verifier_roles

ROLES = [
    ("recupere", "Peut venir chercher"),
    ("urgence", "À prévenir en cas d'urgence"),
    ("interdit", "Ne doit pas approcher"),
]


def champ_roles(titre, adulte=None, deja=()):
    """Trois cases à cocher. Qui a un compte ne s'interdit pas d'ici : cela passe par la mairie."""
    choix = ROLES
    if adulte and adulte.compte_id and "interdit" not in deja:
        choix = ROLES[:2]
    return forms.MultipleChoiceField(
        label=titre, choices=choix, required=False, initial=list(deja), widget=forms.CheckboxSelectMultiple
    )


def roles_de(personne):
    """Les mots d'une ``PersonneAutorisee``, ou rien."""
    return [mot for mot, _ in ROLES if personne and getattr(personne, mot)]


def verifier(form, nom, telephone):
    """Range le refus de ``verifier_roles`` à côté des cases du champ ``nom``."""
    try:
        verifier_roles(form.cleaned_data.get(nom, []), telephone)
    except ValidationError as refus:
        form.add_error(nom, refus)

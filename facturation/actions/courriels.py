"""Écrire à la régie."""

from django.contrib.auth import get_user_model

from commune.actions import envoyer_courriel
from commune.contexte import courante


def ecrire_a_la_regie(droit, gabarit, contexte):
    """Écrit aux comptes de la mairie à qui leur groupe donne ce ``droit`` de la facturation ; à défaut, à la commune.

    Un seul courriel, entre collègues. Sans aucune adresse, personne ne le lit : la première page le dit aussi.
    """
    comptes = get_user_model().objects.filter(
        groups__permissions__codename=droit, groups__permissions__content_type__app_label="facturation",
        is_active=True, is_staff=True,
    )  # fmt: skip
    a = list(comptes.order_by("email").values_list("email", flat=True).distinct())
    a = a or [adresse for adresse in [courante().courriel] if adresse]
    if a:
        envoyer_courriel(gabarit, a, contexte)

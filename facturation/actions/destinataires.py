"""À qui écrire à la régie."""

from django.contrib.auth import get_user_model


def qui_peut(droit):
    """Les adresses des comptes de la mairie à qui leur groupe donne ce ``droit`` de la facturation."""
    comptes = get_user_model().objects.filter(
        groups__permissions__codename=droit, groups__permissions__content_type__app_label="facturation",
        is_active=True, is_staff=True,
    )  # fmt: skip
    return list(comptes.order_by("email").values_list("email", flat=True).distinct())

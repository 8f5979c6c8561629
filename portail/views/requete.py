"""Ce que plusieurs vues lisent d'une requête."""

import ipaddress

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portail import regles


def adresse_du_portail(request):
    """« https://famille.ville.fr », sans barre finale : le début des liens que l'on envoie."""
    return settings.ADRESSE or request.build_absolute_uri("/").rstrip("/")


def adresse_ip(request):
    """L'adresse IP du visiteur, ou ``None`` derrière un socket qui n'en donne pas."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def reseau(request):
    """Ce que comptent les limites, les nôtres et celles d'axes : voir ``regles.reseau``. ``None`` sans adresse."""
    return regles.reseau(request.META.get("REMOTE_ADDR", "")) or None


def suite(request):
    """La page où aller ensuite : celle que l'adresse demande si elle est chez nous, sinon l'accueil."""
    demandee = request.POST.get("next") or request.GET.get("next") or ""
    chez_nous = url_has_allowed_host_and_scheme(demandee, {request.get_host()}, require_https=request.is_secure())
    if chez_nous and demandee.startswith("/"):  # « abc » passerait pour le nom d'une page, qui n'existe pas
        return demandee
    return reverse("accueil")


def statut(form):
    """429 si le formulaire a été refusé pour trop d'essais, sinon 200."""
    return 429 if form.has_error(NON_FIELD_ERRORS, "trop") else 200


def passe(form, action, *args, **kwargs):
    """Fait l'action, ou en range le refus dans le formulaire ; vrai si elle est faite."""
    try:
        action(*args, **kwargs)
    except ValidationError as erreur:
        form.add_error(None, erreur)
        return False
    return True


def refus(action, *args):
    """La phrase par laquelle l'action refuse, ou ``None`` si elle est faite."""
    try:
        action(*args)
    except ValidationError as erreur:
        return erreur.messages[0]
    return None

"""Écrire aux parents d'un foyer."""

from commune.actions import envoyer_courriel

from ..models import Adulte


def ecrire_aux_foyers(gabarit, contextes, envoi=""):
    """Écrit à chaque parent de ces foyers qui a un compte : ``{foyer (sa clé): contexte du courriel}``.

    Chacun reçoit le sien : deux parents n'apprennent pas l'adresse l'un de l'autre. Une requête pour les adresses.
    ``envoi`` est celui d'``envoyer_courriel``. Rend le nombre de courriels.
    """
    parents = Adulte.objects.actuels().filter(famille__in=contextes, compte__is_active=True).order_by("famille", "pk")
    adresses = list(parents.values_list("famille", "compte__email"))
    for foyer, adresse in adresses:
        envoyer_courriel(gabarit, [adresse], contextes[foyer], envoi=envoi)
    return len(adresses)

"""Écrire aux parents d'un foyer."""

from commune.actions import envoyer_courriel

from ..models import Adulte


def ecrire_aux_foyers(gabarit, contextes):
    """Écrit à chaque parent de ces foyers qui a un compte : ``{foyer (sa clé): contexte du courriel}``.

    Chacun reçoit le sien : deux parents n'apprennent pas l'adresse l'un de l'autre. Une requête pour les adresses.
    """
    parents = Adulte.objects.actuels().filter(famille__in=contextes, compte__is_active=True).order_by("famille", "pk")
    for foyer, adresse in parents.values_list("famille", "compte__email"):
        envoyer_courriel(gabarit, [adresse], contextes[foyer])

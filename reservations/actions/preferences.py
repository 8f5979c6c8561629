"""Ce qu'un parent choisit de recevoir, et l'adresse secrète de son agenda."""

from django.core import signing
from django.db import transaction

from ..models import Preferences, RappelEnvoye

DESABONNER, AGENDA = "reservations.desabonner", "reservations.agenda"  # les sels de nos signatures


def jeton_de_desabonnement(compte, genre):
    """Ce qu'un lien de courriel porte pour se désabonner sans mot de passe ; il ne permet rien d'autre."""
    return signing.dumps([compte.pk, str(genre)], salt=DESABONNER, compress=True)


def lire_desabonnement(jeton):
    """``(clé du compte, genre)``. Lève ``signing.BadSignature`` si ce jeton n'est pas de nous."""
    compte, genre = signing.loads(jeton, salt=DESABONNER)
    return compte, RappelEnvoye.Genre(genre)


@transaction.atomic
def regler(compte, **choix):
    """Écrit ce que ce parent veut recevoir : ``rappel_limite``, ``resume_dimanche``."""
    Preferences.objects.update_or_create(compte=compte, defaults=choix)


@transaction.atomic
def ouvrir_agenda(compte):
    """Donne à ce parent une adresse d'agenda neuve ; l'ancienne, s'il y en avait une, ne répond plus."""
    Preferences.objects.get_or_create(compte=compte)
    preferences = Preferences.objects.select_for_update().get(compte=compte)
    preferences.agenda, preferences.agenda_ouvert = preferences.agenda + 1, True
    preferences.save()
    return preferences


@transaction.atomic
def fermer_agenda(compte):
    """L'adresse de l'agenda ne répond plus ; en ouvrir un donnera une autre adresse."""
    Preferences.objects.filter(compte=compte).update(agenda_ouvert=False)


def jeton_d_agenda(preferences):
    """Le secret de l'adresse : le compte et sa version, signés. Rien n'est à garder en base qui puisse fuir."""
    return signing.dumps([preferences.compte_id, preferences.agenda], salt=AGENDA, compress=True)


def lire_jeton_d_agenda(jeton):
    """``(clé du compte, version)``. Lève ``signing.BadSignature`` si ce jeton n'est pas de nous."""
    return tuple(signing.loads(jeton, salt=AGENDA))

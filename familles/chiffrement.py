"""Les champs de santé, chiffrés avant d'atteindre la base (RGPD, art. 9 et 32).

La clé est celle de ``settings.CLES_FICHES`` : la première chiffre, toutes déchiffrent (rotation).
Une clé fausse lève ``InvalidToken`` : mieux vaut une page en erreur qu'une allergie illisible en silence.
Après avoir mis une nouvelle clé en tête, ``manage.py rechiffrer`` refait tout avec elle.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _coffre(cles):
    return MultiFernet([Fernet(cle) for cle in cles])


def coffre():
    return _coffre(tuple(settings.CLES_FICHES))


class TexteChiffre(models.TextField):
    """Un texte chiffré en base, en clair en Python. Ni cherché, ni trié : la base ne le lit pas."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return coffre().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value, expression, connection):
        return coffre().decrypt(value.encode()).decode() if value else value

    def get_lookup(self, lookup_name):
        if lookup_name not in ("isnull",):
            raise TypeError("Un champ chiffré ne se compare pas en base.")
        return super().get_lookup(lookup_name)

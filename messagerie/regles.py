"""Règles de la messagerie. Fonctions pures."""

import datetime as dt

SILENCE = dt.timedelta(hours=1)


def faut_il_prevenir(precedent, maintenant):
    """Vrai s'il faut un courriel pour un nouveau message ; ``precedent`` est l'instant du dernier qui attend, ou rien.

    Trois phrases envoyées coup sur coup ne font qu'un courriel ; un message resté sans lecteur en fait un autre.
    """
    return precedent is None or maintenant - precedent >= SILENCE

"""Contester une ligne : jusqu'à quand, et quand la mairie doit répondre."""

import datetime as dt

from commune.regles import jour_de_paris

CONTESTER, REPONDRE = 60, 15  # jours, quand la régie n'en dit pas d'autres


def contestable_jusqu_au(emise_le, delai):
    """Le dernier jour (date de Paris, compris) où une ligne se conteste, ``delai`` jours après l'émission."""
    return jour_de_paris(emise_le) + dt.timedelta(days=delai)


def se_conteste(emise_le, delai, jour):
    """Vrai si une ligne se conteste encore à cette date de Paris."""
    return jour <= contestable_jusqu_au(emise_le, delai)


def repondre_avant(envoyee_le, delai):
    """Le jour (date de Paris, compris) où la mairie doit avoir répondu."""
    return jour_de_paris(envoyee_le) + dt.timedelta(days=delai)

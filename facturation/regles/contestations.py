"""Contester une ligne : jusqu'à quand, et quand la mairie doit répondre, ses questions déduites."""

import datetime as dt

from commune.regles import jour_de_paris

CONTESTER, REPONDRE = 60, 15  # jours, quand la régie n'en dit pas d'autres
SANS_REPONSE = 30  # jours après lesquels une question à la famille remonte en tête de la liste
OUVERTES = ("envoyee", "question")  # les états d'où l'on décide : la mairie doit répondre, ou la famille


def contestable_jusqu_au(emise_le, delai):
    """Le dernier jour (date de Paris, compris) où une ligne se conteste, ``delai`` jours après l'émission."""
    return jour_de_paris(emise_le) + dt.timedelta(days=delai)


def se_conteste(emise_le, delai, jour):
    """Vrai si une ligne se conteste encore à cette date de Paris."""
    return jour <= contestable_jusqu_au(emise_le, delai)


def repondre_avant(envoyee_le, delai):
    """Le jour (date de Paris, compris) où la mairie doit avoir répondu."""
    return jour_de_paris(envoyee_le) + dt.timedelta(days=delai)


def repousser(avant, question_le, reponse_le):
    """Le nouveau jour (date de Paris, compris) où la mairie doit avoir répondu : le délai n'a pas couru de sa question
    à la réponse de la famille (deux instants).
    """
    return avant + (jour_de_paris(reponse_le) - jour_de_paris(question_le))


def sans_reponse(question, jour):
    """Vrai si une question posée le jour ``question`` attend encore, trente jours passés, à la date ``jour``."""
    return jour > question + dt.timedelta(days=SANS_REPONSE)

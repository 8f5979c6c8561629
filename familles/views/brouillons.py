"""Les ajouts commencés, gardés dans la session : on peut revenir en arrière, ou demain, sans rien retaper.

Une session s'écrit en clair dans la base ; un brouillon porte de la santé, donc il y est chiffré. Chacun a son
jeton, si bien que deux onglets ne se mélangent pas.
"""

import json

from cryptography.fernet import InvalidToken

from ..chiffrement import coffre

CLE = "brouillons"
GARDES = 5  # par session : au-delà, le plus ancien s'efface


def tous(request):
    """Les brouillons de cette session : ``{jeton: {"genre", "donnees", "faites"}}``, du plus ancien au plus récent."""
    try:
        return json.loads(coffre().decrypt(request.session[CLE].encode()))
    except (KeyError, InvalidToken):  # une clé retirée depuis : le brouillon est perdu, pas la session
        return {}


def lire(request, jeton, genre):
    return tous(request).get(str(jeton)) or {"genre": genre, "donnees": {}, "faites": []}


def garder(request, jeton, brouillon):
    brouillons = tous(request)
    brouillons.pop(str(jeton), None)
    brouillons[str(jeton)] = brouillon
    _ecrire(request, dict(list(brouillons.items())[-GARDES:]))


def oublier(request, jeton):
    brouillons = tous(request)
    if brouillons.pop(str(jeton), None) is not None:
        _ecrire(request, brouillons)


def _ecrire(request, brouillons):
    request.session[CLE] = coffre().encrypt(json.dumps(brouillons).encode()).decode()

"""Les requêtes que tout le monde pose : Django n'en compose le SQL qu'une fois par processus."""

import datetime as dt
from functools import cache

# Des places à remplir dans une requête déjà écrite : ni numéro de la base, ni jour que l'on vivra.
PLACES = {int: -1, dt.date: dt.date.min}


def poser(composer, *valeurs):
    """Les objets de la requête que compose ``composer(*valeurs)``, en n'en composant le SQL qu'une fois.

    Composer prend à Django jusqu'à dix fois le temps de répondre. ``valeurs`` : une clé, une date, chacune une fois
    au plus. Une annotation revient telle que la base la donne : un champ chiffré reste chiffré, rien n'est joint.
    """
    modele, sql, parametres = _sql(composer, tuple(map(type, valeurs)))
    places = {PLACES[type(valeur)]: valeur for valeur in valeurs}
    return list(modele.objects.raw(sql, [places.get(parametre, parametre) for parametre in parametres]))


@cache
def _sql(composer, types):
    lignes = composer(*(PLACES[type] for type in types))
    return lignes.model, *lignes.query.sql_with_params()

"""Les requêtes que tout le monde pose, et celles qui portent sur mille clés : composées à peu de frais."""

import datetime as dt
from copy import copy
from functools import cache

from django.db import connections
from django.db.models.expressions import RawSQL
from django.http import Http404


def parmi(cles):
    """À donner à ``__in`` quand les clés (entières) sont des centaines : un seul tableau pour PostgreSQL.

    Autant de paramètres que de clés prendraient plus de temps à Django et au pilote que la requête à la base.
    """
    return RawSQL("SELECT unnest(%s::bigint[])", [list(cles)])


def poser(composer, *valeurs):
    """Les objets de la requête que compose ``composer(*valeurs)``, en n'en composant le SQL qu'une fois.

    Composer prend à Django jusqu'à dix fois le temps de répondre. ``valeurs`` : des clés, des dates, des instants ;
    ``composer`` est une fonction du module, et ne regarde pas ce qu'elles valent. Objets joints, annotations et champs
    chiffrés reviennent comme d'une requête ordinaire.
    """
    modele, compilateur, sql, parametres, convertisseurs = _composee(composer, tuple(map(type, valeurs)))
    places = dict(zip(_places(map(type, valeurs)), valeurs, strict=True))
    remplis = [places.get(parametre, parametre) for parametre in parametres]
    # Le compilateur sait relire ce que la base rend. Le nôtre est une copie : un autre fil se sert du même modèle.
    compilateur = copy(compilateur)
    compilateur.connection, compilateur.as_sql = connections[compilateur.using], lambda *args, **options: (sql, remplis)
    compilateur.get_converters = lambda expressions: convertisseurs
    lignes = modele.all()
    lignes.query.get_compiler = lambda *args, **options: compilateur
    return list(lignes)


def poser_ou_404(composer, *valeurs):
    """Le premier des objets de ``poser``, comme ``get_object_or_404`` ; lève ``Http404`` s'il n'y en a pas."""
    for trouve in poser(composer, *valeurs):
        return trouve
    raise Http404


@cache
def _composee(composer, types):
    lignes = composer(*_places(types))
    compilateur = lignes.query.get_compiler(lignes.db)
    sql, parametres = compilateur.as_sql()
    return lignes, compilateur, sql, parametres, compilateur.get_converters([choix[0] for choix in compilateur.select])


def _places(types):
    """De quoi tenir la place de chaque valeur : ni numéro, ni clé, ni jour que l'on vivra, et jamais deux fois."""
    return [_PLACE[type](rang) for rang, type in enumerate(types, 1)]


_PLACE = {
    int: lambda rang: -rang,
    str: lambda rang: f"\0{rang}",
    dt.date: lambda rang: dt.date.min + dt.timedelta(days=rang),
    dt.datetime: lambda rang: dt.datetime.min.replace(tzinfo=dt.UTC) + dt.timedelta(days=rang),
}

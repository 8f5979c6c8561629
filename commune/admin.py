"""La commune dans l'administration."""

from django.db.models import Q

from .regles import replier


def chercher(queryset, terme, *chemins):
    """Les lignes où chaque mot de ``terme`` se trouve dans l'une des colonnes ``cle``, sans accents ni casse.

    ``chemins`` mène à ces colonnes : ``"cle"``, ``"adultes__cle"``. À rendre par ``get_search_results`` :
    ``return chercher(queryset, search_term, "cle", "adultes__cle"), True`` (vrai : des doublons sont possibles).
    """
    for mot in replier(terme).split():
        trouve = Q()
        for chemin in chemins:
            trouve |= Q(**{f"{chemin}__contains": mot})
        queryset = queryset.filter(trouve)
    return queryset

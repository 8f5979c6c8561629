"""Entrer par la famille : l'enfant d'un autre foyer n'existe pas."""

from dataclasses import dataclass

from django.http import Http404
from django.utils.dateparse import parse_date

from ..models import foyers_du_compte


@dataclass(slots=True)
class Foyer:
    """Le foyer qui réserve et ses enfants, l'aîné d'abord ; ``enfant`` est celui que l'on a demandé, ou ``None``."""

    enfant: object
    famille: object
    fratrie: list


def foyer_du_compte(request):
    """Le foyer de ce compte, en une requête ; ``None`` s'il n'a pas encore d'enfant."""
    rattachements = list(foyers_du_compte(request.user))
    return Foyer(None, rattachements[0].famille, [r.enfant for r in rattachements]) if rattachements else None


def foyer_de(request, pk):
    """Le foyer de ce compte et son enfant ``pk``, en une requête. ``Http404`` si l'enfant n'est pas de ce foyer."""
    foyer = foyer_du_compte(request)
    for enfant in foyer.fratrie if foyer else ():
        if enfant.pk == pk:
            foyer.enfant = enfant
            return foyer
    raise Http404


def jour_demande(request, defaut):
    """La date de l'adresse (``?jour=2026-09-01``) ; ``defaut`` si elle manque ou n'existe pas."""
    try:
        jour = parse_date(request.GET.get("jour", ""))
    except ValueError:
        return defaut
    # Les bords du calendrier n'ont ni veille ni lendemain.
    return jour if jour and 2000 < jour.year < 2200 else defaut

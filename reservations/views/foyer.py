"""Entrer par la famille : l'enfant d'un autre foyer n'existe pas."""

from dataclasses import dataclass

from django.http import Http404
from django.utils.dateparse import parse_date

from ..models import foyers_du_compte


@dataclass(slots=True)
class Foyer:
    """L'enfant demandé, le foyer qui réserve pour lui, et ses frères et sœurs (lui compris)."""

    enfant: object
    famille: object
    fratrie: list


def foyer_de(request, pk):
    """Le foyer de ce compte et son enfant ``pk``, en une requête. ``Http404`` si l'enfant n'est pas de ce foyer."""
    rattachements = list(foyers_du_compte(request.user))
    for rattachement in rattachements:
        if rattachement.enfant_id == pk:
            return Foyer(rattachement.enfant, rattachement.famille, [r.enfant for r in rattachements])
    raise Http404


def jour_demande(request, defaut):
    """La date de l'adresse (``?jour=2026-09-01``) ; ``defaut`` si elle manque ou n'existe pas."""
    try:
        jour = parse_date(request.GET.get("jour", ""))
    except ValueError:
        return defaut
    # Les bords du calendrier n'ont ni veille ni lendemain.
    return jour if jour and 2000 < jour.year < 2200 else defaut

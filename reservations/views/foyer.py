"""Entrer par la famille : l'enfant d'un autre foyer n'existe pas."""

from dataclasses import dataclass, field

from django.http import Http404

from commune.regles import lire_jour

from ..models import foyers_du_compte


@dataclass(slots=True)
class Foyer:
    """Le foyer qui réserve et ses enfants, l'aîné d'abord ; ``enfant`` est celui que l'on a demandé, ou ``None``."""

    enfant: object
    famille: object
    fratrie: list
    annonces: list = field(default_factory=list)  # les événements à lui dire, si on les a demandés


def foyer_du_compte(request, annonces_du=None):
    """Le foyer de ce compte, en une requête ; ``None`` s'il n'a pas encore d'enfant.

    ``annonces_du`` (date de Paris) y joint ce que le bandeau lui dit ce jour-là.
    """
    rattachements = foyers_du_compte(request.user, annonces_du)
    if not rattachements:
        return None
    premier = rattachements[0]
    return Foyer(None, premier.famille, [r.enfant for r in rattachements], premier.annonces if annonces_du else [])


def foyer_de(request, pk, annonces_du=None):
    """Le foyer de ce compte et son enfant ``pk``, en une requête. ``Http404`` si l'enfant n'est pas de ce foyer."""
    foyer = foyer_du_compte(request, annonces_du)
    for enfant in foyer.fratrie if foyer else ():
        if enfant.pk == pk:
            foyer.enfant = enfant
            return foyer
    raise Http404


def jour_demande(request, defaut):
    """La date de l'adresse (``?jour=2026-09-01``) ; ``defaut`` si elle manque ou n'existe pas."""
    return lire_jour(request.GET.get("jour")) or defaut

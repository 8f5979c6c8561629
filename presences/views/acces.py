"""Qui entre ici. Un parent n'y entre pas : sans le droit de pointer, 403 ; un enfant hors de la liste, 404."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404

from familles.models import Enfant
from reservations.models import Seance

from ..models import ligne_de

agents = permission_required("presences.add_pointage", raise_exception=True)
lecteurs = permission_required("presences.view_pointage", raise_exception=True)


def seance_ou_404(pk):
    return get_object_or_404(Seance.objects.select_related("activite__site"), pk=pk)


def ligne_ou_404(seance, pk):
    """La ligne d'un enfant de cette séance. Un agent lit les enfants qu'il garde, pas ceux de toute la ville."""
    ligne = ligne_de(seance, get_object_or_404(Enfant, pk=pk))
    if ligne is None:
        raise Http404
    return ligne

"""Ce qui a été changé, par qui et quand : la famille lit les mêmes lignes que la mairie."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import regles
from ..models import Mouvement
from .foyer import foyer_de

PAR_PAGE = 50


@require_safe
def journal(request, pk):
    """Le journal d'un enfant, le plus récent d'abord, un bloc par enregistrement."""
    foyer = foyer_de(request, pk)
    mouvements = Mouvement.objects.filter(reservation__enfant=foyer.enfant, reservation__famille=foyer.famille)
    page = Paginator(mouvements.complets(), PAR_PAGE).get_page(request.GET.get("page"))
    contexte = {
        "foyer": foyer, "enfant": foyer.enfant, "page": page, "vue": "journal",
        "blocs": [_bloc(list(lot), request.user, timezone.now()) for _, lot in groupby(page, lambda m: m.lot)],
    }  # fmt: skip
    return render(request, "reservations/journal.html", contexte)


@require_safe
def recu(request, lot):
    """Le reçu d'un enregistrement, pour les enfants de ce foyer ; il s'imprime."""
    mouvements = list(
        Mouvement.objects.filter(lot=lot).du_compte(request.user).complets().order_by("reservation__seance__jour", "pk")
    )
    if not mouvements:
        raise Http404
    contexte = {"bloc": _bloc(mouvements, request.user, timezone.now()), "enfant": mouvements[0].reservation.enfant}
    return render(request, "reservations/recu.html", contexte)


def _bloc(mouvements, compte, maintenant):
    """Des mouvements d'un même enregistrement, regroupés pour être lus."""
    premier = mouvements[0]
    return {
        "lot": premier.lot,
        "numero": str(premier.lot)[:8].upper(),
        "instant": premier.instant,
        "par": _auteur(premier, compte),
        "motifs": sorted({m.motif for m in mouvements if m.motif}),
        "groupes": regles.regrouper(
            regles.Ligne(
                m.reservation.enfant.prenom, m.reservation.seance.activite.nom, m.reservation.seance.jour, m.verbe
            )
            for m in mouvements
        ),
    }


def _auteur(mouvement, compte):
    """Un parent du foyer par son prénom ; la mairie comme un seul nom, l'agent n'est pas l'affaire des familles."""
    if mouvement.compte_id == compte.pk:
        return "vous"
    if mouvement.origine == Mouvement.Origine.PARENT and mouvement.compte:
        return mouvement.compte.prenom or "un parent"
    return mouvement.get_origine_display()

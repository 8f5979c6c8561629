"""Ce qui a été changé, par qui et quand : la famille lit les mêmes lignes que la mairie."""

from collections import defaultdict

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import regles
from ..models import Mouvement
from .foyer import foyer_de

PAR_PAGE = 20


@require_safe
def journal(request, pk):
    """Le journal d'un enfant, le plus récent d'abord, un bloc par enregistrement."""
    foyer = foyer_de(request, pk)
    siens = Mouvement.objects.filter(reservation__enfant=foyer.enfant, famille=foyer.famille)
    lots = siens.order_by().values("lot").annotate(dernier=Max("pk")).order_by("-dernier").values_list("lot", flat=True)
    page = Paginator(lots, PAR_PAGE).get_page(request.GET.get("page"))
    mouvements = defaultdict(list)
    for mouvement in siens.filter(lot__in=list(page)).complets():
        mouvements[mouvement.lot].append(mouvement)
    contexte = {
        "foyer": foyer, "enfant": foyer.enfant, "page": page, "vue": "journal",
        "blocs": [_bloc(mouvements[lot], request.user) for lot in page],
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
    contexte = {"bloc": _bloc(mouvements, request.user), "enfant": mouvements[0].reservation.enfant}
    return render(request, "reservations/recu.html", contexte)


def _bloc(mouvements, compte):
    """Des mouvements d'un même enregistrement, regroupés pour être lus."""
    premier = mouvements[0]
    return {
        "lot": premier.lot,
        "numero": premier.numero,
        "instant": premier.instant,
        "par": _auteur(premier, compte),
        "de_la_famille": premier.origine == Mouvement.Origine.PARENT,
        "motifs": sorted({m.motif for m in mouvements if m.motif}),
        "groupes": regles.regrouper(
            regles.Ligne(
                m.reservation.enfant.prenom, m.reservation.seance.activite.nom, m.reservation.seance.jour, m.verbe
            )
            for m in mouvements
        ),
    }


def _auteur(mouvement, compte):
    """Un parent du foyer par son prénom ; la mairie comme un seul nom, l'agent n'est pas l'affaire des familles.

    Un jour que l'autre foyer a cédé par un échange le dit, mais pas le nom de qui l'a cédé.
    """
    if mouvement.compte_id == compte.pk:
        return "vous"
    if mouvement.origine == Mouvement.Origine.PARENT and mouvement.compte:
        adulte = getattr(mouvement.compte, "adulte", None)
        if adulte and adulte.famille_id != mouvement.famille_id:
            return "l'autre foyer"
        return mouvement.compte.prenom or "un parent"
    return mouvement.get_origine_display()

"""Le reçu d'un règlement : une page et un PDF, pour la famille ; le même PDF pour la mairie."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.pdf import servir_pdf

from .. import attestations
from ..models import Reglement, payees_par


@require_safe
def recu(request, pk):
    """Ce que la mairie a reçu, et ce que cela a payé."""
    reglement = get_object_or_404(Reglement.objects.du_compte(request.user).select_related("famille"), pk=pk)
    return render(request, "facturation/recu.html", contexte_du_recu(reglement))


@require_safe
def recu_pdf(request, pk):
    valables = Reglement.objects.du_compte(request.user).valables().select_related("famille")
    return rendre_recu(get_object_or_404(valables, pk=pk))


def rendre_recu(reglement):
    return servir_pdf(f"recu-{reglement.recu_numero}.pdf", attestations.recu(reglement, timezone.now()))


def contexte_du_recu(reglement):
    payees = [] if reglement.annule_le else payees_par(reglement)
    return {"recu": reglement, "payees": payees, "avance": reglement.montant - sum(somme for _, somme in payees)}

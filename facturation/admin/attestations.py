"""Les attestations d'une famille, faites par la mairie."""

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from familles.models import Enfant, Famille

from ..models import Facture
from ..views.attestations import choix, rendre_fiscale, rendre_paiement, rendre_presence

lit = permission_required("facturation.view_facture", raise_exception=True)
PAGE = "admin:facturation_attestations"


@require_safe
@lit
def choisir(request, famille):
    famille = get_object_or_404(Famille, pk=famille)
    contexte = {"title": f"Attestations – {famille}", "famille": famille} | choix(famille, timezone.now())
    return render(request, "facturation/admin/attestations.html", admin.site.each_context(request) | contexte)


@require_safe
@lit
def fiscale(request, famille):
    return rendre_fiscale(request, get_object_or_404(Famille, pk=famille))


@require_safe
@lit
def presence(request, famille, enfant):
    famille = get_object_or_404(Famille, pk=famille)
    enfant = get_object_or_404(Enfant.objects.de_la_famille(famille), pk=enfant)
    return rendre_presence(request, famille, enfant, PAGE, famille.pk)


@require_safe
@lit
def paiement(request, pk):
    facture = get_object_or_404(Facture.objects.avec_reste().select_related("famille"), pk=pk)
    return rendre_paiement(request, facture, "admin:facturation_facture_change", pk)


def adresses(vue):
    """Les adresses de ces pages, sous celle des factures ; ``vue`` est le gardien de l'administration."""
    presences = "attestations/<int:famille>/presence/<int:enfant>/"
    return [
        path("attestations/<int:famille>/", vue(choisir), name="facturation_attestations"),
        path("attestations/<int:famille>/fiscale/", vue(fiscale), name="facturation_attestation_fiscale"),
        path(presences, vue(presence), name="facturation_attestation_presence"),
        path("<int:pk>/attestation/", vue(paiement), name="facturation_attestation_paiement"),
    ]

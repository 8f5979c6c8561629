"""Les attestations d'une famille : fiscale, de présence, de paiement. Chacune est un PDF fait à la demande."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.pdf import servir_pdf
from familles.models import Enfant, Famille

from .. import attestations
from ..forms import FiscaleForm, PresenceForm
from ..models import Facture
from ..regles import euros


@require_safe
def choisir(request):
    """Mes attestations : l'année, l'enfant et la période, les factures payées."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    return render(request, "facturation/attestations.html", choix(famille, timezone.now()))


def choix(famille, maintenant):
    """Ce qu'offre la page des attestations d'un foyer, à lui comme à la mairie."""
    enfants = Enfant.objects.de_la_famille(famille).order_by("date_naissance", "pk")
    payees = Facture.objects.filter(famille=famille).soldees()
    return {
        "fiscale": FiscaleForm(famille=famille, maintenant=maintenant),
        "presences": [PresenceForm(enfant=enfant, maintenant=maintenant) for enfant in enfants],
        "payees": list(payees.order_by("-mois", "-numero")[:24]),
    }


@require_safe
def fiscale(request):
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    return rendre_fiscale(request, famille)


@require_safe
def presence(request, pk):
    """Les jours où cet enfant est venu, pour ce foyer."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    enfant = get_object_or_404(Enfant.objects.de_la_famille(famille), pk=pk)
    return rendre_presence(request, famille, enfant, "facturation:attestations")


@require_safe
def paiement(request, pk):
    facture = get_object_or_404(Facture.objects.du_compte(request.user).avec_reste().select_related("famille"), pk=pk)
    return rendre_paiement(request, facture, "facturation:facture", facture.pk)


# --- Les mêmes, pour la famille et pour la mairie -------------------------------------------------------------------
def rendre_fiscale(request, famille):
    maintenant = timezone.now()
    annee = FiscaleForm(request.GET or None, famille=famille, maintenant=maintenant).choix()
    return servir_pdf(f"attestation-fiscale-{annee}.pdf", attestations.fiscale(famille, annee, maintenant))


def rendre_presence(request, famille, enfant, *retour):
    maintenant = timezone.now()
    form = PresenceForm(request.GET, enfant=enfant, maintenant=maintenant)
    if not form.is_valid():
        messages.error(request, f"{enfant} : {' '.join(m for liste in form.errors.values() for m in liste)}")
        return redirect(*retour)
    du, au = form.cleaned_data["du"], form.cleaned_data["au"]
    octets = attestations.presence(famille, enfant, du, au, maintenant)
    return servir_pdf(f"attestation-presence-{du}-{au}.pdf", octets)


def rendre_paiement(request, facture, *retour):
    if facture.reste > 0:
        messages.info(
            request, f"Il reste {euros(facture.reste)} à payer : l'attestation de paiement viendra ensuite."
        )
        return redirect(*retour)
    return servir_pdf(f"attestation-paiement-{facture.reference}.pdf", attestations.paiement(facture, timezone.now()))

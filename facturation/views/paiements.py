"""Payer une facture en ligne : partir chez PayFiP, en revenir. Rien n'est cru du navigateur ni de la notification."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commune.regles import jour_de_paris

from .. import actions, payfip
from ..models import Facture, Paiement, avec_suites
from ..regles.payfip import RENONCER, VIE_IDOP

ATTENDRE = 5  # secondes entre deux coups d'œil de la page qui attend
# Le service peut encore nous apprendre quelque chose ; « sans suite » n'est que notre conclusion, non la sienne.
INCERTAINS = {Paiement.Etat.EN_COURS, Paiement.Etat.DOUTE, Paiement.Etat.SANS_SUITE}


@require_POST
def payer(request, pk):
    """Ouvre le paiement de ce qui reste de la facture, ou de son échéance, et y conduit le parent."""
    facture = get_object_or_404(Facture.objects.du_compte(request.user).select_related("famille"), pk=pk)
    try:
        _, adresse = actions.ouvrir_paiement(
            facture, request.user, timezone.now(), _entiere(request, "facturation:payfip"),
            lambda ouvert: _entiere(request, "facturation:retour", ouvert.refdet), echeance="echeance" in request.POST,
        )  # fmt: skip
    except ValidationError as refus:
        messages.error(request, refus.message)
        attendu = facture.paiements.en_suspens().order_by("-cree_le").first() if refus.code == "en_cours" else None
        return redirect("facturation:paiement", attendu.refdet) if attendu else redirect("facturation:facture", pk)
    return redirect(adresse)


def _entiere(request, page, *arguments):
    chemin = reverse(page, args=arguments)
    return settings.ADRESSE + chemin if settings.ADRESSE else request.build_absolute_uri(chemin)


@login_not_required
@csrf_exempt  # revenu par un POST d'un autre site, le parent n'aurait ni session ni jeton
@require_http_methods(["GET", "POST"])
def retour(request, refdet):
    """Conduit le parent à la page de son paiement, qui seule sait s'il est à lui ; rien d'autre n'est lu."""
    return redirect("facturation:paiement", refdet)


@require_safe
def paiement(request, refdet):
    """Où en est un paiement : le parent y revient de PayFiP, et peut y revenir plus tard. Payé, c'est son reçu."""
    siens = Paiement.objects.du_compte(request.user)
    demande = get_object_or_404(siens.select_related("facture__facturation", "reglement"), refdet=refdet)
    maintenant = timezone.now()
    if demande.etat in INCERTAINS:
        demande = actions.interroger(demande, maintenant)
    vivant = demande.etat == Paiement.Etat.EN_COURS and maintenant - demande.cree_le < VIE_IDOP
    facture = avec_suites(Facture.objects.avec_reste().select_related("facturation")).get(pk=demande.facture_id)
    return render(request, "facturation/paiement.html", {
        "paiement": demande,
        "facture": facture,
        "reprendre": payfip.page(demande.idop) if vivant else "",
        "jusqu_a": demande.cree_le + RENONCER,
        "attendre": ATTENDRE if vivant else 0,
        "a_payer": demande.fini and demande.etat != Paiement.Etat.PAYE and not actions.refus_de_payer(
            facture, request.user, jour_de_paris(maintenant)
        ) and not facture.paiements.en_suspens().exists(),
    })  # fmt: skip


@login_not_required
@csrf_exempt  # PayFiP n'a pas de page chez nous ; l'appel ne dit qu'un idop, que l'on va vérifier
@require_http_methods(["GET", "POST"])
def notification(request):
    """PayFiP dit qu'il y a du nouveau sur un idop : on le lui demande. Un idop inconnu n'apprend rien à personne."""
    dits = [donnees.get(nom) for donnees in (request.POST, request.GET) for nom in ("idop", "idOp")]
    idop = next(filter(None, dits), "")
    connu = Paiement.objects.filter(idop=idop[:60]).first() if idop else None
    if connu:
        actions.interroger(connu, timezone.now())
    return HttpResponse("OK", content_type="text/plain")

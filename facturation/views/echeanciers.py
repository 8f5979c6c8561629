"""Payer en plusieurs fois : demander un échéancier, lire la réponse, suivre ses échéances."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commune.pdf import servir_pdf
from commune.regles import jour_de_paris
from familles.models import Famille

from .. import actions, imprimes
from ..forms import DemandeEcheancierForm
from ..models import DemandeEcheancier, Echeancier, Facture, Regie, a_echelonner, avec_suites


@require_http_methods(["GET", "HEAD", "POST"])
def echeanciers(request):
    """Les échéanciers du foyer, ses demandes et leurs réponses, et de quoi en envoyer une."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    maintenant, regie = timezone.now(), Regie.courante()
    jour = jour_de_paris(maintenant)
    form = DemandeEcheancierForm(
        request.POST if request.method == "POST" else None, famille=famille, compte=request.user,
        maximum=regie.echeancier_mois,
    )  # fmt: skip
    if form.is_valid():
        try:
            form.save(maintenant)
        except ValidationError as refus:
            if refus.code == "deja":  # le second clic d'un double clic
                messages.info(request, refus.message)
                return redirect("facturation:echeanciers")
            form.add_error(None, refus)
        else:
            messages.success(request, "Votre demande est envoyée : la régie vous répondra par courriel.")
            return redirect("facturation:echeanciers")
    demandes = list(DemandeEcheancier.objects.filter(famille=famille).select_related("echeancier")[:10])
    libres = [facture for facture, raison in a_echelonner(famille, jour) if not raison]
    attend = any(demande.etat == DemandeEcheancier.Etat.ENVOYEE for demande in demandes)
    return render(request, "facturation/echeanciers.html", {
        "form": form, "demandes": demandes, "libres": libres, "peut": bool(libres) and not attend,
        "total": sum(facture.reste for facture in libres),
        "plans": Echeancier.objects.filter(famille=famille).situes(jour),
    })  # fmt: skip


def _le_plan(request, pk):
    get_object_or_404(Echeancier.objects.du_compte(request.user), pk=pk)
    [plan] = Echeancier.objects.filter(pk=pk).select_related("famille").situes(jour_de_paris(timezone.now()))
    return plan


@require_safe
def echeancier(request, pk):
    """Un échéancier : ses échéances, ce qui en est payé, ses factures."""
    plan = _le_plan(request, pk)
    factures = avec_suites(Facture.objects.filter(echelonnees__echeancier=plan)).avec_reste().order_by("mois", "pk")
    siennes = list(factures.select_related("facturation"))
    return render(request, "facturation/echeancier.html", {
        "plan": plan, "factures": siennes, "a_payer": None if plan.revoque_le else _payable(request, siennes),
    })  # fmt: skip


def _payable(request, factures):
    """La première facture du plan qui se paie en ligne, avec la part qu'on lui demande."""
    jour = jour_de_paris(timezone.now())
    for facture in factures:
        if not actions.refus_de_payer(facture, request.user, jour) and not facture.paiements.en_suspens().exists():
            facture.part = actions.part_de_l_echeance(facture, jour)
            return facture
    return None


@require_safe
def echeancier_pdf(request, pk):
    plan = _le_plan(request, pk)
    nom = f"echeancier-{plan.reference}.pdf"
    return servir_pdf(nom, imprimes.echeancier(plan))

"""Le prélèvement, côté famille : signer un mandat, le relire, le révoquer."""

import ipaddress

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from commune.contexte import courante
from familles.models import Famille

from .. import actions
from ..forms import CodeForm, MandatEnLigneForm
from ..models import Mandat, Regie, SignatureMandat
from ..regles.prelevements import texte_du_mandat


@require_http_methods(["GET", "HEAD", "POST"])
def mandat(request):
    """Le mandat en cours, ou de quoi en signer un."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    form = MandatEnLigneForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        valeurs = form.cleaned_data
        try:
            demande = actions.demander_signature(
                famille, valeurs["titulaire"], valeurs["iban"], request.user, timezone.now()
            )
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            return redirect("facturation:mandat_signer", demande.pk)
    return render(request, "facturation/mandat.html", {
        "mandat": Mandat.objects.actifs().filter(famille=famille).first(), "form": form, "ferme": _ferme(),
        "texte": texte_du_mandat(courante().nom), "creancier": courante(),
        "remplacer": request.method == "POST" or "remplacer" in request.GET,
    })  # fmt: skip


def _ferme():
    """Vrai si la commune n'a pas de quoi prélever."""
    try:
        actions.verifier_reglages(courante(), Regie.courante())
    except ValidationError:
        return True
    return False


@require_http_methods(["GET", "HEAD", "POST"])
def mandat_signer(request, pk):
    """Le texte, le compte, et le code qui signe."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    demande = get_object_or_404(SignatureMandat, pk=pk, famille=famille, compte=request.user)
    if demande.mandat_id:  # le second clic d'un double clic, ou un retour en arrière
        messages.info(request, "Ce mandat est déjà signé.")
        return redirect("facturation:mandat")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            signe = actions.signer_en_ligne(demande, form.cleaned_data["code"], _ip(request), timezone.now())
        except ValidationError as refus:
            form.add_error("code", refus)
        else:
            messages.success(request, f"Votre mandat est signé (référence {signe}). Un courriel en garde la copie.")
            return redirect("facturation:mandat")
    return render(
        request, "facturation/mandat_signer.html", {"demande": demande, "form": form, "creancier": courante()}
    )


def _ip(request):
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


@require_POST
def mandat_revoquer(request, pk):
    """Révoque le mandat : les prochaines factures ne seront plus prélevées."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    actions.revoquer_en_ligne(get_object_or_404(Mandat, pk=pk, famille=famille), timezone.now())
    messages.success(request, "Votre mandat est révoqué : vous ne serez plus prélevé.")
    return redirect("facturation:mandat")

"""Le fichier des rejets de la banque : le donner, relire ce qui est à nous, puis l'écrire d'un geste."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from .. import actions
from ..forms import FichierDeRejetsForm, RejetsLusForm
from ..models import LotDePrelevements
from ..regles.prelevements import REJETS, dire_le_rejet, motif_connu

MONTRES = 200  # rejets montrés par liste ; tous s'écrivent


def lire(request):
    """Le fichier, son aperçu, puis l'écriture ; rien n'est gardé du fichier entre les deux, que sa lecture signée."""
    maintenant, contexte = timezone.now(), {"title": "Lire un fichier de rejets"}
    if "lu" in request.POST:
        form = RejetsLusForm(request.POST, compte=request.user, maintenant=maintenant)
        if form.is_valid():
            return _ecrire(request, form)
        messages.error(request, " ".join(form.errors.get("lu", [])))
        return redirect("admin:facturation_prelevement_rejets")
    form = FichierDeRejetsForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        contexte |= _apercu(actions.rapprocher(form.rejets, maintenant), form)
    elif refuse := getattr(form, "lot_refuse", None):
        contexte |= _du_lot(refuse)
    contexte |= {"form": form, "retour": reverse("admin:facturation_prelevement_changelist")}
    return render(request, "facturation/admin/rejets.html", {**admin.site.each_context(request), **contexte})


def _du_lot(refuse):
    """Le lot que la banque refuse en entier, et l'adresse où le dire, motif et date déjà remplis."""
    lot = LotDePrelevements.objects.filter(pk=refuse.lot).first()
    dits = {"code": motif_connu(refuse.code), "rejete_le": refuse.jour.isoformat()}
    return {"lot": lot, "suite": urlencode(dits)}


def _apercu(rapprochement, form):
    lignes = [
        {"rejet": rejet, "debit": debit, "motif": dire_le_rejet(motif_connu(rejet.code)), "connu": rejet.code in REJETS}
        for rejet, debit in rapprochement.a_ecrire[:MONTRES]
    ]
    return {
        "vu": rapprochement, "lignes": lignes, "reste": len(rapprochement.a_ecrire) - len(lignes),
        "nom": form.cleaned_data["fichier"].name, "ignores": form.ignores, "lu": form.lu(),
        "inconnus": rapprochement.inconnus[:MONTRES], "a_la_main": rapprochement.a_la_main[:MONTRES],
    }  # fmt: skip


def _ecrire(request, form):
    try:
        fait = form.save()
    except ValidationError as refus:
        messages.error(request, f"Rien n'est écrit. {' '.join(refus.messages)}")
        return redirect("admin:facturation_prelevement_rejets")
    debits = [debit for _, debit in fait.a_ecrire]
    if not debits:
        messages.info(request, "Rien de nouveau : ces rejets étaient déjà écrits.")
    else:
        LogEntry.objects.log_actions(request.user.pk, debits, CHANGE, "Rejet lu dans le fichier de la banque.")
        s = "s" if len(debits) > 1 else ""
        prevenus = actions.dire_prevenus({debit.facture.famille_id for debit in debits})
        messages.success(request, f"{len(debits)} rejet{s} écrit{s} : la dette revient, {prevenus}.")
    return redirect(f"{reverse('admin:facturation_prelevement_changelist')}?a_regarder=rejetes")

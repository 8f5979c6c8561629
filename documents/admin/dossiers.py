"""Les dossiers que les familles ont envoyés : ce qui est complet, ce qui manque, valider ou rendre."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commune.admin import chercher
from commune.regles import jour_de_paris, lire_numero
from familles.models import Famille

from .. import actions
from ..forms import DepotForm, RenduForm
from ..models import attendues, attendues_par_famille

PAR_PAGE = 25

lit = permission_required("documents.view_piece", raise_exception=True)
decide = permission_required(["familles.change_famille", "documents.change_piece"], raise_exception=True)


@lit
@require_safe
def liste(request):
    """Les dossiers à valider, les plus anciens d'abord ; sinon ceux en création, ou tous."""
    statut = request.GET.get("statut", "" if request.GET.get("famille") else Famille.Statut.A_VALIDER)
    familles = Famille.objects.order_by("envoyee_le", "pk")
    if statut in Famille.Statut.values:
        familles = familles.filter(statut=statut)
    if famille := lire_numero(request.GET.get("famille")):
        familles = familles.filter(pk=famille)
    recherche = request.GET.get("q", "")
    familles = chercher(familles, recherche, "cle", "adultes__cle").distinct()
    page = Paginator(familles, PAR_PAGE).get_page(request.GET.get("page"))
    attentes = attendues_par_famille(page.object_list, jour_de_paris(timezone.now()))
    return render(
        request,
        "documents/admin/dossiers.html",
        {
            **admin.site.each_context(request),
            "title": "Dossiers",
            "page": page,
            "dossiers": [_dossier(famille, attentes[famille.pk]) for famille in page],
            "statut": statut,
            "statuts": [*Famille.Statut.choices, ("", "tous")],
            "recherche": recherche,
            "peut_decider": request.user.has_perms(["familles.change_famille", "documents.change_piece"]),
        },
    )


def _dossier(famille, attentes):
    exigees = [attente for attente in attentes if attente.exigee]
    return {
        "famille": famille,
        "exigees": len(exigees),
        "validees": sum(attente.etat == "validee" for attente in exigees),
        "a_verifier": [attente for attente in attentes if attente.etat == "envoyee"],
        "manquantes": [attente for attente in exigees if attente.manque],
        "complet": all(attente.etat == "validee" for attente in exigees),
        "validable": famille.statut == Famille.Statut.A_VALIDER,
    }


def _decider(request, famille, action, phrase):
    """Fait l'action, la note au journal, et revient où l'on était dans la liste."""
    try:
        famille = action()
    except ValidationError as refus:
        messages.error(request, f"{famille} : {refus.message}")
    else:
        LogEntry.objects.log_actions(request.user.pk, [famille], CHANGE, phrase, single_object=True)
        messages.success(request, f"{famille} : {phrase} La famille en est avertie par courriel.")
    return redirect("admin:documents_dossiers")


@decide
@require_POST
def valider(request, pk):
    famille = get_object_or_404(Famille, pk=pk)
    maintenant = timezone.now()
    return _decider(
        request, famille, lambda: actions.valider_dossier(famille, request.user, maintenant), "dossier validé."
    )


@decide
@require_POST
def rendre(request, pk):
    famille = get_object_or_404(Famille, pk=pk)
    maintenant = timezone.now()
    form = RenduForm(request.POST)
    motif = form.cleaned_data["motif"] if form.is_valid() else ""
    return _decider(
        request, famille, lambda: actions.rendre_dossier(famille, motif, request.user, maintenant), "dossier rendu."
    )


@permission_required("documents.add_piece", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def deposer(request, pk):
    """Au guichet, déposer un document à la place d'une famille."""
    famille = get_object_or_404(Famille, pk=pk)
    maintenant = timezone.now()
    form = DepotForm(
        request.POST or None, request.FILES or None, famille=famille, compte=request.user, maintenant=maintenant,
        attentes=attendues(famille, jour_de_paris(maintenant)),
    )  # fmt: skip
    if form.is_valid():
        try:
            piece = form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"« {piece} » est déposé.")
            return redirect("admin:documents_deposer", pk)
    contexte = {**admin.site.each_context(request), "title": "Déposer un document", "famille": famille, "form": form}
    return render(request, "documents/admin/deposer.html", contexte)

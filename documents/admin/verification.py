"""Vérifier les pièces l'une après l'autre : l'image à gauche, la décision à droite, puis la suivante arrive."""

import os

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commune.fichiers import servir
from commune.regles import jour_de_paris, lire_numero
from familles.actions import consigner_lectures
from familles.models import Famille

from .. import actions
from ..forms import DecisionForm
from ..models import Piece, attendues

TENUE = 120  # secondes : le temps qu'une pièce ouverte par un agent n'est pas proposée à un autre
FILTRES = ["type", "famille"]

modifie = permission_required("documents.change_piece", raise_exception=True)
lit = permission_required("documents.view_piece", raise_exception=True)


def _filtres(request):
    """Ce qui restreint la file : un type de pièce, une famille. Gardé d'une pièce à la suivante."""
    return {nom: cle for nom in FILTRES if (cle := lire_numero(request.GET.get(nom)))}


def _file(request):
    return (
        Piece.objects.a_verifier().lisibles_par(request.user).filter(**_filtres(request)).order_by("envoyee_le", "pk")
    )


def _adresse(nom, request, *args):
    filtres = _filtres(request)
    return reverse(nom, args=args) + (f"?{urlencode(filtres)}" if filtres else "")


def suivante(request, apres=None):
    """Mène à la première pièce de la file qu'aucun collègue ne regarde ; après ``apres``, puis au début."""
    file = _file(request)
    ordre = []
    if apres:
        plus_loin = Q(envoyee_le__gt=apres.envoyee_le) | Q(envoyee_le=apres.envoyee_le, pk__gt=apres.pk)
        file = file.exclude(pk=apres.pk)
        ordre += file.filter(plus_loin).values_list("pk", flat=True)[:20]
    ordre += file.values_list("pk", flat=True)[:20]
    tenues = cache.get_many([_cle(pk) for pk in ordre])
    for pk in ordre:
        if tenues.get(_cle(pk), request.user.pk) == request.user.pk:
            return redirect(_adresse("admin:documents_piece_verifier", request, pk))
    messages.success(request, "Il n'y a plus de pièce à vérifier.")
    return redirect("admin:documents_piece_changelist")


@modifie
@require_safe
def suite(request):
    """L'entrée de la file, avec ses filtres : ``?famille=12``, ``?type=3``."""
    return suivante(request)


def _cle(pk):
    return f"piece-ouverte-{pk}"


@lit
@csp_replace({"frame-src": [SELF]})  # le PDF s'affiche dans la page
@require_http_methods(["GET", "HEAD", "POST"])
def verifier(request, pk):
    pieces = Piece.objects.lisibles_par(request.user).select_related("type", "famille", "enfant", "decidee_par")
    piece = get_object_or_404(pieces, pk=pk)
    if "passer" in request.GET:
        return suivante(request, apres=piece)
    maintenant = timezone.now()
    form = DecisionForm(request.POST or None, piece=piece, compte=request.user, maintenant=maintenant)
    if request.method == "POST":
        reponse = _decider(request, piece, form)
        if reponse:
            return reponse
    if piece.etat == Piece.Etat.ENVOYEE and request.user.has_perm("documents.change_piece"):
        cache.set(_cle(piece.pk), request.user.pk, TENUE)
    return render(request, "documents/admin/verifier.html", _contexte(request, piece, form))


@modifie
def _decider(request, piece, form):
    """Décide, le note au journal, et mène à la suivante ; ``None`` si la décision est à corriger."""
    if not form.is_valid():
        return None
    try:
        piece = form.save()
    except ValidationError as refus:
        if refus.code == "deja_decidee":
            messages.warning(request, f"{refus.message} Voici la suivante.")
            return suivante(request, apres=piece)
        form.add_error(None, refus)
        return None
    cache.delete(_cle(piece.pk))
    _journal(request, piece, f"{piece.get_etat_display().capitalize()}. {piece.motif}")
    retour = reverse("admin:documents_piece_verifier", args=[piece.pk])
    messages.success(
        request, format_html('« {} » {}. <a href="{}">Revenir dessus</a>', piece, piece.get_etat_display(), retour)
    )
    _annoncer_dossier(request, piece.famille)
    return suivante(request, apres=piece)


def _annoncer_dossier(request, famille):
    """La dernière pièce d'un dossier vient d'être validée : il ne reste qu'à valider le dossier."""
    if famille.statut != Famille.Statut.A_VALIDER:
        return
    if all(a.etat == "validee" for a in attendues(famille, jour_de_paris(timezone.now())) if a.exigee):
        dossier = reverse("admin:documents_dossiers") + f"?famille={famille.pk}"
        messages.info(
            request, format_html('Le dossier de la {} est complet. <a href="{}">Le valider</a>', famille, dossier)
        )


def _journal(request, piece, texte):
    LogEntry.objects.log_actions(request.user.pk, [piece], CHANGE, texte.strip(), single_object=True)


def _contexte(request, piece, form):
    freres = Piece.objects.filter(type=piece.type_id, famille=piece.famille_id, enfant=piece.enfant_id)
    return {
        **admin.site.each_context(request),
        "title": "Vérifier une pièce",
        "piece": piece,
        "form": form,
        "en_image": piece.fichier.name.endswith(".jpg"),
        "reste": _file(request).count(),
        "precedentes": freres.exclude(pk=piece.pk)[:5],
        "ici": _adresse("admin:documents_piece_verifier", request, piece.pk),
        "filtres": urlencode(_filtres(request)),
        "peut_decider": request.user.has_perm("documents.change_piece"),
    }


@lit
@require_safe
def fichier(request, pk):
    """Le fichier lui-même ; l'ouverture d'une pièce de santé est consignée comme celle d'une fiche."""
    piece = get_object_or_404(
        Piece.objects.lisibles_par(request.user).select_related("type", "enfant", "famille"), pk=pk
    )
    if piece.type.sante and piece.enfant:
        consigner_lectures([piece.enfant], request.user, request.path, timezone.now())
    nom = f"{piece.famille.nom} - {piece.type.nom}{os.path.splitext(piece.fichier.name)[1]}"
    return servir(piece.fichier, nom, voir="voir" in request.GET)


@modifie
@require_POST
def remettre(request, pk):
    """Annule une décision prise par erreur."""
    piece = get_object_or_404(Piece.objects.lisibles_par(request.user), pk=pk)
    try:
        piece = actions.remettre_a_verifier(piece)
    except ValidationError as refus:
        messages.error(request, refus.message)
    else:
        _journal(request, piece, "Remise à vérifier.")
        messages.success(request, "La décision est annulée : la pièce est de nouveau à vérifier.")
    return redirect("admin:documents_piece_verifier", pk)

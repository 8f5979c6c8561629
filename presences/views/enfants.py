"""Un enfant de la liste : qui vient le chercher, ses heures, et sa santé derrière un geste consigné."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from commune.fichiers import servir
from familles.actions import consigner_lectures
from familles.models import FicheSanitaire

from ..forms import HeuresForm
from ..models import Geste
from .acces import agents, ligne_ou_404, seance_ou_404
from .jour import adresse, contexte_de_ligne


@agents
@require_safe
@never_cache
def enfant(request, seance, pk):
    seance = seance_ou_404(seance)
    return _page(request, seance, ligne_ou_404(seance, pk))


def _page(request, seance, ligne, form=None, fiche=None, status=200):
    maintenant = timezone.now()
    gestes = (
        Geste.objects.filter(seance=seance, enfant=ligne.enfant).select_related("agent").order_by("-recu_le", "-pk")
    )
    return render(request, "presences/enfant.html", {
        **contexte_de_ligne(request, seance, maintenant),
        "ligne": ligne, "retour": adresse(seance, f"#e-{ligne.enfant.pk}"), "gestes": gestes[:20], "fiche": fiche,
        "form": form or HeuresForm(ligne=ligne, seance=seance, agent=request.user, maintenant=maintenant),
    }, status=status)  # fmt: skip


@agents
@require_POST
@never_cache
def sante(request, seance, pk):
    """Le détail, après avoir consigné qu'on le lit (RGPD, art. 9 et 32).

    Les signes de la liste (« PAI », « Allergie », « sans porc ») ne sont pas une lecture : ils disent qu'il faut
    regarder, jamais quoi, et un agent les voit cent fois par jour ; les consigner noierait les vraies lectures.
    Un POST, pour que ni un préchargement ni un retour en arrière ne lise ni ne consigne rien.
    """
    seance = seance_ou_404(seance)
    ligne = ligne_ou_404(seance, pk)
    consigner_lectures([ligne.enfant], request.user, request.path, timezone.now())
    fiche = FicheSanitaire.objects.filter(enfant=ligne.enfant).first()
    return _page(request, seance, ligne, fiche=fiche or FicheSanitaire(enfant=ligne.enfant))


@agents
@require_POST
def heures(request, seance, pk):
    seance = seance_ou_404(seance)
    ligne = ligne_ou_404(seance, pk)
    form = HeuresForm(request.POST, ligne=ligne, seance=seance, agent=request.user, maintenant=timezone.now())
    if form.is_valid():
        try:
            form.save()
            return redirect(adresse(seance, f"#e-{pk}"))
        except ValidationError as refus:
            form.add_error(None, refus)
    return _page(request, seance, ligne, form=form)


@agents
@require_safe
def photo(request, seance, pk):
    """La photo d'un enfant de la liste, pour ne confier que le bon."""
    ligne = ligne_ou_404(seance_ou_404(seance), pk)
    if not ligne.enfant.photo:
        raise Http404
    return servir(ligne.enfant.photo, "photo.jpg", voir=True)

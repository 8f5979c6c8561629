"""Les gestes de l'agent. Avec htmx, la ligne se change sur place ; sans lui, la page revient à l'enfant."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from familles.models import Enfant

from ..forms import AccueilForm, GesteForm, ResteForm, candidats
from ..models import Geste, Pointage, compte_de, ligne_de
from .acces import agents, seance_ou_404
from .jour import adresse, contexte_de_ligne


@agents
@require_POST
def pointer(request, seance, pk):
    """Un toucher. ``vu`` est l'état que l'écran montrait : s'il a changé entre-temps, la ligne le dit."""
    seance, enfant, maintenant = seance_ou_404(seance), get_object_or_404(Enfant, pk=pk), timezone.now()
    form = GesteForm(request.POST, enfant=enfant, seance=seance, agent=request.user, maintenant=maintenant)
    erreur = note = ""
    if form.is_valid():
        try:
            note = _contredit(form.save(), request)
        except ValidationError as refus:
            erreur = refus.messages[0]
    else:
        erreur = "Ce geste n'est pas connu : rechargez la page."
    if request.htmx:
        return _ligne(request, seance, enfant, maintenant, erreur, note)
    if erreur:
        messages.error(request, erreur)
    return redirect(adresse(seance, f"#e-{enfant.pk}"))


def _contredit(geste, request):
    """« Nadia avait pointé présent à 12:04 », quand le geste change ce que l'écran ne montrait pas."""
    if not geste or geste.avant == request.GET.get("vu", geste.avant):
        return ""
    autre = (
        Geste.objects.filter(enfant=geste.enfant, seance=geste.seance, pk__lt=geste.pk).select_related("agent").last()
    )
    mot = Pointage.Etat(geste.avant).label if geste.avant else "effacé"
    return f"{autre.agent} avait pointé « {mot} » à {timezone.localtime(autre.recu_le):%H:%M}." if autre else ""


def _ligne(request, seance, enfant, maintenant, erreur, note):
    ligne = ligne_de(seance, enfant)
    return render(request, "presences/reponse.html", {
        **contexte_de_ligne(request, seance, maintenant),
        "ligne": ligne, "enfant": enfant, "erreur": erreur, "note": note, "compte": compte_de(seance),
    }, status=422 if erreur else 200)  # fmt: skip


@agents
@require_POST
def reste(request, seance):
    """Toute une classe d'un geste : ceux qui restent à pointer sont là."""
    seance = seance_ou_404(seance)
    form = ResteForm(request.POST, seance=seance, agent=request.user, maintenant=timezone.now())
    if form.is_valid():
        try:
            n = form.save()
            messages.success(request, f"{n} enfants pointés présents." if n > 1 else f"{n} enfant pointé présent.")
        except ValidationError as refus:
            messages.error(request, refus.messages[0])
    else:
        messages.error(request, "La liste a changé : rechargez la page.")
    return redirect(adresse(seance, f"#{request.GET.get('ancre', 'liste')}"))


@agents
@require_http_methods(["GET", "HEAD", "POST"])
def ajouter(request, seance):
    """L'enfant de dernière minute : on cherche, on dit pourquoi, il est sur la liste."""
    seance, recherche = seance_ou_404(seance), request.GET.get("q", "").strip()
    form = AccueilForm(
        request.POST or None, seance=seance, recherche=recherche, agent=request.user, maintenant=timezone.now()
    )
    if form.is_valid():
        try:
            enfant = form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"{enfant} est sur la liste{', présent' if form.arrive_maintenant else ''}.")
            return redirect(adresse(seance, f"#e-{enfant.pk}"))
    return render(request, "presences/ajouter.html", {
        "seance": seance, "form": form, "recherche": recherche, "retour": adresse(seance),
        "candidats": list(candidats(seance, recherche)), "choisi": request.POST.get("enfant"),
    })  # fmt: skip

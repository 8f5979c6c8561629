"""Le jour d'ouverture vu de la famille : ses vœux, puis son tour, puis ce qu'elle a eu."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from commune.regles import PARIS
from familles.models import Famille
from inscriptions.regles import heure_dite

from .. import regles
from ..actions import blocs, deposer_voeux, reserver_ce_qui_se_peut
from ..forms import VoeuxForm
from ..models import Ouverture, Ticket, Voeu, lire_ouverture
from .semaine import annonce

SALLE = dt.timedelta(minutes=regles.SALLE)


@require_safe
def ouvertures(request):
    """Les ouvertures qui concernent la famille : la plus proche d'abord, les passées ensuite."""
    maintenant = timezone.now()
    siennes = [_resume(o, maintenant) for o in Ouverture.objects.du_compte(request.user)]
    a_venir = [o for o in siennes if o["ouverture"].ouvre_le > maintenant]
    passees = [o for o in siennes if o["ouverture"].ouvre_le <= maintenant]
    return render(request, "reservations/ouvertures.html", {"ouvertures": [*reversed(a_venir), *passees]})


def _resume(ouverture, maintenant):
    phrase = regles.phrase_ouverture(ouverture, maintenant)
    return {"ouverture": ouverture, "etape": ouverture.etape(maintenant), "phrase": phrase}


def ouverture(request, pk):
    """La page d'une ouverture : on y prépare ses vœux, on y réserve à son tour, on y lit le tirage."""
    ouverture = get_object_or_404(Ouverture.objects.du_compte(request.user), pk=pk)
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    maintenant = timezone.now()
    etape, ticket = ouverture.etape(maintenant), _ticket(ouverture, famille)
    admis = bool(ticket and ticket.jusqu_a and maintenant < ticket.jusqu_a)
    if etape == regles.Etape.FILE and not admis and request.method != "POST":
        return redirect("reservations:file", pk)
    form = VoeuxForm(request.POST if request.method == "POST" else None)
    cochees, refus = None, []
    if form.is_valid():
        fait, refus = _enregistrer(request, ouverture, famille, etape, form.choisis, maintenant)
        if fait:
            return redirect("reservations:ouverture", pk)
        cochees = form.choisis
    contexte = {
        **_resume(ouverture, maintenant), "form": form, "refus": refus, "admis": admis, "ticket": ticket,
        "enfants": lire_ouverture(ouverture, request.user, cochees), "tirage": ouverture.mode == Ouverture.Mode.TIRAGE,
        "en_voeux": etape == regles.Etape.VOEUX, "reserver": admis or (etape == "libre" and ouverture.mode == "file"),
        "salle": etape == regles.Etape.VOEUX and maintenant >= ouverture.ouvre_le - SALLE,
        "ouvre": regles.instant_dit(ouverture.ouvre_le, maintenant),
        "salle_des": regles.instant_dit(ouverture.ouvre_le - SALLE, maintenant),
        "jusqu_a": heure_dite(ticket.jusqu_a.astimezone(PARIS)) if admis else "",
        "blocs": blocs(list(Voeu.objects.filter(ticket=ticket).complets())) if ouverture.tiree_le and ticket else [],
        "ecartes": Voeu.objects.filter(ticket=ticket, etat="ecarte").complets() if ouverture.tiree_le else [],
    }  # fmt: skip
    return render(request, "reservations/ouverture.html", contexte)


def _ticket(ouverture, famille):
    return Ticket.objects.filter(ouverture=ouverture, famille=famille).first()


def _enregistrer(request, ouverture, famille, etape, choisis, maintenant):
    """Garde les vœux, ou réserve ce qui se peut : ``(fait, phrases de refus)``."""
    if etape in (regles.Etape.FILE, regles.Etape.LIBRE) and ouverture.mode == Ouverture.Mode.FILE:
        return _reserver(request, famille, choisis, maintenant)
    try:
        nombre = deposer_voeux(ouverture, famille, choisis, maintenant)
    except ValidationError as refus:
        return False, refus.messages
    if nombre:
        s = "x" if nombre > 1 else ""
        messages.success(request, f"{nombre} vœu{s} gardé{'s' if nombre > 1 else ''}. Rien n'est encore réservé.")
    else:
        messages.success(request, "Vous n'avez plus aucun vœu.")
    return True, []


def _reserver(request, famille, choisis, maintenant):
    if not choisis:
        return False, ["Cochez au moins un jour à réserver."]
    resultat = reserver_ce_qui_se_peut(famille, request.user, choisis, maintenant)
    phrases = [r.phrase for r in resultat.refus]
    if not resultat.faits and phrases:
        return False, phrases
    if resultat.lot:
        messages.success(request, annonce(resultat))
    else:
        messages.info(request, "Rien n'a changé : tout était déjà enregistré.")
    if phrases:
        liste = format_html_join("", "<li>{}</li>", ((phrase,) for phrase in phrases))
        titre = "Une demande n'a pas pu l'être" if len(phrases) == 1 else f"{len(phrases)} demandes n'ont pas pu l'être"
        messages.warning(request, format_html("{} :<ul>{}</ul>", titre, liste))
    return True, []

"""La page publique d'une ouverture : de quoi refaire, chez soi, la file ou le tirage. Aucun nom, des numéros."""

import csv

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.regles import desamorcer

from .. import regles
from ..models import Ouverture, Ticket, Voeu

TIRES = ["retenu", "attente", "perdu"]
FILE = ["rang", "numéro", "arrivé", "empreinte"]
TIRAGE = ["séance", "activité", "jour", "rang", "numéro", "groupe", "empreinte", "résultat"]
MOTS = {"retenu": "une place", "attente": "liste d'attente", "perdu": "pas de place"}


@login_not_required
@require_safe
def verifier(request, pk):
    """L'engagement, puis la graine, la règle en mots, et le résultat de chaque séance ou d'un numéro."""
    ouverture, maintenant = get_object_or_404(Ouverture, pk=pk), timezone.now()
    numero = request.GET.get("numero", "").strip()[:8].split("-")[0]
    siens = Voeu.objects.filter(ticket__ouverture=ouverture, etat__in=TIRES).select_related("ticket")
    seances = ouverture.seances.filter(ouverte=True).select_related("activite").order_by("jour", "activite__ordre")
    choisie = next((s for s in seances if str(s.pk) == request.GET.get("seance")), None)
    contexte = {
        "ouverture": ouverture, "graine": ouverture.graine_publique(maintenant), "numero": numero,
        "ouvre": regles.instant_dit(ouverture.ouvre_le, maintenant), "choisie": choisie,
        "choisie_dite": _dite(choisie) if choisie else "",
        "seances": [(s, _dite(s)) for s in _avec_comptes(seances)],
        "lignes": list(_lignes(ouverture, siens.filter(seance=choisie).order_by("rang"))) if choisie else [],
        "trouves": _d_un_numero(ouverture, siens, numero) if numero else [],
        "file": ouverture.mode == Ouverture.Mode.FILE,
        "avant": ouverture.tickets.filter(arrive_le__lt=ouverture.ouvre_le).count(),
        "apres": ouverture.tickets.filter(arrive_le__gte=ouverture.ouvre_le).count(),
    }  # fmt: skip
    return render(request, "reservations/verifier.html", contexte)


def _avec_comptes(seances):
    return seances.annotate(
        deposes=Count("voeux"), tires=Count("voeux", filter=Q(voeux__etat__in=TIRES)),
        retenus=Count("voeux", filter=Q(voeux__etat="retenu")),
        attentes=Count("voeux", filter=Q(voeux__etat="attente")),
    )  # fmt: skip


def _dite(seance):
    return f"{seance.activite.nom}, {regles.date_dite(seance.jour)}"


def _lignes(ouverture, voeux):
    """Les vœux d'une séance dans l'ordre tiré : rang, numéro, groupe, début de l'empreinte, sort."""
    for v in voeux:
        yield v.rang, v.numero, v.priorite, regles.empreinte(ouverture.graine, v.ticket.numero), MOTS[v.etat]


def _d_un_numero(ouverture, siens, numero):
    voeux = siens.filter(ticket__numero=numero).select_related("seance__activite", "ticket")
    return [(_dite(v.seance), v.numero, v.rang, MOTS[v.etat]) for v in voeux.order_by("seance__jour", "rang_enfant")]


@login_not_required
@require_safe
def verifier_csv(request, pk):
    """Tout ce qu'il faut pour refaire le calcul, dans un tableur ou en trois lignes de Python."""
    ouverture = get_object_or_404(Ouverture, pk=pk)
    reponse = HttpResponse(content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="ouverture-{pk}.csv"'
    sortie, graine = csv.writer(reponse, delimiter=";"), ouverture.graine_publique(timezone.now())
    sortie.writerow(["engagement", ouverture.engagement, "graine", graine or "secrète jusqu'à l'ouverture"])
    if graine and ouverture.mode == Ouverture.Mode.FILE:
        sortie.writerow(FILE)
        tickets = Ticket.objects.filter(ouverture=ouverture, ordre__isnull=False).order_by("ordre", "pk")
        for rang, t in enumerate(tickets, 1):
            quand = "avant l'ouverture" if t.arrive_le < ouverture.ouvre_le else "après"
            sortie.writerow([rang, t.numero, quand, regles.empreinte(graine, t.numero)])
    elif graine:
        sortie.writerow(TIRAGE)
        voeux = Voeu.objects.filter(ticket__ouverture=ouverture, etat__in=TIRES)
        for v in voeux.select_related("ticket", "seance__activite").order_by("seance", "rang"):
            sortie.writerow([
                v.seance_id, desamorcer(v.seance.activite.nom), v.seance.jour.isoformat(), v.rang, v.numero, v.priorite,
                regles.empreinte(graine, v.ticket.numero), MOTS[v.etat],
            ])  # fmt: skip
    return reponse

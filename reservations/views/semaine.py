"""L'entrée du planning, et la semaine d'un enfant."""

import datetime as dt

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from commune.regles import jour_de_paris, lundi

from .. import regles
from ..forms import SemaineForm
from ..models import Reservation, foyers_du_compte, inscriptions_de, lire
from .foyer import foyer_de, jour_demande

SEPT = dt.timedelta(days=7)


@require_safe
def planning(request):
    """L'entrée de la famille : le planning de l'enfant s'il est seul, sinon une carte par enfant."""
    rattachements = list(foyers_du_compte(request.user))
    if len(rattachements) == 1:
        return redirect("reservations:planning_enfant", rattachements[0].enfant_id)
    cartes = _cartes(rattachements, jour_de_paris(timezone.now())) if rattachements else []
    return render(request, "reservations/planning.html", {"cartes": cartes})


def _cartes(rattachements, aujourdhui):
    """Pour chaque enfant : est-il inscrit, et combien de réservations cette semaine et la suivante."""
    debut, famille = lundi(aujourdhui), rattachements[0].famille
    enfants = [r.enfant for r in rattachements]
    inscrits = {i.enfant_id for i in inscriptions_de(enfants, famille, aujourdhui, aujourdhui + SEPT)}
    nombres = {}
    for enfant_id, jour, n in (
        Reservation.objects.reservees()
        .filter(enfant__in=enfants, famille=famille, seance__ouverte=True)
        .filter(seance__jour__gte=debut, seance__jour__lt=debut + 2 * SEPT)
        .order_by().values_list("enfant", "seance__jour").annotate(n=Count("pk"))
    ):  # fmt: skip
        cle = (enfant_id, lundi(jour))
        nombres[cle] = nombres.get(cle, 0) + n
    return [
        {
            "enfant": enfant,
            "rang": rang,
            "inscrit": enfant.pk in inscrits,
            "cette_semaine": nombres.get((enfant.pk, debut), 0),
            "semaine_prochaine": nombres.get((enfant.pk, debut + SEPT), 0),
            "prochaine": debut + SEPT,
        }
        for rang, enfant in enumerate(enfants)
    ]


def planning_enfant(request, pk):
    """La semaine d'un enfant ; un POST enregistre ce qui y est coché."""
    foyer, maintenant = foyer_de(request, pk), timezone.now()
    jour = jour_demande(request, None)
    debut = lundi(jour or premier_jour_utile(jour_de_paris(maintenant)))
    voulu, refus, form = {}, {}, None
    if request.method == "POST":
        form = SemaineForm(request.POST, enfant=foyer.enfant, famille=foyer.famille, compte=request.user)
        if form.is_valid():
            resultat = form.save(maintenant)
            if not resultat.refus:
                _annoncer(request, resultat, form.ailleurs)
                return redirect(f"{request.path}?jour={debut}")
            voulu, refus = form.voulu, {r.seance_id: r.phrase for r in resultat.refus}
    [lecture] = lire([foyer.enfant], foyer.famille, debut, debut + dt.timedelta(days=6))
    if not jour and not lecture.cases and request.method == "GET":
        debut, lecture = _premiere_semaine(foyer, debut, lecture)
    semaine = regles.semaine(lecture, debut, maintenant, voulu, refus)
    contexte = {
        "foyer": foyer, "enfant": foyer.enfant, "semaine": semaine, "form": form, "refus": list(refus.values()),
        "vue": "semaine",
    }  # fmt: skip
    return render(request, "reservations/semaine.html", contexte)


def premier_jour_utile(aujourdhui):
    """Le samedi et le dimanche, on vient réserver la semaine qui suit."""
    return aujourdhui + SEPT if aujourdhui.weekday() > 4 else aujourdhui


def _premiere_semaine(foyer, debut, lecture):
    """Sans activité cette semaine : celle où la prochaine inscription commence, si elle est encore à venir."""
    a_venir = [i.debut for i in inscriptions_de([foyer.enfant], foyer.famille, debut, debut + dt.timedelta(days=365))]
    premier = min((jour for jour in a_venir if jour > debut), default=None)
    if not premier:
        return debut, lecture
    debut = lundi(premier)
    return debut, lire([foyer.enfant], foyer.famille, debut, debut + dt.timedelta(days=6))[0]


def _annoncer(request, resultat, ailleurs):
    """Dit ce qui est fait, avec son reçu ; et ce qu'un autre écran avait changé entre-temps."""
    if resultat.lot:
        messages.success(request, annonce(resultat))
    else:
        messages.info(request, "Rien n'a changé : tout était déjà enregistré.")
    if ailleurs:
        dites = ", ".join(f"{li.activite} du {regles.date_dite(li.jour)} ({li.verbe})" for li in ailleurs)
        messages.info(request, f"Entre-temps, un autre écran avait changé : {dites}. La page le montre maintenant.")


def annonce(resultat):
    """« 3 réservations et 1 annulation enregistrées. Voir le reçu »."""
    reservees = sum(c.apres == Reservation.Etat.RESERVEE for c in resultat.faits)
    annulees = len(resultat.faits) - reservees
    nombres = [
        f"{n} {mot}{'s' if n > 1 else ''}" for n, mot in ((reservees, "réservation"), (annulees, "annulation")) if n
    ]
    accord = "s" if reservees + annulees > 1 else ""
    return format_html(
        '{} enregistrée{}. <a href="{}">Voir le reçu</a>',
        " et ".join(nombres), accord, reverse("reservations:recu", args=[resultat.lot]),
    )  # fmt: skip

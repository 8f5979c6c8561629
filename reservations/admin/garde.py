"""Après le jugement : ce qui était déjà réservé passe au foyer qui a l'enfant, d'un bouton, une fois lu."""

from collections import Counter

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from familles.models import Enfant

from .. import regles
from ..actions import suite_de_la_garde, suivre_la_garde


@permission_required(["familles.change_garde", "reservations.change_reservation"], raise_exception=True)
def reservations_de_la_garde(request, pk):
    """Ce qui passerait d'un foyer à l'autre, puis le passage. Sans rien à passer, la page de la garde suffit."""
    enfant, maintenant = get_object_or_404(Enfant, pk=pk), timezone.now()
    if request.method == "POST":
        suite = suivre_la_garde(enfant, request.user, maintenant)
        if not suite.suivent:  # un second clic : rien n'a bougé, et personne n'a reçu de courriel
            messages.info(request, f"{enfant} : plus aucune réservation à passer à l'autre foyer.")
            return redirect("admin:familles_enfant_garde", pk)
        phrase = f"réservations passées à l'autre foyer : {len(suite.suivent)}"
        LogEntry.objects.log_actions(request.user.pk, [enfant], CHANGE, phrase, single_object=True)
        messages.success(request, f"{enfant} : {phrase}. Les deux foyers ont reçu la liste par courriel.")
        return redirect("admin:familles_enfant_garde", pk)
    suite = suite_de_la_garde(enfant, maintenant)
    if not suite.suivent and not suite.restent:
        return redirect("admin:familles_enfant_garde", pk)
    foyers = {lien.famille_id: lien.famille for lien in enfant.rattachements.actuels().select_related("famille")}
    contexte = {
        **admin.site.each_context(request), "title": f"Garde et réservations – {enfant}", "enfant": enfant,
        "suite": suite, "vers": [(foyers.get(vers), n) for vers, n in Counter(v for _, v in suite.suivent).items()],
        "suivent": _groupes((foyers.get(vers), r) for r, vers in suite.suivent),
        "restent": _groupes((r.famille, r) for r in suite.restent),
    }  # fmt: skip
    return render(request, "reservations/admin/garde.html", contexte)


def _groupes(lignes):
    """Les jours par foyer et par activité."""
    return regles.regrouper(
        regles.Ligne(str(foyer), r.seance.activite.nom, r.seance.jour, "réservation") for foyer, r in lignes
    )

"""Le mois et l'année d'un enfant, à lire ; on réserve dans la semaine ou par période."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.models import AnneeScolaire
from commune.regles import jour_de_paris
from inscriptions.regles import JOURS

from .. import regles
from ..models import lire
from .foyer import foyer_de, jour_demande


@require_safe
def planning_mois(request, pk):
    """Le mois du jour demandé."""
    foyer, maintenant = foyer_de(request, pk), timezone.now()
    premier = jour_demande(request, jour_de_paris(maintenant)).replace(day=1)
    debut, fin = regles.bornes(premier)
    [lecture] = lire([foyer.enfant], foyer.famille, debut, fin)
    mois = regles.mois(lecture, premier, maintenant)
    contexte = {
        "foyer": foyer, "enfant": foyer.enfant, "mois": mois, "vue": "mois", "noms": JOURS,
        "activites": regles.activites_comptees(lecture, premier, mois.suivant),
    }  # fmt: skip
    return render(request, "reservations/mois.html", contexte)


@require_safe
def planning_annee(request, pk):
    """L'année scolaire du jour demandé, un petit calendrier par mois."""
    foyer, maintenant = foyer_de(request, pk), timezone.now()
    jour = jour_demande(request, jour_de_paris(maintenant))
    annee = AnneeScolaire.objects.du_jour(jour)
    contexte = {"foyer": foyer, "enfant": foyer.enfant, "annee": annee, "vue": "annee", "jour": jour, "noms": JOURS}
    if annee:
        [lecture] = lire([foyer.enfant], foyer.famille, annee.debut, annee.fin, places=False)
        contexte["mois"] = regles.annee(lecture, annee.debut, annee.fin, maintenant)
        contexte["activites"] = regles.activites_comptees(lecture, annee.debut, annee.fin)
    return render(request, "reservations/annee.html", contexte)

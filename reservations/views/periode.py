"""Réserver ou annuler les mêmes jours sur toute une période, après avoir vu ce que cela fera."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commune.regles import jour_de_paris

from .. import regles
from ..actions import lignes
from ..forms import PeriodeForm
from ..models import inscriptions_de
from .foyer import foyer_de, jour_demande
from .semaine import annonce

UN_AN = dt.timedelta(days=365)


def periode(request, pk):
    """Le formulaire, puis l'aperçu, puis l'enregistrement : trois pas à la même adresse."""
    foyer, maintenant = foyer_de(request, pk), timezone.now()
    aujourdhui = jour_de_paris(maintenant)
    toutes = inscriptions_de([foyer.enfant], foyer.famille, aujourdhui, aujourdhui + UN_AN)
    inscriptions = [i for i in toutes if i.fin >= aujourdhui]
    form = PeriodeForm(
        request.POST or None, enfant=foyer.enfant, famille=foyer.famille, compte=request.user,
        inscriptions=inscriptions, maintenant=maintenant, initial=_depart(request),
    )  # fmt: skip
    contexte = {"foyer": foyer, "enfant": foyer.enfant, "form": form, "inscrit": inscriptions, "vue": "periode"}
    if form.is_valid():
        if "confirmer" in request.POST:
            resultat = form.save()
            if not resultat.refus:
                return _terminer(request, pk, resultat)
            contexte["change"] = [r.phrase for r in resultat.refus]
        contexte["apercu"] = _apercu(form.prevoir())
    return render(request, "reservations/periode.html", contexte)


def _depart(request):
    """Une semaine demandée par l'adresse remplit les dates : le formulaire s'ouvre depuis une page du planning."""
    jour = jour_demande(request, None)
    return {"du": jour} if jour else {}


def _apercu(resultat):
    """Ce qui sera fait, groupé pour être lu, et ce qui ne le pourra pas, rangé par raison."""
    raisons = {}
    for refus in resultat.refus:
        raisons.setdefault(refus.code, []).append(refus.phrase)
    return {
        "nombre": len(resultat.faits),
        "hors_delai": sum(c.hors_delai for c in resultat.faits),
        "groupes": regles.regrouper(lignes(resultat.faits)),
        "retenues": " ".join(str(c.seance.pk) for c in resultat.faits),
        "refus": [(TITRES.get(code, "impossible"), phrases) for code, phrases in raisons.items()],
        "refuses": len(resultat.refus),
    }


TITRES = {
    "complet": "complet", "trop_tard": "trop tard", "trop_tard_annuler": "trop tard pour annuler",
    "ferme": "pas d'accueil", "non_inscrit": "pas inscrit ce jour-là", "autre_foyer": "réservé par l'autre foyer",
}  # fmt: skip


def _terminer(request, pk, resultat):
    if not resultat.lot:
        messages.info(request, "Rien n'a changé : tout était déjà enregistré.")
        return redirect("reservations:periode", pk)
    messages.success(request, annonce(resultat))
    premier = min(c.seance.jour for c in resultat.faits)
    return redirect(f"{reverse('reservations:planning_mois', args=[pk])}?jour={premier}")

"""Réserver ou annuler les mêmes jours sur toute une période, après avoir vu ce que cela fera."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from commune.models import JourFerme
from commune.regles import jour_de_paris, lundi

from .. import regles
from ..actions import lignes
from ..forms import PeriodeForm
from ..models import inscriptions_de
from .foyer import foyer_de
from .semaine import annonce

UN_JOUR, UN_AN = dt.timedelta(days=1), dt.timedelta(days=365)
CHAMPS = ("faire", "activites", "jours", "du", "au")
TITRES = {
    "complet": "complet",
    "trop_tard": "trop tard pour réserver",
    "trop_tard_annuler": "trop tard pour annuler",
    "ferme": "pas d'accueil",
    "non_inscrit": "pas inscrit ce jour-là",
    "autre_foyer": "réservé par l'autre foyer",
    "suspendue": "réservations suspendues",
    "semaine_max": "trop de jours dans la semaine",
    "semaine_min": "pas assez de jours dans la semaine",
    "exige": "une autre activité va avec",
    "exclut": "ne va pas avec une autre activité",
    "par_classe": "complet pour la classe",
}


def periode(request, pk):
    """Le formulaire, puis l'aperçu, puis l'enregistrement : trois pas à la même adresse."""
    foyer, maintenant = foyer_de(request, pk), timezone.now()
    aujourdhui = jour_de_paris(maintenant)
    toutes = inscriptions_de([foyer.enfant], foyer.famille, aujourdhui, aujourdhui + UN_AN)
    inscriptions = [i for i in toutes if i.fin >= aujourdhui]
    form = PeriodeForm(
        request.POST or None, enfant=foyer.enfant, famille=foyer.famille, compte=request.user,
        inscriptions=inscriptions, maintenant=maintenant, initial=_dates(request.GET),
    )  # fmt: skip
    contexte = {"foyer": foyer, "enfant": foyer.enfant, "form": form, "inscrit": inscriptions, "vue": "periode"}
    if "modifier" not in request.POST and inscriptions and form.is_valid():
        if "confirmer" in request.POST:
            resultat = form.save()
            if not resultat.refus:
                return _terminer(request, pk, resultat)
            contexte["change"] = [r.phrase for r in resultat.refus]
        contexte["apercu"] = _apercu(form)
        contexte["champs"] = [(nom, valeur) for nom in CHAMPS for valeur in request.POST.getlist(nom)]
    elif inscriptions:
        contexte["raccourcis"] = _raccourcis(aujourdhui, max(i.fin for i in inscriptions))
    return render(request, "reservations/periode.html", contexte)


def _dates(demande):
    """Les dates que l'adresse propose (``?du=2026-09-01&au=2026-10-16``) ; ce qui n'en est pas une est oublié."""
    dates = {}
    for nom in ("du", "au"):
        try:
            dates[nom] = parse_date(demande.get(nom, ""))
        except ValueError:
            continue
    return {nom: date for nom, date in dates.items() if date}


def _raccourcis(aujourdhui, fin):
    """Les périodes que l'on réserve d'habitude, d'un geste : jusqu'à dimanche en huit, aux vacances, à l'été."""
    demain, semaine = aujourdhui + UN_JOUR, lundi(aujourdhui) + 7 * UN_JOUR
    raccourcis = [{"texte": "La semaine prochaine", "du": semaine, "au": semaine + 6 * UN_JOUR}]
    vacances = JourFerme.objects.filter(motif=JourFerme.Motif.VACANCES, ecole=None, debut__gt=demain, debut__lte=fin)
    premieres = vacances.order_by("debut").first()
    if premieres:
        texte = f"Jusqu'aux {premieres.libelle[:1].lower()}{premieres.libelle[1:]}"
        raccourcis.append({"texte": texte, "du": demain, "au": premieres.debut - UN_JOUR})
    return [*raccourcis, {"texte": "Toute l'année", "du": demain, "au": fin}]


def _apercu(form):
    """Ce qui sera fait, groupé pour être lu, et ce qui ne le pourra pas, rangé par raison."""
    resultat, raisons = form.prevoir(), {}
    for refus in resultat.refus:
        raisons.setdefault(TITRES.get(refus.code, "impossible"), []).append(refus.phrase)
    return {
        "nombre": len(resultat.faits),
        "mot": "annulation" if form.cleaned_data["faire"] == "annuler" else "réservation",
        "hors_delai": sum(c.hors_delai for c in resultat.faits),
        "groupes": regles.regrouper(lignes(resultat.faits)),
        "retenues": " ".join(str(c.seance.pk) for c in resultat.faits),
        "refus": list(raisons.items()),
        "refuses": len(resultat.refus),
    }


def _terminer(request, pk, resultat):
    if not resultat.lot:
        messages.info(request, "Rien n'a changé : tout était déjà enregistré.")
        return redirect("reservations:periode", pk)
    messages.success(request, annonce(resultat))
    premier = min(c.seance.jour for c in resultat.faits)
    return redirect(f"{reverse('reservations:planning_mois', args=[pk])}?jour={premier}")

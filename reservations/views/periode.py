"""La semaine type : réserver ou annuler les mêmes jours sur une période, après avoir vu ce que cela fera."""

import datetime as dt

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from commune.models import JourFerme
from commune.regles import jour_de_paris, lundi

from ..forms import PeriodeForm
from ..models import inscriptions_de, reservees_entre
from .apercu import apercu, champs_caches
from .foyer import foyer_de, foyer_du_compte
from .semaine import annonce

UN_JOUR, UN_AN = dt.timedelta(days=1), dt.timedelta(days=365)


def periode_famille(request):
    """La semaine type de toute la famille."""
    foyer = foyer_du_compte(request)
    if not foyer:
        raise Http404
    return _periode(request, foyer, foyer.fratrie)


def periode(request, pk):
    """La semaine type d'un enfant."""
    foyer = foyer_de(request, pk)
    return _periode(request, foyer, [foyer.enfant])


def _periode(request, foyer, enfants):
    """Le formulaire, puis l'aperçu, puis l'enregistrement : trois pas à la même adresse."""
    maintenant = timezone.now()
    aujourdhui = jour_de_paris(maintenant)
    toutes = inscriptions_de(enfants, foyer.famille, aujourdhui, aujourdhui + UN_AN)
    inscriptions = [i for i in toutes if i.fin >= aujourdhui]
    form = PeriodeForm(
        None if "remplir" in request.POST else request.POST or None, enfants=enfants, famille=foyer.famille,
        compte=request.user, inscriptions=inscriptions, maintenant=maintenant,
        initial=_rempli(request.POST) or _depart(request.GET, foyer.famille, enfants),
    )  # fmt: skip
    contexte = {
        "foyer": foyer, "enfants": enfants, "enfant": foyer.enfant, "form": form, "inscrit": inscriptions,
        "vue": "periode",
    }  # fmt: skip
    if "modifier" not in request.POST and inscriptions and form.is_valid():
        if "confirmer" in request.POST:
            resultat = form.save()
            if not resultat.refus:
                return _terminer(request, foyer, resultat)
            contexte["change"] = [r.phrase for r in resultat.refus]
        contexte["apercu"] = apercu(form.prevoir(), form.cleaned_data["faire"] == "annuler", len(enfants) > 1)
        contexte["champs"] = champs_caches(request.POST, ("faire", "jours", "du", "au"))
    elif inscriptions:
        contexte["raccourcis"] = _raccourcis(aujourdhui, max(i.fin for i in inscriptions))
    return render(request, "reservations/periode.html", contexte)


def _rempli(envoi):
    """Le formulaire tel qu'il était coché, avec les dates du raccourci touché."""
    du, _, au = envoi.get("remplir", "").partition(" ")
    return {"faire": envoi.get("faire"), "jours": envoi.getlist("jours"), "du": du, "au": au} if du else None


def _depart(demande, famille, enfants):
    """Ce que l'adresse propose : ``du`` et ``au``, et les jours réservés d'une ``semaine`` à répéter.

    Ce qui n'est pas une date est oublié.
    """
    dates = {}
    for nom in ("du", "au", "semaine"):
        try:
            dates[nom] = parse_date(demande.get(nom, ""))
        except ValueError:
            continue
    modele = dates.pop("semaine", None)
    depart = {nom: date for nom, date in dates.items() if date}
    if modele and 2000 < modele.year < 2200:
        debut = lundi(modele)
        lues = reservees_entre(enfants, famille, debut, debut + 6 * UN_JOUR)
        depart["jours"] = [f"{enfant}-{activite}-{jour.weekday()}" for enfant, activite, jour in lues]
    return depart


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


def _terminer(request, foyer, resultat):
    """Revient à la page d'où l'on vient, à la première semaine changée."""
    pk = [foyer.enfant.pk] if foyer.enfant else []
    if not resultat.lot:
        messages.info(request, "Rien n'a changé : tout était déjà enregistré.")
        return redirect(reverse("reservations:periode" if pk else "reservations:periode_famille", args=pk))
    messages.success(request, annonce(resultat))
    premier = min(c.seance.jour for c in resultat.faits)
    adresse = reverse("reservations:planning_mois" if pk else "reservations:planning", args=pk)
    return redirect(f"{adresse}?jour={premier}")

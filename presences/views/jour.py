"""L'écran de l'agent : un site, une activité, un jour ; la liste, et ce que les autres tablettes y changent."""

import datetime as dt

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from commune.models import Ecole
from commune.regles import jour_de_paris, replier
from reservations.models import Seance
from reservations.views.foyer import jour_demande

from .. import regles
from ..actions import GENRES_A_HEURES, heure_de_paris
from ..models import Geste, compte_de, lire_liste, par_classe
from .acces import agents, seance_ou_404

DERNIER_ECRAN = dt.timedelta(days=1)  # un écran plus vieux se recharge
MEMOIRE = dt.timedelta(hours=2)  # au-delà, l'activité choisie ce matin n'est plus celle qu'on vient pointer


@agents
@require_safe
def jour(request):
    maintenant = timezone.now()
    aujourd_hui = jour_de_paris(maintenant)
    sites = list(Ecole.objects.ouvertes().filter(activites__active=True).distinct().order_by("ordre", "nom"))
    site = _site(request, sites)
    date = jour_demande(request, aujourd_hui)
    seances = list(
        Seance.objects.filter(activite__site=site, jour=date).select_related("activite__site")
        .order_by("activite__heure_debut", "activite__ordre", "pk")
    ) if site else []  # fmt: skip
    seance = _seance(request, seances, maintenant)
    _retenir(request, site, seance, maintenant)
    contexte = {
        "sites": sites, "site": site, "seances": seances, "seance": seance, "date": date, "aujourd_hui": aujourd_hui,
        "veille": date - dt.timedelta(days=1), "lendemain": date + dt.timedelta(days=1),
        "demain": aujourd_hui + dt.timedelta(days=1),
    }  # fmt: skip
    if seance and seance.ouverte:
        contexte |= _liste(request, seance, maintenant)
    return render(request, "presences/jour.html", contexte)


def _liste(request, seance, maintenant):
    lignes = lire_liste(seance)
    signes = [ligne.signes for ligne in lignes if ligne.mange]
    recherche, reste = request.GET.get("q", "").strip(), "reste" in request.GET
    classes = par_classe([
        ligne for ligne in lignes
        if (not reste or not ligne.etat) and replier(recherche) in replier(f"{ligne.enfant.prenom} {ligne.enfant.nom}")
    ])  # fmt: skip
    presents = [ligne.signes for ligne in lignes if ligne.etat == regles.PRESENT]
    prevus, servis = regles.compter_repas(signes), regles.compter_repas(presents)
    return {
        **contexte_de_ligne(request, seance, maintenant),
        "classes": classes, "recherche": recherche, "reste": reste, "nombre": len(lignes),
        "compte": regles.compter(ligne.etat for ligne in lignes), "depuis": maintenant,
        "repas": [(regles.REPAS[cle], prevus[cle], servis[cle]) for cle in regles.REPAS if prevus[cle]],
        "a_servir": regles.repas_a_servir(prevus),
        "alertes": [(mot, n) for mot, n in _alertes(signes) if n],
    }  # fmt: skip


def _alertes(signes):
    allergies = sum(s.allergies for s in signes)
    return [("PAI", sum(s.pai for s in signes)), ("allergie" if allergies == 1 else "allergies", allergies)]


def contexte_de_ligne(request, seance, maintenant):
    """Ce qu'il faut pour dessiner une ligne, dans la liste ou seule après un geste."""
    aujourd_hui = jour_de_paris(maintenant)
    refus = regles.refus_du_jour(
        seance.jour, aujourd_hui, settings.POINTAGE_JOURS, request.user.has_perm("presences.pointer_sans_limite")
    )
    return {
        "seance": seance, "refus_du_jour": refus, "heures": seance.activite.genre in GENRES_A_HEURES,
        "depart_possible": seance.jour == aujourd_hui,
    }  # fmt: skip


def _site(request, sites):
    """Le site demandé, sinon celui d'hier, sinon le seul qu'il y ait."""
    voulu = request.GET.get("site") or request.session.get("presences", {}).get("site")
    return next((site for site in sites if str(site.pk) == str(voulu)), sites[0] if len(sites) == 1 else None)


def _seance(request, seances, maintenant):
    """La séance de l'activité demandée, sinon de la dernière choisie si c'est récent, sinon de celle de l'heure."""
    memoire = request.session.get("presences", {})
    recente = memoire.get("instant") and maintenant - parse_datetime(memoire["instant"]) < MEMOIRE
    voulue = request.GET.get("activite") or (memoire.get("activite") if recente else None)
    horaires = [(s, s.activite.heure_debut, s.activite.heure_fin) for s in seances]
    choisie = next((s for s in seances if str(s.activite_id) == str(voulue)), None)
    return choisie or regles.activite_de_l_heure(horaires, heure_de_paris(maintenant))


def _retenir(request, site, seance, maintenant):
    """Le choix de cette tablette, gardé dans sa session : l'agent n'a plus qu'à ouvrir la page."""
    memoire = dict(request.session.get("presences", {}))
    if site and "site" in request.GET:
        memoire["site"] = site.pk
    if seance and "activite" in request.GET:
        memoire |= {"activite": seance.activite_id, "instant": maintenant.isoformat()}
    if memoire != request.session.get("presences", {}):
        request.session["presences"] = memoire


def adresse(seance, ancre=""):
    """La page du jour ouverte sur cette séance, et sur cet enfant."""
    choix = {"site": seance.activite.site_id, "activite": seance.activite_id, "jour": seance.jour.isoformat()}
    return f"{reverse('presences:jour')}?{urlencode(choix)}{ancre}"


@agents
@require_safe
def nouvelles(request, seance):
    """Ce que d'autres tablettes ont pointé ``depuis`` (instant ISO) : leurs lignes et le compte, pour htmx."""
    seance = seance_ou_404(seance)
    maintenant = timezone.now()
    gestes = Geste.objects.filter(seance=seance, recu_le__gt=_depuis(request, maintenant))
    compte = compte_de(seance)
    return render(request, "presences/nouvelles.html", {
        **contexte_de_ligne(request, seance, maintenant),
        "lignes": lire_liste(seance, set(gestes.values_list("enfant", flat=True))), "compte": compte,
        "depuis": maintenant, "change": request.GET.get("nombre", "") != str(compte.prevus),
    })  # fmt: skip


def _depuis(request, maintenant):
    """L'instant de l'adresse, moins cinq secondes : un geste s'écrit un peu après l'instant qu'il porte."""
    try:
        depuis = parse_datetime(request.GET.get("depuis", "").replace(" ", "+")) or maintenant
        return max(depuis, maintenant - DERNIER_ECRAN) - dt.timedelta(seconds=5)
    except (ValueError, TypeError):  # illisible, ou sans fuseau
        return maintenant - dt.timedelta(seconds=5)

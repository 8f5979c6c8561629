"""Les effectifs d'une semaine, pour la cuisine ; les écarts d'un jour, pour la mairie."""

import datetime as dt

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commune.exports import noter_l_export
from commune.models import Ecole
from commune.regles import jour_de_paris, lundi
from commune.tableurs import servir_csv
from reservations.views.foyer import jour_demande

from .. import models, regles
from .acces import lecteurs

EFFECTIFS = ["Jour", "Site", "Activité", "A lieu", "Réservés", "Présents",
             *(f"Repas {mot}" for mot in regles.REPAS.values()), "Allergies", "PAI"]  # fmt: skip
ECARTS = ["Jour", "Site", "Activité", "Nom", "Prénom", "Classe", "Écart", "Raison"]


def _choix(request):
    """Le site et le jour demandés ; sans site, tous ; sans jour, aujourd'hui à Paris."""
    sites = list(Ecole.objects.ouvertes().filter(activites__active=True).distinct().order_by("ordre", "nom"))
    site = next((s for s in sites if str(s.pk) == request.GET.get("site")), None)
    return sites, site, jour_demande(request, jour_de_paris(timezone.now()))


@lecteurs
@require_safe
def effectifs(request):
    sites, site, jour = _choix(request)
    debut = lundi(jour)
    bilan = models.effectifs(debut, debut + dt.timedelta(days=6), site)
    jours = sorted({effectif.seance.jour for effectif in bilan} | {debut + dt.timedelta(days=n) for n in range(5)})
    return render(request, "presences/effectifs.html", {
        "sites": sites, "site": site, "jour": jour, "jours": jours, "debut": debut, "fin": jours[-1],
        "precedente": debut - dt.timedelta(days=7), "suivante": debut + dt.timedelta(days=7),
        "aujourd_hui": jour_de_paris(timezone.now()),
        "lignes": _par_activite(bilan, jours), "repas": _repas_par_jour(bilan, jours),
    })  # fmt: skip


def _par_activite(bilan, jours):
    """Une ligne par activité, une case par jour : ``[(activité, [Effectif ou None])]``."""
    lignes = {}
    for effectif in bilan:
        lignes.setdefault(effectif.seance.activite, {})[effectif.seance.jour] = effectif
    return [(activite, [cases.get(jour) for jour in jours]) for activite, cases in lignes.items()]


def _repas_par_jour(bilan, jours):
    """Les repas de tous les sites choisis : ``[(mot, [nombre par jour])]``, ce que la cuisine sert en dernier total."""
    servis = [e for e in bilan if e.repas and e.seance.ouverte]
    if not servis:
        return []

    def somme(valeur):
        return [sum(valeur(e) for e in servis if e.seance.jour == jour) for jour in jours]

    lignes = [(mot.capitalize(), somme(lambda e, c=cle: e.repas[c])) for cle, mot in regles.REPAS.items()]
    return [
        ("À servir", somme(lambda e: regles.repas_a_servir(e.repas))), *lignes,
        ("Dont allergies", somme(lambda e: e.allergies)), ("Dont PAI", somme(lambda e: e.pai)),
    ]  # fmt: skip


@lecteurs
@require_safe
def effectifs_csv(request):
    _, site, jour = _choix(request)
    debut = lundi(jour)
    lignes = []
    for e in models.effectifs(debut, debut + dt.timedelta(days=6), site):
        activite = e.seance.activite
        lignes.append([
            f"{e.seance.jour:%d/%m/%Y}", activite.site.nom, activite.nom, "oui" if e.seance.ouverte else "non",
            e.reservees, e.presents, *(e.repas.get(cle, "") for cle in regles.REPAS), e.allergies, e.pai,
        ])  # fmt: skip
    quoi = f"Effectifs exportés : semaine du {debut:%d/%m/%Y}, {site or 'tous les sites'}"
    noter_l_export(request, models.Pointage, quoi, f"{len(lignes)} séances en csv.")
    return servir_csv(f"effectifs-{debut:%Y-%m-%d}.csv", EFFECTIFS, lignes)


@lecteurs
@require_safe
def ecarts(request):
    sites, site, jour = _choix(request)
    return render(request, "presences/ecarts.html", {
        "sites": sites, "site": site, "jour": jour, "aujourd_hui": jour_de_paris(timezone.now()),
        "veille": jour - dt.timedelta(days=1), "lendemain": jour + dt.timedelta(days=1),
        "ecarts": models.ecarts(jour, site),
    })  # fmt: skip


@lecteurs
@require_safe
def ecarts_csv(request):
    _, site, jour = _choix(request)
    lignes = []
    for ecart in models.ecarts(jour, site):
        cas = [(e, "réservé, absent", "") for e in ecart.absents]
        cas += [(e, "réservé, excusé", "") for e in ecart.excuses]
        cas += [(e, "réservé, jamais pointé", "") for e in ecart.oublies]
        cas += [(e, "présent, ajouté ou sans réservation", raison) for e, raison in ecart.en_plus]
        activite = ecart.seance.activite
        lignes += [
            [f"{jour:%d/%m/%Y}", activite.site.nom, activite.nom, e.nom, e.prenom, e.classe_dite, mot, raison]
            for e, mot, raison in cas
        ]
    quoi = f"Écarts exportés : {jour:%d/%m/%Y}, {site or 'tous les sites'}"
    noter_l_export(request, models.Pointage, quoi, f"{len(lignes)} lignes en csv.")
    return servir_csv(f"ecarts-{jour:%Y-%m-%d}.csv", ECARTS, lignes)

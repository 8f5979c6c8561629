"""Le planning que tient la mairie : une grille d'enfants et de jours, à cocher, à imprimer, à sortir en tableur."""

import datetime as dt

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from commune.admin import chercher
from commune.exports import noter_l_export
from commune.models import Ecole
from commune.regles import jour_de_paris, lire_jour, lire_numero, lundi
from commune.tableurs import servir_csv, servir_ods
from familles.models import Enfant
from inscriptions.models import Activite

from .. import regles
from ..forms import PlanningForm
from ..models import Reservation, lire_planning
from .grille import MOTS, ecrire_vu, grille

MAX_TROUVES = 10
COLONNES = ["Classe", "Nom", "Prénom"]  # puis une par séance
TABLEURS = {"csv": servir_csv, "ods": servir_ods}


class Choix:
    """Ce que montre la page, pris dans son adresse : le site, ses activités, les jours, la classe. Deux requêtes."""

    def __init__(self, donnees):
        self.sites = list(Ecole.objects.ouvertes().filter(activites__active=True).distinct().order_by("ordre", "nom"))
        self.site = _trouver(self.sites, donnees.get("site")) or (self.sites[0] if self.sites else None)
        self.activites = list(Activite.objects.actives().filter(site=self.site)) if self.site else []
        self.activite = _trouver(self.activites, donnees.get("activite"))
        self.jour = lire_jour(donnees.get("jour")) or jour_de_paris(timezone.now())
        self.vue = "jour" if donnees.get("vue") == "jour" else "semaine"
        self.classe = donnees.get("classe", "") if donnees.get("classe") in Enfant.Classe.values else ""
        self.debut = self.jour if self.vue == "jour" else lundi(self.jour)
        self.fin = self.jour if self.vue == "jour" else self.debut + dt.timedelta(days=6)

    def lire(self, ajoutes=()):
        activites = [self.activite] if self.activite else self.activites
        return lire_planning(activites, self.debut, self.fin, ajoutes, self.classe)

    @property
    def titre(self):
        quoi = self.activite.nom if self.activite else "Toutes les activités"
        quand = regles.date_dite(self.jour, annee=True) if self.vue == "jour" else (
            f"semaine du {regles.semaine_dite(self.debut, self.fin)}"
        )
        return f"{quoi}, {self.site}, {quand}"

    def adresse(self, **autres):
        """Cette page, à d'autres choix près."""
        choix = {
            "site": self.site.pk if self.site else "", "activite": self.activite.pk if self.activite else "",
            "vue": self.vue, "jour": self.jour.isoformat(), "classe": self.classe,
        }  # fmt: skip
        return f"?{urlencode({cle: valeur for cle, valeur in (choix | autres).items() if valeur != ''})}"

    @property
    def voisins(self):
        """Les adresses d'avant et d'après."""
        pas = dt.timedelta(days=1 if self.vue == "jour" else 7)
        return self.adresse(jour=(self.jour - pas).isoformat()), self.adresse(jour=(self.jour + pas).isoformat())


def _trouver(objets, cle):
    return next((objet for objet in objets if str(objet.pk) == cle), None)


# --- La page ----------------------------------------------------------------------------------------------------------
def planning(request):
    """Lire, cocher, chercher un enfant de plus ; à qui n'a pas le droit de changer, lire seulement."""
    if not request.user.has_perm("reservations.view_reservation"):
        raise PermissionDenied
    choix = Choix(request.GET)
    suffixe = request.GET.get("format")
    if suffixe in TABLEURS:
        return exporter(request, choix, TABLEURS[suffixe], suffixe)
    peut = request.user.has_perms(["reservations.add_reservation", "reservations.change_reservation"])
    contexte = {"choix": choix, "peut": peut, "coches": None}
    ajoutes = _cles(request.POST.getlist("ajoutes"))
    if request.method == "POST":
        if not peut:
            raise PermissionDenied
        reponse = _recevoir(request, choix, contexte, ajoutes)
        if reponse:
            return reponse
    lu = choix.lire(ajoutes)
    contexte |= {
        **admin.site.each_context(request), "title": "Planning", "planning": lu, "jours": _jours(lu),
        "ajoutes": sorted(ajoutes), "classes": Enfant.Classe.choices, "refusees": contexte.get("refusees", {}),
        "vu": request.POST.get("vu") if request.method == "POST" else ecrire_vu(lu),
        "plusieurs": not choix.activite and choix.vue == "semaine",
    }  # fmt: skip
    contexte["grille"] = grille(lu, peut, contexte["coches"], contexte["refusees"])
    return render(request, "reservations/admin/planning.html", contexte)


def _cles(valeurs):
    return {cle for valeur in valeurs if (cle := lire_numero(valeur))}


def _recevoir(request, choix, contexte, ajoutes):
    """Enregistre, ou garde ce qui est coché le temps d'une recherche ; rend une réponse quand tout est écrit."""
    form = PlanningForm(request.POST, request.user)
    valable = form.is_valid()
    contexte |= {"form": form, "coches": form.coches}
    cherche = request.POST.get("q", "").strip()
    if "ajouter" in request.POST:
        ajoutes |= _cles([request.POST["ajouter"]])
        return None
    if cherche and request.POST.get("faire") != "enregistrer":
        trouves = chercher(Enfant.objects.select_related("ecole"), cherche, "cle").order_by("nom", "prenom", "pk")
        contexte |= {"cherche": cherche, "trouves": trouves[:MAX_TROUVES]}
        return None
    if not valable:
        contexte["erreurs"] = [erreur for erreurs in form.errors.values() for erreur in erreurs]
        return None
    resultat = form.save(timezone.now())
    if resultat.refus:
        contexte["erreurs"] = [refus.phrase for refus in resultat.refus]
        contexte["refusees"] = {(refus.enfant_id, refus.seance_id) for refus in resultat.refus}
        return None
    _annoncer(request, resultat)
    return redirect(f"{request.path}{choix.adresse()}")


def _annoncer(request, resultat):
    if not resultat.lot:
        messages.info(request, "Rien n'a changé : tout était déjà ainsi.")
        return
    foyers = len({changement.famille.pk for changement in resultat.faits})
    familles = "la famille est prévenue" if foyers == 1 else f"les {foyers} familles sont prévenues"
    messages.success(request, f"{resultat.nombres}, reçu {resultat.numero} : {familles} par courriel.")


def _jours(lu):
    """Les jours de l'entête : ``[(jour dit, combien de colonnes), …]``."""
    nombres = {}
    for colonne in lu.colonnes:
        nombres[colonne.seance.jour] = nombres.get(colonne.seance.jour, 0) + 1
    return [(f"{regles.JOURS_COURTS[jour.weekday()]} {regles.quantieme(jour)}", n) for jour, n in nombres.items()]


# --- Le tableur -------------------------------------------------------------------------------------------------------
def exporter(request, choix, servir, suffixe):
    """La grille en CSV ou en ODS, notée au journal de l'administration."""
    lu = choix.lire()
    jours = [f"{regles.date_dite(c.seance.jour)}, {c.seance.activite.nom}" for c in lu.colonnes]
    mots = {"reservee": "réservé", **MOTS}
    rangees = [
        [classe, r.enfant.nom, r.enfant.prenom, *(mots.get(r.etats.get(c.seance.pk), "") for c in lu.colonnes)]
        for classe, siennes in lu.classes for r in siennes
    ]  # fmt: skip
    noter_l_export(request, Reservation, f"Planning exporté : {choix.titre}", f"{len(rangees)} enfants en {suffixe}.")
    nom = f"planning-{choix.debut:%Y-%m-%d}.{suffixe}"
    return servir(nom, [*COLONNES, *jours], rangees)

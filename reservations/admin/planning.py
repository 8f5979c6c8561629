"""Le planning que tient la mairie : une grille d'enfants et de jours, à cocher, à imprimer, à sortir en tableur."""

import datetime as dt

import tablib
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from commune.admin import chercher
from commune.models import Ecole
from commune.regles import desamorcer, jour_de_paris, lundi
from familles.models import Enfant
from inscriptions.models import Activite

from .. import regles
from ..actions import enregistrer_pour_les_familles
from ..models import lire_planning
from .grille import MOTS, ecrire_vu, grille, lire_couple, lire_vu

MAX_TROUVES = 10


class Choix:
    """Ce que montre la page, pris dans son adresse : le site, ses activités, les jours, la classe. Deux requêtes."""

    def __init__(self, donnees):
        self.sites = list(Ecole.objects.ouvertes().filter(activites__active=True).distinct().order_by("ordre", "nom"))
        self.site = _trouver(self.sites, donnees.get("site")) or (self.sites[0] if self.sites else None)
        self.activites = list(Activite.objects.actives().filter(site=self.site)) if self.site else []
        self.activite = _trouver(self.activites, donnees.get("activite"))
        self.jour = _date(donnees.get("jour")) or jour_de_paris(timezone.now())
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


def _date(texte):
    try:
        jour = parse_date(texte or "")
    except ValueError:
        return None
    return jour if jour and 2000 < jour.year < 2200 else None


class PlanningForm(forms.Form):
    """Les cases cochées, ce que la page montrait (``vu``), et la raison commune à tout ce qui change."""

    vu = forms.CharField(required=False)
    motif = forms.CharField(
        max_length=150, error_messages={"required": "Dites pourquoi : la raison reste au journal, la famille la lit."}
    )
    au_dela = forms.BooleanField(required=False)

    def __init__(self, donnees, compte):
        super().__init__(donnees)
        self.compte = compte

    def clean(self):
        propres = super().clean()
        try:
            self.vu = lire_vu(propres.get("vu", ""))
            self.coches = {lire_couple(valeur) for valeur in self.data.getlist("c")}
        except ValueError:
            self.vu, self.coches = set(), set()
            raise ValidationError("La page est arrivée abîmée : rechargez-la.", code="abimee") from None
        return propres

    def save(self, maintenant):
        """Seuls les vrais changements s'écrivent : une case que l'on n'a pas touchée reste comme elle est en base."""
        souhaits = {couple: couple in self.coches for couple in self.coches ^ self.vu}
        donnees = self.cleaned_data
        return enregistrer_pour_les_familles(souhaits, self.compte, donnees["motif"], maintenant, donnees["au_dela"])


# --- La page ----------------------------------------------------------------------------------------------------------
def planning(request):
    """Lire, cocher, chercher un enfant de plus ; à qui n'a pas le droit de changer, lire seulement."""
    if not request.user.has_perm("reservations.view_reservation"):
        raise PermissionDenied
    choix = Choix(request.GET)
    if request.GET.get("format") in ("csv", "ods"):
        return exporter(choix, request.GET["format"])
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
    return {int(valeur) for valeur in valeurs if valeur.isdecimal()}


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
    reservees = sum(changement.apres == "reservee" for changement in resultat.faits)
    annulees, foyers = len(resultat.faits) - reservees, len({c.famille.pk for c in resultat.faits})
    comptes = [(reservees, "réservation"), (annulees, "annulation")]
    nombres = [f"{n} {mot}{'s' if n > 1 else ''}" for n, mot in comptes if n]
    familles = "la famille est prévenue" if foyers == 1 else f"les {foyers} familles sont prévenues"
    numero = str(resultat.lot)[:8].upper()
    messages.success(request, f"{' et '.join(nombres)}, reçu {numero} : {familles} par courriel.")


def _jours(lu):
    """Les jours de l'entête : ``[(jour dit, combien de colonnes), …]``."""
    nombres = {}
    for colonne in lu.colonnes:
        nombres[colonne.seance.jour] = nombres.get(colonne.seance.jour, 0) + 1
    return [(f"{regles.JOURS_COURTS[jour.weekday()]} {regles.quantieme(jour)}", n) for jour, n in nombres.items()]


# --- Le tableur -------------------------------------------------------------------------------------------------------
def exporter(choix, suffixe):
    """La grille en CSV ou en ODS ; aucun texte n'y devient une formule."""
    lu = choix.lire()
    entetes = [f"{regles.date_dite(c.seance.jour)}, {c.seance.activite.nom}" for c in lu.colonnes]
    table = tablib.Dataset(headers=["Classe", "Nom", "Prénom", *map(desamorcer, entetes)], title="Planning")
    mots = {"reservee": "réservé", **MOTS}
    for classe, rangees in lu.classes:
        for rangee in rangees:
            etats = [mots.get(rangee.etats.get(c.seance.pk), "") for c in lu.colonnes]
            table.append([*map(desamorcer, [classe, rangee.enfant.nom, rangee.enfant.prenom]), *etats])
    if suffixe == "ods":
        octets, nature = table.export("ods"), "application/vnd.oasis.opendocument.spreadsheet"
    else:
        octets, nature = "\ufeff" + table.export("csv", delimiter=";"), "text/csv; charset=utf-8"
    reponse = HttpResponse(octets, content_type=nature)
    reponse["Content-Disposition"] = f'attachment; filename="planning-{choix.debut:%Y-%m-%d}.{suffixe}"'
    reponse["Cache-Control"] = "no-store"
    return reponse

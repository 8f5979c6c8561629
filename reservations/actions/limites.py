"""Calculer les limites des séances : les règles et les calendriers lus une fois, autant de séances que l'on veut."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from commune.models import AnneeScolaire, JourFerme
from commune.regles import PARIS, jour_de_paris
from inscriptions.models import Activite
from inscriptions.regles import ACTIVITE, ANNULER, CALENDAIRES, EN_HEURES, OUVERTURE, RESERVER, heure_dite

from .. import regles

AVANT = dt.timedelta(days=150)  # les fériés d'avant la rentrée : soixante jours ouvrés en arrière
LIGNES = 20  # cinq semaines d'école
PAUSE = dt.timedelta(days=4)  # un week-end prolongé est un pont ou des vacances


class Calculateur:
    """Les limites de n'importe quelle séance de ces ``annees`` scolaires (triées), dans un nombre constant de requêtes.

    ``delais`` (``[(geste, regles.Delai)]``) remplace les règles de ces ``changees`` : ce qu'elles seraient.
    """

    def __init__(self, annees, changees=(), delais=()):
        self.annees = list(annees)
        self.activites = {a.pk: a for a in Activite.objects.prefetch_related("regles_delai").order_by("pk")}
        debut = min((a.debut for a in self.annees), default=dt.date.max - AVANT) - AVANT
        fin = max((a.fin for a in self.annees), default=dt.date.min)
        self.fermetures = list(JourFerme.objects.entre(debut, fin).order_by("debut", "pk"))
        self.delais = {
            pk: (activite.delais_pour(RESERVER), activite.delais_pour(ANNULER))
            for pk, activite in self.activites.items()
        }
        proposes = tuple([delai for g, delai in delais if g == geste] for geste in (RESERVER, ANNULER))
        self.delais |= {activite.pk: proposes for activite in changees}
        self.memoire, self.calendriers = {}, {}

    def limites(self, activite, jour):
        """Les :class:`regles.Limites` de l'activité ce ``jour``, celles que pose une séance."""
        return regles.limites(jour, *self.delais[activite.pk], lambda delai: self._limite(activite, jour, delai))

    def _limite(self, activite, jour, delai):
        """La même règle, le même jour, au même site : le même instant, calculé une fois pour toutes les activités."""
        cle = (delai.forme, delai.nombre, delai.decompte, delai.jour_semaine, delai.heure, jour, activite.site_id)
        if delai.forme == EN_HEURES:
            cle += (activite.heure_debut,)
        if delai.decompte == ACTIVITE:
            cle += (activite.pk,)
        if cle not in self.memoire:
            calendrier = self._calendrier(activite, jour, delai.decompte)
            self.memoire[cle] = regles.limite(jour, delai, activite.heure_debut, calendrier)
        return self.memoire[cle]

    def _calendrier(self, activite, jour, decompte):
        """Ce que compte ce décompte l'année de ce ``jour`` ; on ne cherche que les jours qu'il lui faut."""
        if decompte == CALENDAIRES:
            return regles.Calendrier()
        annee = next((a for a in self.annees if a.debut <= jour <= a.fin), None)
        qui = activite.site_id if decompte == OUVERTURE else activite.pk if decompte == ACTIVITE else None
        cle = (annee, decompte, qui)
        if cle not in self.calendriers:
            siennes = [activite] if decompte == ACTIVITE else self.par_site[activite.site_id]
            connus = frozenset(self._jours(annee, siennes) if annee and qui else ())
            self.calendriers[cle] = regles.Calendrier(connus, connus, self.feries)
        return self.calendriers[cle]

    def _jours(self, annee, activites):
        return regles.jours_du_site(annee.debut, annee.fin, activites, self._fermees(annee))

    def _fermees(self, annee):
        return [f for f in self.fermetures if f.debut <= annee.fin and f.fin >= annee.debut]

    def jours_d_accueil(self, activite):
        """Les jours de ces années où l'activité a lieu, dans l'ordre."""
        return [jour for annee in self.annees for jour in self._jours(annee, [activite])]

    @cached_property
    def par_site(self):
        par_site = defaultdict(list)
        for activite in self.activites.values():
            if activite.active:
                par_site[activite.site_id].append(activite)
        return par_site

    @cached_property
    def feries(self):
        feries = [f for f in self.fermetures if f.motif == JourFerme.Motif.FERIE and f.ecole_id is None]
        return frozenset(
            f.debut + dt.timedelta(days=n) for f in feries for n in range((f.fin - f.debut).days + 1)
        )


# --- Le simulateur ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Simulee:
    """Un jour d'accueil et ses limites, telles que les poserait une séance."""

    jour: str
    reprise: bool
    reserver: str
    annuler: str
    ensuite: str
    avant_reserver: str  # ce que c'est aujourd'hui, si cela change
    avant_annuler: str


def simuler(activites, delais, maintenant, depuis=None):
    """Les limites des prochains jours d'accueil, comparées à celles d'aujourd'hui si ``delais`` en propose d'autres.

    Rend ``[(activités, [Simulee])]`` : celles à qui il arrive la même chose n'ont qu'un tableau.
    """
    depuis = depuis or jour_de_paris(maintenant)
    annees = list(AnneeScolaire.objects.filter(fin__gte=depuis, calendrier_confirme=True).order_by("debut")[:2])
    actuelles = Calculateur(annees)
    proposees = actuelles if delais is None else Calculateur(annees, activites, delais)
    tableaux = defaultdict(list)
    for activite in activites:
        tableaux[tuple(_lignes(activite, actuelles, proposees, depuis))].append(activite)
    return [(siennes, list(lignes)) for lignes, siennes in tableaux.items()]


def _lignes(activite, actuelles, proposees, depuis):
    jours = [jour for jour in actuelles.jours_d_accueil(activite) if jour >= depuis][:LIGNES]
    for rang, jour in enumerate(jours):
        avant, apres = actuelles.limites(activite, jour), proposees.limites(activite, jour)
        yield Simulee(
            jour=regles.date_dite(jour, annee=True), reprise=rang > 0 and jour - jours[rang - 1] > PAUSE,
            reserver=_dite(apres.reservation), annuler=_dite(apres.annulation), ensuite=apres.apres,
            avant_reserver="" if avant.reservation == apres.reservation else _dite(avant.reservation),
            avant_annuler="" if avant.annulation == apres.annulation else _dite(avant.annulation),
        )  # fmt: skip


def _dite(limite):
    """La dernière minute acceptée, à Paris : « jeudi 3 septembre 12 h »."""
    derniere = regles.derniere_minute(limite).astimezone(PARIS)
    return f"{regles.date_dite(derniere.date())} {heure_dite(derniere)}"

"""Poser les limites des séances : les règles et les calendriers lus une fois, autant de séances que l'on veut."""

import datetime as dt
from collections import defaultdict
from functools import cached_property

from commune.models import JourFerme
from inscriptions.models import Activite
from inscriptions.regles import ACTIVITE, ANNULER, CALENDAIRES, EN_HEURES, OUVERTURE, RESERVER, delai_du

from .. import regles

AVANT = dt.timedelta(days=150)  # les fériés d'avant la rentrée : soixante jours ouvrés en arrière


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
        reserver, annuler = (delai_du(delais, jour) for delais in self.delais[activite.pk])
        return regles.Limites(
            self._limite(activite, jour, reserver), self._limite(activite, jour, annuler), reserver.ensuite
        )

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

"""Le mois et l'année d'un enfant : ce qui est réservé, d'un coup d'œil, et la semaine à un clic."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from commune.regles import jour_de_paris, jours, lundi

from .cases import MOTS, RESERVEE, Statut, statut
from .grille import UN_JOUR, ActiviteVue, delais, plage
from .mots import nom_du_mois

LETTRES = {"matin": "M", "midi": "R", "soir": "S", "mercredi": "Me", "vacances": "V"}
# Ce qu'un mois montre : ce que la famille a fait ou ne peut plus faire. Le reste est libre, et se voit à l'absence.
MONTRES = {
    Statut.RESERVE, Statut.ENGAGE, Statut.ATTENTE, Statut.COMPLET, Statut.EXCUSE, Statut.EXCUSE_ENVOYEE,
    Statut.EXCUSE_REFUSEE, Statut.AUTRE_FOYER,
}  # fmt: skip


@dataclass(slots=True)
class Marque:
    """Une activité d'une journée : sa lettre sur un téléphone, son nom ailleurs, et l'état."""

    lettre: str
    nom: str
    statut: Statut
    mot: str


@dataclass(slots=True)
class JourDuMois:
    """Une journée. ``total`` compte ses activités, ``reservees`` celles qui le sont."""

    date: dt.date
    dehors: bool
    aujourdhui: bool
    ferme: str = ""
    marques: list = field(default_factory=list)
    total: int = 0
    reservees: int = 0

    @property
    def plein(self):
        return bool(self.total) and self.reservees == self.total


@dataclass(slots=True)
class Mois:
    premier: dt.date
    titre: str
    precedent: dt.date
    suivant: dt.date
    semaines: list
    reservees: int


@dataclass(slots=True)
class ActiviteComptee(ActiviteVue):
    lettre: str
    reservees: int


def bornes(premier):
    """Du lundi de la première semaine d'un mois au dimanche de la dernière."""
    dernier = mois_suivant(premier) - UN_JOUR
    return lundi(premier), lundi(dernier) + 6 * UN_JOUR


def mois_suivant(premier):
    return (premier.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def mois(lecture, premier, maintenant):
    """Le mois du ``premier``, en semaines entières. La lecture couvre ses :func:`bornes`."""
    par_jour = _par_jour(lecture)
    lettres = _lettres(lecture.activites)
    aujourdhui = jour_de_paris(maintenant)
    debut, fin = bornes(premier)
    cases = [
        _jour(date, premier, aujourdhui, par_jour[date], lecture, lettres, maintenant) for date in jours(debut, fin)
    ]
    return Mois(
        premier=premier,
        titre=nom_du_mois(premier),
        precedent=(premier - UN_JOUR).replace(day=1),
        suivant=mois_suivant(premier),
        semaines=[cases[n : n + 7] for n in range(0, len(cases), 7)],
        reservees=sum(case.reservees for case in cases if not case.dehors),
    )


def annee(lecture, debut, fin, maintenant):
    """Les mois de ``debut`` à ``fin``, l'un après l'autre."""
    vus, premier = [], debut.replace(day=1)
    while premier <= fin:
        vus.append(mois(lecture, premier, maintenant))
        premier = mois_suivant(premier)
    return vus


def activites_comptees(lecture, debut, fin):
    """Chaque activité, sa lettre et son nombre de réservations de ``debut`` à ``fin`` compris."""
    lettres = _lettres(lecture.activites)
    nombres = Counter(
        c.activite.pk
        for c in lecture.cases
        if c.faits.etat == RESERVEE and debut <= c.faits.jour <= fin and c.faits.ouverte
    )
    return [ActiviteComptee(a.nom, plage(a), delais(a), lettres[a.pk], nombres[a.pk]) for a in lecture.activites]


def _par_jour(lecture):
    par_jour = defaultdict(list)
    for case in lecture.cases:
        par_jour[case.faits.jour].append(case)
    return par_jour


def _lettres(activites):
    """Une ou deux lettres par activité, jamais les mêmes : ``{pk: "R"}``."""
    lettres, prises = {}, Counter()
    for activite in activites:
        lettre = LETTRES.get(activite.genre, activite.nom[:1].upper())
        prises[lettre] += 1
        lettres[activite.pk] = lettre if prises[lettre] == 1 else f"{lettre}{prises[lettre]}"
    return lettres


def _jour(date, premier, aujourdhui, cases, lecture, lettres, maintenant):
    jour = JourDuMois(date, date.month != premier.month, date == aujourdhui)
    for case in cases:
        etat = statut(case.faits, maintenant)
        if etat in MONTRES:
            jour.marques.append(Marque(lettres[case.activite.pk], case.faits.activite, etat, MOTS[etat]))
        jour.total += case.faits.ouverte
        jour.reservees += case.faits.ouverte and case.faits.etat == RESERVEE
    if not jour.total:
        jour.ferme = next(
            (f.libelle for f in lecture.fermetures if f.debut <= date <= f.fin and not f.ecole_id),
            cases[0].faits.motif if cases else "",
        )
    return jour

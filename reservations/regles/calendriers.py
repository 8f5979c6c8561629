"""Le mois et l'année d'un enfant : ce qui est réservé, d'un coup d'œil, et la semaine à un clic."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from commune.regles import jour_de_paris, jours, lundi

from .cases import MOTS, RESERVEE, Statut, phrase_case, statut
from .grille import UN_JOUR
from .mots import nom_du_mois, rang_dit

LETTRES = {"matin": "M", "midi": "R", "soir": "S", "mercredi": "Me", "vacances": "V"}
CLASSES = {Statut.ENGAGE: "reserve", Statut.EXCUSE_ENVOYEE: "excuse"}
# Ce qu'un mois montre : ce que la famille a fait ou ne peut plus faire. Le reste est libre, et se voit à l'absence.
MONTRES = {
    Statut.RESERVE, Statut.ENGAGE, Statut.PROPOSE, Statut.ATTENTE, Statut.COMPLET, Statut.EXCUSE, Statut.EXCUSE_ENVOYEE,
    Statut.EXCUSE_REFUSEE, Statut.AUTRE_FOYER,
}  # fmt: skip


@dataclass(slots=True)
class Marque:
    """Une activité d'une journée : sa lettre sur un téléphone, son nom ailleurs, et l'état."""

    lettre: str
    nom: str
    statut: Statut
    mot: str

    @property
    def classe(self):
        return f"jour-marque-{CLASSES.get(self.statut, self.statut)}"


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
    def iso(self):
        return self.date.isoformat()

    @property
    def classe(self):
        if self.dehors:
            return "mois-hors"
        quoi = "mois-ferme" if self.ferme else "mois-vide" if not self.total else self.remplissage
        return f"{quoi} mois-aujourdhui" if self.aujourdhui else quoi

    @property
    def remplissage(self):
        """Tout réservé, une partie, ou rien : un plein, une moitié, un blanc."""
        return "plein" if self.reservees == self.total else "moitie" if self.reservees else "mois-libre"

    @property
    def mot(self):
        """Ce que la couleur d'un petit calendrier dit à l'œil."""
        if self.ferme or not self.total:
            return self.ferme
        return {"plein": "tout réservé", "moitie": "réservé en partie"}.get(self.remplissage, "libre")


@dataclass(slots=True)
class Mois:
    premier: dt.date
    titre: str
    precedent: dt.date
    suivant: dt.date
    semaines: list
    reservees: int


@dataclass(slots=True)
class ActiviteComptee:
    nom: str
    horaires: str
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
    return _Calendrier(lecture, maintenant).mois(premier)


def annee(lecture, debut, fin, maintenant):
    """Les mois de ``debut`` à ``fin``, l'un après l'autre."""
    calendrier, vus, premier = _Calendrier(lecture, maintenant), [], debut.replace(day=1)
    while premier <= fin:
        vus.append(calendrier.mois(premier))
        premier = mois_suivant(premier)
    return vus


def activites_comptees(lecture, debut, fin):
    """Chaque activité, sa lettre et son nombre de réservations de ``debut`` à ``fin`` compris."""
    lettres = _lettres(lecture.activites)
    nombres = Counter(
        c.activite.pk
        for c in lecture.cases
        if c.faits.etat == RESERVEE and c.faits.chez_nous and debut <= c.faits.jour <= fin and c.faits.ouverte
    )
    return [ActiviteComptee(a.nom, a.horaires, lettres[a.pk], nombres[a.pk]) for a in lecture.activites]


def _lettres(activites):
    """Une ou deux lettres par activité, jamais les mêmes : ``{pk: "R"}``."""
    lettres, prises = {}, Counter()
    for activite in activites:
        lettre = LETTRES.get(activite.genre, activite.nom[:1].upper())
        prises[lettre] += 1
        lettres[activite.pk] = lettre if prises[lettre] == 1 else f"{lettre}{prises[lettre]}"
    return lettres


def _marque(lettre, faits, etat, maintenant):
    """Une attente dit son rang, une place proposée jusqu'à quand : c'est ce que l'on vient y lire."""
    if etat not in (Statut.ATTENTE, Statut.PROPOSE):
        return Marque(lettre, faits.activite, etat, MOTS[etat])
    phrase = phrase_case(faits, etat, maintenant)
    court = rang_dit(faits.rang) if etat == Statut.ATTENTE and faits.rang else ""
    return Marque(lettre, f"{faits.activite} {court}".strip(), etat, ", ".join(filter(None, (MOTS[etat], phrase))))


class _Calendrier:
    """Une lecture rangée par date, une fois pour tous les mois que l'on en tire."""

    def __init__(self, lecture, maintenant):
        rangs = {activite.pk: rang for rang, activite in enumerate(lecture.activites)}
        self.par_jour = defaultdict(list)
        for case in sorted(lecture.cases, key=lambda case: rangs[case.activite.pk]):
            self.par_jour[case.faits.jour].append(case)
        self.generales = [f for f in lecture.fermetures if not f.ecole_id]
        self.lettres = _lettres(lecture.activites)
        self.maintenant, self.aujourdhui = maintenant, jour_de_paris(maintenant)

    def mois(self, premier):
        cases = [self.jour(date, premier) for date in jours(*bornes(premier))]
        return Mois(
            premier=premier,
            titre=nom_du_mois(premier),
            precedent=(premier - UN_JOUR).replace(day=1),
            suivant=mois_suivant(premier),
            semaines=[cases[n : n + 7] for n in range(0, len(cases), 7)],
            reservees=sum(case.reservees for case in cases),
        )

    def jour(self, date, premier):
        jour = JourDuMois(date, date.month != premier.month, date == self.aujourdhui)
        if jour.dehors:
            return jour
        cases = self.par_jour.get(date, ())
        for case in cases:
            etat = statut(case.faits, self.maintenant)
            if etat in MONTRES:
                jour.marques.append(_marque(self.lettres[case.activite.pk], case.faits, etat, self.maintenant))
            # Ce que l'autre foyer a réservé se montre, mais n'est pas à compter ; ses jours ne sont pas libres.
            a_nous = case.faits.etat == RESERVEE and case.faits.chez_nous
            jour.total += case.faits.ouverte and (a_nous or case.faits.a_nous)
            jour.reservees += case.faits.ouverte and a_nous
        if not jour.total:
            ailleurs = MOTS[Statut.GARDE_AUTRE] if cases and not cases[0].faits.a_nous else ""
            jour.ferme = next(
                (f.libelle for f in self.generales if f.debut <= date <= f.fin),
                (cases[0].faits.motif if cases else "") or ailleurs,
            )
        return jour

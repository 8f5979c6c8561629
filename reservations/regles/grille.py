"""La semaine d'un enfant, prête à écrire : le gabarit n'a plus qu'à la dire, case après case."""

import datetime as dt
from dataclasses import dataclass, field

from commune.regles import jour_de_paris
from commune.regles import lundi as lundi_de
from inscriptions.regles import JOURS, MOIS, enumerer

from .cases import MODIFIABLES, MOTS, RESERVEE, Statut, mene_a_la_liste, peut_excuser, phrase_case, statut
from .mots import date_dite, quantieme, semaine_dite

UN_JOUR, UNE_SEMAINE = dt.timedelta(days=1), dt.timedelta(days=7)


# Ce qui ne se modifie plus et reste réservé garde la couleur du réservé ; les trois excuses, la même forme.
CLASSES = {
    Statut.ENGAGE: "case-reserve case-engage",
    Statut.AUTRE_FOYER: "case-reserve case-autre",
    Statut.EXCUSE_ENVOYEE: "case-excuse case-excuse-envoyee",
    Statut.EXCUSE: "case-excuse",
    Statut.EXCUSE_REFUSEE: "case-excuse case-excuse-refusee",
}


@dataclass(slots=True)
class CaseVue:
    """Une case. ``cochee`` est ce que l'on veut, ``reservee`` ce qui est en base : leur écart est à enregistrer."""

    seance: int
    nom: str
    horaires: str
    jour: str
    statut: Statut
    mot: str
    phrase: str = ""
    modifiable: bool = False
    cochee: bool = False
    reservee: bool = False
    raison: str = ""
    excuser: int | None = None  # la réservation dont l'absence s'excuse
    attendre: int | None = None  # l'enfant dont la page de la liste d'attente s'ouvre
    dite: bool = False  # sa limite est déjà dite en tête de la journée

    @property
    def classe(self):
        """Les classes de sa case (``planning.css``)."""
        refusee = " case-refuse" if self.raison else ""
        if self.modifiable:
            return f"case-{'reserve' if self.reservee else self.statut}{refusee}"
        return f"{CLASSES.get(self.statut, f'case-{self.statut}')}{refusee}"


@dataclass(slots=True)
class JourVu:
    """Une journée ; ``cases`` suit les activités de la semaine, ``None`` où l'activité n'a pas lieu."""

    date: dt.date
    nom: str
    quantieme: str
    mois: str
    aujourdhui: bool
    passe: bool
    ferme: str = ""
    limite: str = ""
    proche: bool = False  # cette limite tombe dans la journée
    cases: list = field(default_factory=list)

    @property
    def limite_dite(self):
        """La limite commune, son mot le plus courant tu à l'œil : « jusqu'à jeudi 23 h 59 »."""
        return self.limite.removeprefix("modifiable ")

    @property
    def modifiable(self):
        return self.limite.startswith("modifiable ")

    @property
    def court(self):
        """« LUN. », comme en tête des colonnes du tutoriel."""
        return f"{self.nom[:3].upper()}."

    @property
    def vide(self):
        return not self.ferme and not any(self.cases)

    @property
    def classe(self):
        etats = {
            "jour-ferme": self.ferme,
            "jour-vide": self.vide,
            "jour-aujourdhui": self.aujourdhui,
            "jour-passe": self.passe,
        }
        return "".join(f" {nom}" for nom, vrai in etats.items() if vrai)


@dataclass(slots=True)
class ActiviteVue:
    nom: str
    horaires: str
    delais: str


@dataclass(slots=True)
class Semaine:
    lundi: dt.date
    titre: str
    precedente: dt.date
    suivante: dt.date
    activites: list
    jours: list
    fermeture: object  # celle qui ferme toute la semaine, ou None
    vu: str  # ce que la page montre de modifiable : « 12 13+ 15 », le plus marquant ce qui est réservé

    @property
    def modifiable(self):
        return bool(self.vu)

    @property
    def reprise(self):
        """Le lundi de la semaine où cette fermeture finit."""
        return lundi_de(self.fermeture.fin + UN_JOUR)

    @property
    def fermeture_dite(self):
        """« Du samedi 17 octobre au dimanche 1er novembre »."""
        return f"Du {date_dite(self.fermeture.debut)} au {date_dite(self.fermeture.fin)}"

    @property
    def courte(self):
        """Rien le samedi ni le dimanche : leurs colonnes se font étroites."""
        return not any(self.jours[5].cases + self.jours[6].cases)

    @property
    def delais(self):
        """Les règles, chacune dite une fois avec les activités qu'elle vaut."""
        par_phrase = {}
        for activite in self.activites:
            par_phrase.setdefault(activite.delais, []).append(activite.nom)
        return [(enumerer(noms), phrase) for phrase, noms in par_phrase.items()]

    @property
    def refusees(self):
        return [case for jour in self.jours for case in jour.cases if case and case.raison]


def semaine(lecture, lundi, maintenant, voulu=None, refus=None):
    """La semaine du ``lundi``. ``voulu`` (``{seance: vrai ou faux}``) garde ce qui était coché quand la page revient
    après un refus ; ``refus`` (``{seance: phrase}``) nomme les cases refusées.
    """
    voulu, refus = voulu or {}, refus or {}
    rangs = {activite.pk: rang for rang, activite in enumerate(lecture.activites)}
    horaires = {a.pk: a.horaires for a in lecture.activites}
    aujourdhui = jour_de_paris(maintenant)
    jours = [_jour(lundi + n * UN_JOUR, aujourdhui, len(rangs)) for n in range(7)]
    for lue in lecture.cases:
        vue = case(lue, horaires[lue.activite.pk], maintenant, voulu.get(lue.seance), refus.get(lue.seance, ""))
        vue.attendre = lecture.enfant.pk if mene_a_la_liste(lue.faits, vue.statut, maintenant) else None
        jours[lue.faits.jour.weekday()].cases[rangs[lue.activite.pk]] = vue
    for jour in jours:
        _conclure(jour, lecture.fermetures)
        jour.proche = " soir " in jour.limite or "aujourd'hui" in jour.limite
    return Semaine(
        lundi=lundi,
        titre=semaine_dite(lundi, lundi + 6 * UN_JOUR),
        precedente=lundi - UNE_SEMAINE,
        suivante=lundi + UNE_SEMAINE,
        activites=[ActiviteVue(a.nom, a.horaires, a.delais) for a in lecture.activites],
        jours=jours,
        fermeture=_fermeture_de_la_semaine(jours, lecture.fermetures),
        vu=" ".join(f"{c.seance}{'+' if c.reservee else ''}" for j in jours for c in j.cases if c and c.modifiable),
    )


def _fermeture_de_la_semaine(jours, fermetures):
    """Des vacances couvrent tous les jours d'école et rien n'a lieu : les dire une fois vaut mieux que sept."""
    if any(case for jour in jours for case in jour.cases):
        return None
    lundi, vendredi = jours[0].date, jours[4].date
    return next((f for f in fermetures if f.debut <= lundi and vendredi <= f.fin and not f.ecole_id), None)


def case(lue, horaires, maintenant, voulu=None, raison=""):
    """Une case lue, comme elle se montre à ``maintenant``."""
    faits = lue.faits
    etat = statut(faits, maintenant)
    reservee = faits.etat == RESERVEE and faits.chez_nous
    return CaseVue(
        seance=lue.seance,
        nom=faits.activite,
        horaires=horaires,
        jour=date_dite(faits.jour),
        statut=etat,
        mot=MOTS[etat],
        phrase=phrase_case(faits, etat, maintenant),
        modifiable=etat in MODIFIABLES,
        cochee=reservee if voulu is None else voulu,
        reservee=reservee,
        raison=raison,
        excuser=lue.reservation if peut_excuser(faits, maintenant) else None,
    )


def _jour(date, aujourdhui, activites):
    return JourVu(
        date, JOURS[date.weekday()], quantieme(date), MOIS[date.month - 1], date == aujourdhui, date < aujourdhui,
        cases=[None] * activites,
    )  # fmt: skip


def _conclure(jour, fermetures):
    """Un jour sans séance dit pourquoi ; un jour dont toutes les cases ont la même limite la dit une seule fois."""
    if not any(jour.cases):
        jour.ferme = next((f.libelle for f in fermetures if f.debut <= jour.date <= f.fin and not f.ecole_id), "")
        return
    presentes = [c for c in jour.cases if c]
    if all(c.statut == Statut.FERME for c in presentes) and len({c.phrase for c in presentes}) == 1:
        jour.ferme = presentes[0].phrase or "fermé"
        return
    phrases = {c.phrase for c in presentes if c.modifiable and c.statut != Statut.HORS_DELAI}
    if len(phrases) == 1:
        jour.limite = phrases.pop()
        for c in presentes:
            c.dite = c.phrase == jour.limite


def lire_vu(texte):
    """Ce que la page montrait, relu de son champ caché : ``{seance: réservée}``. Lève ``ValueError`` s'il est abîmé.

    >>> lire_vu("12 13+")
    {12: False, 13: True}
    """
    return {int(mot.rstrip("+")): mot.endswith("+") for mot in texte.split()}

"""La semaine d'une famille, prête à écrire : un enfant ou plusieurs, leurs activités en rangées, les jours en colonnes.

La page d'un enfant et celle de la famille sont la même grille, lue et bâtie de la même façon.
"""

import datetime as dt
import re
from dataclasses import dataclass, field

from commune.regles import jour_de_paris
from commune.regles import lundi as lundi_de
from inscriptions.regles import JOURS, MOIS, enumerer

from .cases import (
    MODIFIABLES,
    MOTS,
    RESERVEE,
    Statut,
    fin_de_case,
    mene_a_la_liste,
    peut_excuser,
    phrase_case,
    phrase_refus,
    refus,
    se_ferme,
    statut,
)
from .mots import date_dite, quantieme, semaine_dite

UN_JOUR, UNE_SEMAINE = dt.timedelta(days=1), dt.timedelta(days=7)
BIENTOT = dt.timedelta(hours=12)  # une limite plus proche se compte à rebours, dans les dernières heures
# Un numéro trop long ne tient pas dans la base : ce n'est pas un numéro.
CLE = re.compile(r"(\d{1,18})-(\d{1,18})(\+?)")


# Ce qui ne se modifie plus et reste réservé garde la couleur du réservé ; les trois excuses, la même forme.
CLASSES = {
    Statut.ENGAGE: "case-reserve case-engage",
    Statut.AUTRE_FOYER: "case-autre",
    Statut.GARDE_AUTRE: "case-autre case-garde-autre",
    Statut.EXCUSE_ENVOYEE: "case-excuse case-excuse-envoyee",
    Statut.EXCUSE: "case-excuse",
    Statut.EXCUSE_REFUSEE: "case-excuse case-excuse-refusee",
}


@dataclass(slots=True)
class CaseVue:
    """Une case. ``cochee`` est ce que l'on veut, ``reservee`` ce qui est en base : leur écart est à enregistrer."""

    cle: str  # l'enfant et la séance, « 12-345 »
    statut: Statut
    mot: str
    phrase: str = ""
    numero: int | None = None  # celui de la phrase, dite une seule fois dans la page
    modifiable: bool = False
    cochee: bool = False
    reservee: bool = False
    raison: str = ""
    excuser: int | None = None  # la réservation dont l'absence s'excuse, ou l'est déjà (``excusee``)
    attendre: bool = False  # la page de la liste d'attente s'ouvre
    dite: bool = False  # sa limite est déjà dite en tête de la journée
    fin: dt.datetime | None = None  # l'instant de sa limite, s'il est proche
    se_ferme: bool = False  # à cet instant, elle ne se coche plus
    excusee: bool = False  # une excuse est écrite : sa page la montre, avec la réponse

    @property
    def classe(self):
        """Les classes de sa case (``planning.css``)."""
        refusee = " case-refuse" if self.raison else ""
        if self.modifiable:
            return f"case-{'reserve' if self.reservee else self.statut}{refusee}"
        return f"{CLASSES.get(self.statut, f'case-{self.statut}')}{refusee}"


@dataclass(slots=True)
class Ligne:
    """Une activité d'un enfant : ses cases suivent les jours de la semaine, ``None`` où elle n'a pas lieu."""

    activite: object
    horaires: str
    cases: list

    @property
    def modifiables(self):
        return sum(1 for case in self.cases if case and case.modifiable)


@dataclass(slots=True)
class EnfantVu:
    """Un enfant et ses activités de la semaine."""

    enfant: object
    lignes: list


@dataclass(slots=True)
class JourVu:
    """Une journée, toutes activités et tous enfants réunis."""

    date: dt.date
    nom: str
    quantieme: str
    mois: str
    aujourdhui: bool
    passe: bool
    ferme: str = ""
    limite: str = ""
    fin: dt.datetime | None = None  # l'instant de cette limite, s'il est proche
    cases: list = field(default_factory=list)  # celles qui existent

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
        return not self.ferme and not self.cases

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
class Semaine:
    lundi: dt.date
    titre: str
    precedente: dt.date
    suivante: dt.date
    enfants: list
    jours: list  # cinq, ou sept si quelque chose a lieu le samedi ou le dimanche
    fermeture: object  # celle qui ferme toute la semaine, ou None
    vu: str  # ce que la page montre de modifiable : « 12-345 12-346+ », le plus marquant ce qui est réservé
    phrases: list  # les limites dites dans la page : (texte, instant s'il est proche)

    @property
    def modifiable(self):
        return bool(self.vu)

    @property
    def commencee(self):
        """Un jour est passé, ou en cours : quelqu'un a pu y être vu."""
        return self.jours[0].passe or self.jours[0].aujourdhui

    @property
    def reprise(self):
        """Le lundi de la semaine où cette fermeture finit."""
        return lundi_de(self.fermeture.fin + UN_JOUR)

    @property
    def fermeture_dite(self):
        """« Du samedi 17 octobre au dimanche 1er novembre »."""
        return f"Du {date_dite(self.fermeture.debut)} au {date_dite(self.fermeture.fin)}"

    @property
    def vide(self):
        return not any(enfant.lignes for enfant in self.enfants)

    @property
    def delais(self):
        """Les règles, chacune dite une fois avec les activités qu'elle vaut."""
        activites = {ligne.activite.pk: ligne.activite for enfant in self.enfants for ligne in enfant.lignes}
        par_phrase = {}
        for activite in activites.values():
            par_phrase.setdefault(activite.delais, {})[activite.nom] = True
        return [(enumerer(list(noms)), phrase) for phrase, noms in par_phrase.items()]

    @property
    def refusees(self):
        return [case for jour in self.jours for case in jour.cases if case.raison]


def semaine(lectures, lundi, maintenant, voulu=None, refus=None):
    """La semaine du ``lundi`` de ces lectures, une par enfant. ``voulu`` (``{(enfant, seance): vrai ou faux}``) garde
    ce qui était coché quand la page revient sans avoir enregistré ; ``refus`` (``{(enfant, seance): phrase}``) nomme
    les cases refusées.
    """
    return _Grille(lundi, maintenant, voulu or {}, refus or {}).semaine(lectures)


class _Grille:
    """Une semaine que l'on bâtit : les mêmes limites reviennent à chaque case, on ne les dit qu'une fois."""

    def __init__(self, lundi, maintenant, voulu, refus):
        self.lundi, self.maintenant, self.voulu, self.refus = lundi, maintenant, voulu, refus
        self.aujourdhui = jour_de_paris(maintenant)
        self.jours = [self.jour(lundi + n * UN_JOUR) for n in range(7)]
        self.phrases, self.dites, self.vu = {}, {}, []

    def jour(self, date):
        return JourVu(
            date, JOURS[date.weekday()], quantieme(date), MOIS[date.month - 1], date == self.aujourdhui,
            date < self.aujourdhui,
        )  # fmt: skip

    def semaine(self, lectures):
        enfants = [self.enfant(lecture) for lecture in lectures]
        fermetures = lectures[0].fermetures if lectures else []
        for jour in self.jours:
            self.conclure(jour, fermetures)
        fermeture = _fermeture_de_la_semaine(self.jours, fermetures)
        if not self.jours[5].cases and not self.jours[6].cases:
            self.jours = self.jours[:5]
        return Semaine(
            lundi=self.lundi,
            titre=semaine_dite(self.lundi, self.lundi + 6 * UN_JOUR),
            precedente=self.lundi - UNE_SEMAINE,
            suivante=self.lundi + UNE_SEMAINE,
            enfants=enfants,
            jours=self.jours,
            fermeture=fermeture,
            vu=" ".join(self.vu),
            phrases=self.numeroter(),
        )

    def enfant(self, lecture):
        lignes, cle = {a.pk: Ligne(a, a.horaires, [None] * 7) for a in lecture.activites}, lecture.enfant.pk
        for lue in lecture.cases:
            rang = lue.faits.jour.weekday()
            vue = self.case(lue, cle)
            lignes[lue.activite.pk].cases[rang] = vue
            self.jours[rang].cases.append(vue)
        return EnfantVu(lecture.enfant, list(lignes.values()))

    def case(self, lue, enfant):
        """Une case lue, comme elle se montre maintenant."""
        faits, cle = lue.faits, (enfant, lue.seance)
        etat = statut(faits, self.maintenant)
        reservee = faits.etat == RESERVEE and faits.chez_nous
        modifiable = etat in MODIFIABLES
        voulu = self.voulu.get(cle, reservee)
        raison = self.refus.get(cle, "")
        if voulu != reservee and not modifiable and not raison:
            # Cochée quand on le pouvait encore : la page revient, la coche ne se perd pas sans qu'on le dise.
            code = refus(faits, voulu, self.maintenant)
            raison = phrase_refus(code, faits, self.maintenant) if code else ""
        nom = f"{enfant}-{lue.seance}"
        if modifiable:
            self.vu.append(f"{nom}+" if reservee else nom)
        phrase = self.phrase(faits, etat)
        fin = self.dites.get(phrase) if modifiable else None
        return CaseVue(
            nom, etat, MOTS[etat], phrase, None, modifiable, voulu, reservee, raison,
            lue.reservation if reservee and (faits.excuse or peut_excuser(faits, self.maintenant)) else None,
            mene_a_la_liste(faits, etat, self.maintenant), fin=fin, se_ferme=bool(fin) and se_ferme(faits, etat),
            excusee=bool(faits.excuse),
        )  # fmt: skip

    def phrase(self, faits, etat):
        cle = (etat, faits.limite_reservation, faits.limite_annulation, faits.motif, faits.rang, faits.offre_jusqu_a,
               faits.ouvre_le, faits.suspendue, faits.mairie, faits.attend, faits.evenement)  # fmt: skip
        if cle not in self.phrases:
            texte = self.phrases[cle] = phrase_case(faits, etat, self.maintenant)
            fin = fin_de_case(faits, etat)
            if fin and self.maintenant < fin < self.maintenant + BIENTOT:
                self.dites[texte] = fin
        return self.phrases[cle]

    def conclure(self, jour, fermetures):
        """Un jour sans séance dit pourquoi ; un jour dont toutes les cases ont la même limite la dit une seule fois."""
        if not jour.cases:
            jour.ferme = next((f.libelle for f in fermetures if f.debut <= jour.date <= f.fin and not f.ecole_id), "")
            return
        if all(c.statut == Statut.FERME for c in jour.cases) and len({c.phrase for c in jour.cases}) == 1:
            jour.ferme = jour.cases[0].phrase or "fermé"
            return
        phrases = {c.phrase for c in jour.cases if c.modifiable and c.statut != Statut.HORS_DELAI}
        if len(phrases) == 1:
            jour.limite = phrases.pop()
            jour.fin = self.dites.get(jour.limite)
            for c in jour.cases:
                c.dite = c.phrase == jour.limite

    def numeroter(self):
        """Chaque limite des cases modifiables a un numéro : la case y renvoie au lieu de la redire."""
        numeros = {}
        for jour in self.jours:
            for case in jour.cases:
                if case.phrase and case.modifiable:
                    case.numero = numeros.setdefault(case.phrase, len(numeros))
        return [(phrase, self.dites.get(phrase)) for phrase in numeros]


def _fermeture_de_la_semaine(jours, fermetures):
    """Des vacances couvrent tous les jours d'école et rien n'a lieu : les dire une fois vaut mieux que sept."""
    if any(jour.cases for jour in jours):
        return None
    lundi, vendredi = jours[0].date, jours[4].date
    return next((f for f in fermetures if f.debut <= lundi and vendredi <= f.fin and not f.ecole_id), None)


def lire_cle(texte):
    """Une case, relue de son nom ``12-345`` : ``(enfant, seance)``. Lève ``ValueError`` si elle est abîmée."""
    return _lire(texte)[0]


def lire_vu(texte):
    """Ce que la page montrait, relu de son champ caché : ``{(enfant, seance): réservée}``. Lève ``ValueError`` s'il
    est abîmé.

    >>> lire_vu("7-12 7-13+")
    {(7, 12): False, (7, 13): True}
    """
    return dict(map(_lire, texte.split()))


def lire_retenues(texte):
    """Les cases qu'un aperçu retenait ; ce qui n'en est pas une est oublié."""
    return {(int(lu[1]), int(lu[2])) for mot in texte.split() if (lu := CLE.fullmatch(mot))}


def _lire(texte):
    lu = CLE.fullmatch(texte)
    if not lu:
        raise ValueError(texte)
    return (int(lu[1]), int(lu[2])), bool(lu[3])

"""Ce qui se juge sur l'ensemble d'un enregistrement : la semaine, l'autre activité du jour, la classe.

Une case seule peut convenir et l'ensemble non : on juge l'état auquel l'enregistrement mènerait, et seulement ce qu'il
change. Ce qui était déjà hors des règles (la mairie l'a voulu) n'empêche pas de changer autre chose.
"""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from commune.regles import lundi

from .mots import date_dite


class Pas(NamedTuple):
    """Un changement demandé : cet enfant à cette activité ce jour, ``reserver`` ou annuler. ``classe`` : son école, son
    niveau et son groupe, ou ``None``.
    """

    enfant: int
    seance: int
    activite: int
    jour: dt.date
    reserver: bool
    classe: tuple | None = None


class Manque(NamedTuple):
    """Un changement qui ne convient pas à l'ensemble, et la phrase qui dit pourquoi."""

    pas: Pas
    code: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Reglages:
    """Les règles des activités touchées ; les clés sont des numéros d'activités."""

    noms: dict
    prenoms: dict = field(default_factory=dict)
    minimum: dict = field(default_factory=dict)
    maximum: dict = field(default_factory=dict)
    exige: dict = field(default_factory=dict)  # {activité: {autres}}
    exclut: dict = field(default_factory=dict)
    par_classe: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deja:
    """Ce que la base dit, avant l'enregistrement."""

    prises: frozenset = frozenset()  # {(enfant, activité, jour)} réservés, par l'un ou l'autre foyer
    possibles: dict = field(default_factory=dict)  # {(enfant, activité, lundi): jours que son foyer peut réserver}
    ouvertes: frozenset = frozenset()  # {(activité, jour)} qui ont lieu
    classes: dict = field(default_factory=dict)  # {(séance, classe): enfants qui y ont une place}


def examiner(pas, deja, reglages):
    """Les :class:`Manque` de ces changements : ceux qu'il faut retirer pour que le reste convienne.

    Du plus ancien au plus tardif : quand une semaine a trop de jours, ce sont les derniers qui tombent. Retirer un
    changement peut en faire tomber un autre (le soir, sans sa cantine) : on juge à nouveau, jusqu'à ce que tout tienne.
    """
    restants, manques = sorted(pas, key=lambda p: (p.jour, p.seance, p.enfant)), []
    while True:
        trouves = _juger(restants, deja, reglages)
        if not trouves:
            return manques
        manques += trouves
        tombes = {m.pas for m in trouves}
        restants = [p for p in restants if p not in tombes]


def _juger(pas, deja, reglages):
    """Les manques de l'état auquel mènent ces changements ; un seul par changement, le premier dit."""
    apres = set(deja.prises)
    for p in pas:
        (apres.add if p.reserver else apres.discard)((p.enfant, p.activite, p.jour))
    trouves = {}
    for juge in (_au_plus, _exclusions, _exigences, _par_classe, _au_moins):
        for manque in juge(pas, apres, deja, reglages):
            trouves.setdefault(manque.pas, manque)
        if trouves:
            break  # le minimum d'une semaine ne se juge que sur ce que les autres règles ont laissé
    return list(trouves.values())


def _semaines(pas):
    """Les changements de chaque enfant, activité et semaine."""
    semaines = defaultdict(list)
    for p in pas:
        semaines[p.enfant, p.activite, lundi(p.jour)].append(p)
    return semaines


def _jours_de(apres, enfant, activite, debut):
    jours = (debut + dt.timedelta(days=n) for n in range(7))
    return [jour for jour in jours if (enfant, activite, jour) in apres]


def _au_plus(pas, apres, deja, reglages):
    for (enfant, activite, debut), siens in _semaines(pas).items():
        maximum = reglages.maximum.get(activite)
        trop = len(_jours_de(apres, enfant, activite, debut)) - maximum if maximum else 0
        ajouts = [p for p in siens if p.reserver]
        for p in ajouts[-trop:] if trop > 0 else ():
            phrase = f"au plus {_jours(maximum)} par semaine pour {reglages.prenoms[enfant]}."
            yield Manque(p, "semaine_max", f"{_ici(p, reglages)} : {phrase}")


def _au_moins(pas, apres, deja, reglages):
    """Une semaine vide convient ; une semaine courte demande autant de jours qu'elle en a."""
    for (enfant, activite, debut), siens in _semaines(pas).items():
        minimum, pris = reglages.minimum.get(activite), _jours_de(apres, enfant, activite, debut)
        if not minimum or not pris:
            continue
        possibles = len(set(deja.possibles.get((enfant, activite, debut), ())) | set(pris))
        if len(pris) < min(minimum, possibles):
            phrase = (
                f"{reglages.noms[activite]}, semaine du {date_dite(debut)} : au moins {_jours(minimum)} pour"
                f" {reglages.prenoms[enfant]}, ou aucun ; il y en aurait {len(pris)}."
            )
            for p in siens:
                yield Manque(p, "semaine_min", phrase)


def _exigences(pas, apres, deja, reglages):
    """Réserver sans l'autre activité, ou annuler celle qu'une autre exige ; celle qui n'a pas lieu ne manque pas."""
    for p in pas:
        if p.reserver:
            for autre in reglages.exige.get(p.activite, ()):
                if (autre, p.jour) in deja.ouvertes and (p.enfant, autre, p.jour) not in apres:
                    nom = reglages.noms[autre]
                    yield Manque(p, "exige", f"{_ici(p, reglages)} : réservez aussi « {nom} » ce jour-là.")
        else:
            for autre, exigees in reglages.exige.items():
                if p.activite in exigees and (p.enfant, autre, p.jour) in apres:
                    nom = reglages.noms[autre]
                    yield Manque(p, "exige", f"{_ici(p, reglages)} : « {nom} » en a besoin ; annulez-la aussi.")


def _exclusions(pas, apres, deja, reglages):
    for p in pas:
        contraires = reglages.exclut.get(p.activite, set()) | {
            autre for autre, exclues in reglages.exclut.items() if p.activite in exclues
        }
        for autre in sorted(contraires) if p.reserver else ():
            if (p.enfant, autre, p.jour) in apres:
                nom = reglages.noms[autre]
                yield Manque(p, "exclut", f"{_ici(p, reglages)} : ne se réserve pas avec « {nom} » le même jour.")


def _par_classe(pas, apres, deja, reglages):
    """Les places d'une classe à une séance, dans l'ordre des changements : l'annulation d'une sœur en rend une."""
    prises = Counter(deja.classes)
    for p in pas:
        if not p.reserver and p.classe:
            prises[p.seance, p.classe] -= 1
    for p in pas:
        limite = reglages.par_classe.get(p.activite)
        if not (p.reserver and p.classe and limite):
            continue
        prises[p.seance, p.classe] += 1
        if prises[p.seance, p.classe] > limite:
            classe = f"de la classe de {reglages.prenoms[p.enfant]}"
            phrase = f"les {limite} places {classe} sont prises" if limite > 1 else f"la place {classe} est prise"
            yield Manque(p, "par_classe", f"{_ici(p, reglages)} : {phrase}.")


def _ici(pas, reglages):
    return f"{reglages.noms[pas.activite]} du {date_dite(pas.jour)}"


def _jours(nombre):
    return f"{nombre} jour{'s' if nombre > 1 else ''}"

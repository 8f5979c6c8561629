"""Recopier une semaine : sur la suivante, ou d'un enfant sur ses frères et sœurs. Cela coche, et n'enregistre rien."""

import datetime as dt
from dataclasses import dataclass, field

from commune.regles import lundi

from .cases import MODIFIABLES, RESERVEE, phrase_refus, refus, statut
from .mots import semaine_dite

SIX_JOURS = dt.timedelta(days=6)


@dataclass(slots=True)
class Copie:
    """Les cases cochées, et les phrases de celles qui ne pouvaient pas l'être."""

    coches: set = field(default_factory=set)
    refusees: list = field(default_factory=list)
    d_apres: list = field(default_factory=list)  # (prénom, semaine recopiée)


def derniere_semaine(reservees):
    """La dernière semaine réservée de chaque enfant, parmi ces ``(enfant, activité, jour)`` : le frère absent une
    semaine n'y perd rien.

    Rend ``({enfant: lundi}, {(enfant, activité, jour de la semaine)})``.
    """
    lundis = {}
    for enfant, _, jour in reservees:
        lundis[enfant] = max(lundi(jour), lundis.get(enfant, lundi(jour)))
    return lundis, {(e, activite, jour.weekday()) for e, activite, jour in reservees if lundi(jour) == lundis[e]}


def copier_semaine(lectures, reservees, maintenant):
    """Coche comme la dernière semaine de chaque enfant ; ``reservees`` : les ``(enfant, activité, jour)`` d'avant.

    Rien n'est décoché : recopier ajoute, et ne fait jamais perdre une réservation.
    """
    copie, (lundis, modele) = Copie(), derniere_semaine(reservees)
    for lecture in lectures:
        if premier := lundis.get(lecture.enfant.pk):
            copie.d_apres.append((lecture.enfant.prenom, semaine_dite(premier, premier + SIX_JOURS)))
        for case in lecture.cases:
            if (lecture.enfant.pk, case.activite.pk, case.faits.jour.weekday()) in modele:
                _cocher(copie, lecture.enfant.pk, case, maintenant)
    return copie


def copier_enfant(lectures, enfant, voulu, maintenant):
    """Coche chez les frères et sœurs les jours de l'``enfant`` (sa clé), dans la même activité de leur propre site.

    La même activité porte le même nom, à défaut elle est la seule du même genre. ``voulu`` est ce qui est coché sans
    être enregistré.
    """
    source = next(lecture for lecture in lectures if lecture.enfant.pk == enfant)
    jours = {}
    for case in source.cases:
        if voulu.get((enfant, case.seance), case.faits.etat == RESERVEE and case.faits.chez_nous):
            jours.setdefault(case.activite, set()).add(case.faits.jour)
    copie = Copie()
    for lecture in lectures:
        if lecture is source:
            continue
        pareilles = {pk: jours[a] for a in jours if (pk := _pareille(a, lecture.activites))}
        for case in lecture.cases:
            if case.faits.jour in pareilles.get(case.activite.pk, ()):
                _cocher(copie, lecture.enfant.pk, case, maintenant)
    return copie


def _pareille(activite, candidates):
    """La clé de la même activité parmi celles d'un autre enfant, ou ``None``."""
    for autre in candidates:
        if autre.nom == activite.nom:
            return autre.pk
    du_genre = [autre.pk for autre in candidates if autre.genre == activite.genre]
    return du_genre[0] if len(du_genre) == 1 else None


def _cocher(copie, enfant, case, maintenant):
    faits = case.faits
    if faits.etat == RESERVEE and faits.chez_nous:
        return
    if statut(faits, maintenant) in MODIFIABLES:
        copie.coches.add((enfant, case.seance))
    elif code := refus(faits, True, maintenant):
        copie.refusees.append(phrase_refus(code, faits, maintenant))

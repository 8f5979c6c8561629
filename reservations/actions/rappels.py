"""Envoyer les rappels que les familles ont choisis, une fois chacun."""

import logging

from django.db import transaction

from commune.actions import envoyer_courriel
from inscriptions.regles import enumerer

from .. import regles
from ..models import RappelEnvoye, rappels
from .preferences import jeton_de_desabonnement

journal = logging.getLogger(__name__)
LIMITE, DIMANCHE = RappelEnvoye.Genre.LIMITE, RappelEnvoye.Genre.DIMANCHE
COURRIELS = {LIMITE: "reservations/courriels/rappel_limite", DIMANCHE: "reservations/courriels/rappel_dimanche"}
LOT = 500  # familles lues d'un coup : la mémoire ne grandit pas avec la ville


def rappeler(maintenant):
    """Rappelle aux familles les semaines qu'elles réservent d'habitude et où rien ne l'est, le soir d'avant la limite.

    Se relance sans dommage : chaque rappel est unique par compte et par semaine. Rend ``(envoyés, échecs)``.
    """
    semaines = regles.a_rappeler(rappels.limites_des_semaines(maintenant), maintenant)
    limites = {}
    for semaine in semaines:
        limites[semaine.lundi] = min(semaine.limite, limites.get(semaine.lundi, semaine.limite))
    oublis, bilan = rappels.oublis(semaines), [0, 0]
    for lundi, limite in sorted(limites.items()):
        foyers = {foyer: enfants for (foyer, du), enfants in oublis.items() if du == lundi}
        for compte, foyer in rappels.a_prevenir(list(foyers), lundi, LIMITE):
            contexte = {
                "prenoms": enumerer([enfant.prenom for enfant in foyers[foyer]]),
                "limite": regles.phrase_limite(limite, maintenant),
            }
            _compter(bilan, _envoyer(compte, LIMITE, lundi, maintenant, contexte))
    return tuple(bilan)


def resumer_la_semaine(maintenant):
    """Le dimanche soir, à qui le veut : la semaine qui vient, enfant par enfant. Rend ``(envoyés, échecs)``."""
    lundi, bilan = regles.semaine_du_resume(maintenant), [0, 0]
    if lundi is None:
        return tuple(bilan)
    comptes = rappels.a_prevenir(None, lundi, DIMANCHE)
    for debut in range(0, len(comptes), LOT):
        lot = comptes[debut : debut + LOT]
        foyers = {foyer for _, foyer in lot}
        reservees, inscrits = rappels.semaines_des_foyers(foyers, lundi), rappels.inscrits_des_foyers(foyers, lundi)
        for compte, foyer in lot:
            enfants = _resume(reservees[foyer], inscrits[foyer])
            if enfants:  # des vacances, ou personne d'inscrit : rien à résumer
                _compter(bilan, _envoyer(compte, DIMANCHE, lundi, maintenant, {"enfants": enfants}))
    return tuple(bilan)


def _resume(reservations, inscrits):
    """``[(prénom, [« lundi 7 : Restauration, Accueil du soir »])]`` ; une liste vide pour qui n'a rien réservé."""
    jours = {enfant.prenom: {} for enfant in inscrits}
    for r in reservations:
        jour = jours.setdefault(r.enfant.prenom, {}).setdefault(r.seance.jour, [])
        jour.append(r.seance.activite.nom)
    return [
        (prenom, [f"{regles.date_dite(jour)} : {', '.join(noms)}" for jour, noms in sorted(siens.items())])
        for prenom, siens in jours.items()
    ]


def _compter(bilan, envoye):
    if envoye is not None:
        bilan[0 if envoye else 1] += 1


def _envoyer(compte, genre, lundi, maintenant, contexte):
    """Un rappel et sa trace, ensemble ou pas du tout. Vrai s'il part, ``None`` s'il était déjà parti, faux s'il échoue.

    Une famille qui échoue ne prive pas les autres.
    """
    try:
        with transaction.atomic():
            _, neuf = RappelEnvoye.objects.get_or_create(
                compte=compte, genre=genre, semaine=lundi, defaults={"envoye_le": maintenant}
            )
            if not neuf:
                return None
            jeton = jeton_de_desabonnement(compte, genre)
            envoyer_courriel(COURRIELS[genre], [compte.email], {
                "semaine": regles.date_dite(lundi), "lundi": lundi.isoformat(), "jeton": jeton, **contexte,
            }, desabonner=("reservations:desabonner", jeton))  # fmt: skip
            return True
    except Exception:
        journal.exception("Un rappel n'est pas parti.")
        return False

"""Règles de la journée : quand on pointe, dans quel ordre on lit, ce que l'on compte. Fonctions pures."""

import datetime as dt
from collections import Counter
from typing import NamedTuple

from commune.regles import replier

PRESENT, ABSENT, EXCUSE = "present", "absent", "excuse"
SANS_PORC, SANS_VIANDE = "sans_porc", "sans_viande"
# Ce que mange la cuisine : un enfant compte une fois, et celui qui apporte son panier ne compte pas dans les repas.
ORDINAIRE, PANIER = "ordinaire", "panier"
REPAS = {
    ORDINAIRE: "ordinaire",
    SANS_PORC: "sans porc",
    SANS_VIANDE: "sans viande",
    PANIER: "panier apporté",
}

# Ce que l'agent lit d'une absence écrite par la famille, à chacun de ses états (``reservations.models.Excuse``).
ACCEPTEE = "acceptee"
EXCUSES = {
    "envoyee": "Excuse écrite, à décider",
    ACCEPTEE: "Excuse écrite, acceptée",
    "refusee": "Excuse écrite, refusée",
}
# Ce que la famille a refusé, et qui se voit avant d'agir ; ce qu'elle accorde se lit sur la page de l'enfant.
REFUS = {"soins": "Soins refusés", "photo": "Pas de photo"}


class Signes(NamedTuple):
    """Ce que la liste dit de la santé d'un enfant : qu'il y a quelque chose à savoir, jamais quoi.

    Le détail se lit sur sa fiche, d'un geste que le portail consigne.
    """

    allergies: bool = False
    pai: bool = False
    panier: bool = False
    regime: str = ""

    @property
    def mots(self):
        """Les couples (signe, mot) à montrer, le plus grave d'abord."""
        tous = [
            ("pai", "PAI", self.pai),
            ("allergie", "Allergie", self.allergies),
            ("panier", "Panier repas", self.panier),
            ("regime", REPAS.get(self.regime, "").capitalize(), self.regime in (SANS_PORC, SANS_VIANDE)),
        ]
        return [(signe, mot) for signe, mot, vrai in tous if vrai]

    @property
    def repas(self):
        """La part que la cuisine lui prépare, une clé de ``REPAS``."""
        if self.panier:
            return PANIER
        return self.regime if self.regime in (SANS_PORC, SANS_VIANDE) else ORDINAIRE


def refus_du_jour(jour, aujourd_hui, en_arriere, sans_limite=False, avance=0):
    """Pourquoi on ne pointe pas ce ``jour`` (dates de Paris) ; ``None`` quand on peut.

    Un agent revient ``en_arriere`` jours au plus : passé ce délai le mois est facturé, c'est à la mairie d'y toucher.
    ``avance`` jours à venir sont permis à qui complète la liste.
    """
    if (jour - aujourd_hui).days > avance:
        return "On pointe le jour même : cette liste est là pour préparer."
    if not sans_limite and (aujourd_hui - jour).days > en_arriere:
        return f"Ce jour est trop ancien ({en_arriere} jours au plus) : demandez à la mairie de le corriger."
    return None


def activite_de_l_heure(horaires, heure):
    """De ces activités ``(clé, début, fin)`` d'un même jour, celle qu'un agent vient pointer à cette ``heure``.

    Celle qui est en cours (dès une demi-heure avant), sinon la prochaine, sinon la dernière ; ``None`` sans activité.
    """
    horaires = sorted(horaires, key=lambda h: (h[1], h[2]))
    avance = (dt.datetime.combine(dt.date.min, heure) + dt.timedelta(minutes=30)).time() if heure.hour < 23 else heure
    en_cours = [h for h in horaires if h[1] <= avance and heure <= h[2]]
    # Le midi d'une garderie ouverte toute la journée : la plus courte des deux est celle qui presse.
    if en_cours:
        return min(en_cours, key=lambda h: (_minutes(h[2]) - _minutes(h[1]), h[1]))[0]
    suivantes = [h for h in horaires if h[1] > heure]
    return (suivantes[0] if suivantes else horaires[-1])[0] if horaires else None


def _minutes(heure):
    return heure.hour * 60 + heure.minute


def ordre_d_appel(nom, prenom):
    """La clé alphabétique d'un appel : Élodie entre Eléa et Eloi."""
    return replier(nom), replier(prenom)


class Compte(NamedTuple):
    """Où en est l'appel. ``gestes`` ordonne deux comptes de la même séance : il ne décroît jamais."""

    prevus: int = 0
    presents: int = 0
    absents: int = 0
    excuses: int = 0
    gestes: int = 0

    @property
    def pointes(self):
        return self.presents + self.absents + self.excuses

    @property
    def restants(self):
        return self.prevus - self.pointes


def compter(etats):
    """Le :class:`Compte` de ces états (« » : pas encore pointé)."""
    nombres = Counter(etats)
    return Compte(nombres.total(), nombres[PRESENT], nombres[ABSENT], nombres[EXCUSE])


def refus_de_la_famille(autorisations):
    """Les couples (genre, mot) à montrer de ces réponses ``{genre: oui ou non}``. Sans réponse n'est pas un refus."""
    return [(genre, mot) for genre, mot in REFUS.items() if autorisations.get(genre) is False]


def mange(excuse, etat):
    """La cuisine compte-t-elle cet enfant ? Une excuse acceptée le retire, sauf s'il est venu quand même."""
    return excuse != ACCEPTEE or etat == PRESENT


def compter_repas(signes):
    """Les repas par régime, ``{clé de REPAS: nombre}``, dans l'ordre de REPAS, toutes les clés présentes."""
    nombres = Counter(signe.repas for signe in signes)
    return {cle: nombres[cle] for cle in REPAS}


def repas_a_servir(nombres):
    """Le total que sort la cuisine : les paniers n'en sont pas."""
    return sum(n for cle, n in nombres.items() if cle != PANIER)


def heure_du_geste(etat, jour, aujourd_hui, heure, avant, note_les_heures):
    """L'heure d'arrivée que pose un « présent » : celle du serveur, le jour même, si elle n'est pas déjà connue.

    L'heure du serveur, et non celle de la tablette : une tablette déréglée ferait payer une heure de trop.
    """
    if etat != PRESENT or not note_les_heures:
        return None
    return avant or (heure if jour == aujourd_hui else None)

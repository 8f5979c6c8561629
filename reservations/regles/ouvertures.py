"""Le jour d'ouverture : les vœux, la file équitable, le tirage que chacun peut refaire. Fonctions pures.

Un foyer a, pour une ouverture, **un** numéro public et donc **un** rang : frères et sœurs et jours d'une même semaine
restent ensemble, et demander plus de jours n'y change rien.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from .mots import instant_dit

FILE, TIRAGE = "file", "tirage"
SALLE = 60  # minutes : la salle d'attente ouvre autant avant l'ouverture
FILE_MINIMUM = 30  # minutes : la file reste en place au moins ce temps, même vide
PRESENCE = dt.timedelta(minutes=3)  # qui ne s'est pas montré depuis n'est pas admis ; son rang l'attend
RYTHME = dt.timedelta(minutes=3)  # le rythme de la file se mesure sur les dernières minutes
DELAI_MIN, DELAI_MAX, AVANT_MAX = 3, 60, 60  # secondes entre deux visites d'une page de file
ETALEMENT, PAR_SECONDE = 40, 60  # ceux qui attendaient reviennent en quarante secondes, soixante par seconde
TARDIFS = 1 << 62  # l'ordre de qui arrive après l'ouverture commence ici, après tous les autres


class Etape(StrEnum):
    """Où en est une ouverture."""

    ANNONCEE = "annoncee"
    VOEUX = "voeux"
    FILE = "file"
    A_TIRER = "a-tirer"
    LIBRE = "libre"


def etape(ouverture, maintenant):
    """L'étape à cet instant ; ``ouverture`` a ``mode``, ``voeux_des``, ``ouvre_le``, ``finie_le`` et ``tiree_le``.

    À l'instant même de l'ouverture, elle est ouverte et les vœux sont clos : la seconde d'avant, non.
    """
    if maintenant < ouverture.voeux_des:
        return Etape.ANNONCEE
    if maintenant < ouverture.ouvre_le:
        return Etape.VOEUX
    if ouverture.mode == TIRAGE:
        return Etape.LIBRE if ouverture.tiree_le else Etape.A_TIRER
    return Etape.LIBRE if ouverture.finie_le else Etape.FILE


def phrase_ouverture(ouverture, maintenant):
    """Une ouverture dite en une phrase : où elle en est, et quand elle change."""
    ouvre, tirage = instant_dit(ouverture.ouvre_le, maintenant), ouverture.mode == TIRAGE
    quoi = f"{'tirage au sort' if tirage else 'ouverture'} {ouvre}"
    return {
        Etape.ANNONCEE: f"Vœux dès {instant_dit(ouverture.voeux_des, maintenant)}, {quoi}.",
        Etape.VOEUX: f"Préparez vos vœux : {quoi}.",
        Etape.FILE: "C'est ouvert : prenez votre rang dans la file.",
        Etape.A_TIRER: "Les vœux sont clos, le tirage au sort va avoir lieu.",
        Etape.LIBRE: "Le tirage au sort a eu lieu." if tirage else "C'est ouvert : réservez ce qui reste.",
    }[etape(ouverture, maintenant)]


# --- Le tirage ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class VoeuTire:
    """Un enfant qui voudrait une place à une séance. ``foyer`` est le numéro public de son foyer, ``enfant`` son rang
    dans ce foyer, ``priorite`` son groupe (0 passe d'abord).
    """

    foyer: str
    enfant: int
    seance: int
    priorite: int = 0


@dataclass(frozen=True, slots=True)
class Tire:
    """Le sort d'un vœu : son ``rang`` dans la séance (1 pour le premier), et s'il a une place."""

    voeu: VoeuTire
    rang: int
    retenu: bool


def empreinte(graine, numero):
    """Ce qui ordonne les foyers : le SHA-256 de « graine:numéro », en hexadécimal.

    Chacun le refait : ``printf 'graine:numéro' | sha256sum``.
    """
    return hashlib.sha256(f"{graine}:{numero}".encode()).hexdigest()


def engagement(graine):
    """L'empreinte de la graine, publiée avant les vœux : la graine dévoilée ensuite ne peut pas être une autre."""
    return hashlib.sha256(graine.encode()).hexdigest()


def tirer(voeux, places, graine):
    """Le sort de chaque vœu, un et un seul : ``[Tire]``, dans l'ordre des séances puis des rangs.

    Séance par séance : les groupes de priorité dans leur ordre ; dans un groupe, les foyers par ``empreinte``
    croissante ; dans un foyer, ses enfants l'un après l'autre. Les premiers ont les ``places`` (``{séance: nombre}``,
    ``None`` sans limite), les suivants attendent dans cet ordre. L'ordre où l'on donne les vœux n'y change rien.
    """
    voeux, par_seance = set(voeux), defaultdict(list)
    for voeu in voeux:
        par_seance[voeu.seance].append(voeu)
    empreintes = {numero: empreinte(graine, numero) for numero in {voeu.foyer for voeu in voeux}}
    tires = []
    for seance in sorted(par_seance):
        ordre = sorted(par_seance[seance], key=lambda v: (v.priorite, empreintes[v.foyer], v.foyer, v.enfant))
        limite = places.get(seance)
        for rang, voeu in enumerate(ordre, 1):
            tires.append(Tire(voeu, rang, limite is None or rang <= limite))
    return tires


# --- La file ------------------------------------------------------------------------------------------------------
def ordre_de_file(graine, numero, arrive_le, ouvre_le):
    """La place d'un foyer dans la file : un entier, le plus petit passe d'abord.

    Arrivé avant l'ouverture : au hasard, par l'``empreinte`` de son numéro, et être venu tôt ne change rien. À
    l'ouverture ou après : dans l'ordre d'arrivée, derrière tous ceux-là.
    """
    if arrive_le < ouvre_le:
        return int(empreinte(graine, numero)[:15], 16)
    return TARDIFS + int(arrive_le.timestamp() * 1_000_000)


def delai_avant(secondes, avant):
    """Avant l'ouverture, dans combien de secondes revenir ; juste après elle, les premiers rangs d'abord.

    ``avant`` est le nombre de foyers d'un meilleur rang : deux mille cinq cents ne reviennent pas à la même seconde.
    """
    return min(AVANT_MAX, ceil(secondes) + min(ETALEMENT, avant // PAR_SECONDE))


def delai_dans_la_file(devant, a_la_fois):
    """Dans combien de secondes revenir voir son rang : souvent quand on est près, moins souvent loin derrière."""
    if devant < a_la_fois:
        return DELAI_MIN
    return min(DELAI_MAX, DELAI_MIN + 2 + devant // 10)


def attente_estimee(devant, a_la_fois, minutes, admis_recents, secondes):
    """Les minutes d'attente : ``(au rythme récent ou None, au plus)``.

    ``admis_recents`` foyers sont entrés dans les dernières ``secondes``. « Au plus » suppose que chacun garde sa place
    jusqu'au bout de ses ``minutes``.
    """
    au_plus = ceil((devant + 1) / a_la_fois) * minutes
    if admis_recents < 5 or secondes <= 0:
        return None, au_plus
    return min(au_plus, max(1, ceil((devant + 1) * secondes / admis_recents / 60))), au_plus


def phrase_attente(estimation):
    """« environ 4 minutes, au rythme des dernières », « moins de 40 minutes » : ce que l'on peut promettre sans mentir.
    """
    recente, au_plus = estimation
    if recente is None:
        return f"au plus {minutes_dites(au_plus)}"
    return f"environ {minutes_dites(recente)} au rythme actuel, au plus {minutes_dites(au_plus)}"


def minutes_dites(minutes):
    """« 1 minute », « 40 minutes », « 2 h 10 »."""
    if minutes < 60:
        return f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}"
    heures, reste = divmod(minutes, 60)
    return f"{heures}\u00a0h\u00a0{reste:02d}" if reste else f"{heures}\u00a0h"


def devant_dit(devant):
    """« 41 foyers devant vous », « 1 foyer devant vous », « vous êtes le prochain »."""
    if not devant:
        return "vous êtes le prochain"
    return f"{devant}\u00a0foyer{'s' if devant > 1 else ''} devant vous"

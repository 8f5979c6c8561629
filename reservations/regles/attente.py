"""La liste d'attente d'une séance : qui passe le premier, et jusqu'à quand une place l'attend."""

import datetime as dt
from dataclasses import dataclass

from .cases import ATTENTE, PROPOSEE

UNE_HEURE, UNE_MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Candidat:
    """Un enfant qui attend : la clé de sa réservation, l'instant de son arrivée, et sa priorité (0 passe avant 1)."""

    numero: int
    depuis: dt.datetime
    priorite: int = 0


def ordre_d_attente(candidats):
    """Les candidats dans l'ordre où une place leur revient : la priorité, puis l'arrivée, puis le numéro.

    Le numéro ne départage que deux arrivées au même instant : l'ordre ne dépend jamais de celui de la lecture.
    """
    return sorted(candidats, key=lambda c: (c.priorite, c.depuis, c.numero))


def fin_d_offre(maintenant, heures, limite_reservation, debut):
    """Le premier instant (UTC) où la place proposée ``maintenant`` n'est plus à la famille.

    Elle a au moins ``heures`` heures, et la phrase tombe juste : de 17 h 42, un délai de 24 heures va « jusqu'à
    demain 18 h ». Jamais au-delà de la limite de réservation ni du début de la séance.
    """
    fin = maintenant + heures * UNE_HEURE
    ronde = fin.replace(minute=0, second=0, microsecond=0)
    if ronde < fin:
        ronde += UNE_HEURE
    return min(ronde + UNE_MINUTE, limite_reservation, debut)


# Pourquoi l'attente finit sans que la famille l'ait voulu : ce que le journal et le courriel en disent.
SORTIES = {
    "sans_reponse": "Sans réponse à temps, la place est proposée à la famille suivante",
    "limite": "La limite de réservation est passée sans qu'une place se libère",
    "fermee": "La séance n'a pas lieu",
    "non_inscrit": "L'enfant n'est plus inscrit à cette activité ce jour-là",
    "sans_liste": "Cette activité n'a plus de liste d'attente",
}


@dataclass(frozen=True, slots=True)
class Attente:
    """Ce qui décide qu'une attente dure encore ; les instants sont en UTC."""

    etat: str  # attente ou proposee
    limite_reservation: dt.datetime
    offre_jusqu_a: dt.datetime | None = None
    ouverte: bool = True
    inscrit: bool = True
    liste_attente: bool = True


def raison_de_sortir(attente, maintenant):
    """La clé de ``SORTIES`` qui met fin à cette attente, ou « » si elle dure.

    Une offre déjà faite va à son terme : elle seule finit sans réponse, ou avec la limite de réservation.
    """
    if attente.etat == PROPOSEE:
        echue = maintenant >= min(attente.offre_jusqu_a, attente.limite_reservation)
        return "sans_reponse" if echue else ""
    if attente.etat != ATTENTE:
        return ""
    raisons = [
        ("fermee", not attente.ouverte),
        ("limite", maintenant >= attente.limite_reservation),
        ("non_inscrit", not attente.inscrit),
        ("sans_liste", not attente.liste_attente),
    ]
    return next((raison for raison, vraie in raisons if vraie), "")

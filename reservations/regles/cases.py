"""Une case du planning : ce que l'on peut y faire, pourquoi on ne le peut pas, et comment cela se dit.

La page et l'enregistrement interrogent la même fonction, :func:`refus` : ce qui se montre modifiable est
accepté, ce qui est refusé se montrait refusé, à la seconde près.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from inscriptions.regles import EXCUSE_JOURS

from .evenements import minuscule
from .limites import phrase_limite
from .mots import date_dite, instant_dit, rang_dit

RESERVEE, PROPOSEE, ATTENTE, ANNULEE = "reservee", "proposee", "attente", "annulee"


@dataclass(frozen=True, slots=True)
class Faits:
    """Tout ce qui décide d'une case ; les instants sont en UTC."""

    jour: dt.date
    activite: str
    enfant: str
    limite_reservation: dt.datetime
    limite_annulation: dt.datetime
    debut: dt.datetime  # l'heure où l'activité commence : hors délai ne veut pas dire après coup
    ouverte: bool = True
    motif: str = ""
    inscrit: bool = True
    accepte_hors_delai: bool = False
    restantes: int | None = None  # None : sans limite de places
    etat: str = ""  # de la réservation : "", reservee, proposee, attente ou annulee
    chez_nous: bool = True  # la réservation est celle de ce foyer, et non de l'autre
    excuse: str = ""  # "", envoyee, acceptee ou refusee
    a_nous: bool = True  # la garde de ce jour est à ce foyer
    suspendue: str = ""  # pourquoi ce foyer ne peut plus rien réserver
    ouvre_le: dt.datetime | None = None  # avant cet instant, on ne réserve pas encore
    attend: str = ""  # ensuite : "file" (chacun à son tour), "tirage" (il n'a pas eu lieu), ou rien
    tour_jusqu_a: dt.datetime | None = None  # dans la file, le tour de ce foyer finit à cet instant
    liste_attente: bool = False  # complète, la séance prend les noms en liste d'attente
    rang: int | None = None  # dans cette liste, 1 pour le prochain
    offre_jusqu_a: dt.datetime | None = None  # la place proposée est gardée jusqu'à cet instant
    excuse_jours: int = EXCUSE_JOURS  # combien de jours, après son début, l'absence s'excuse
    evenement: str = ""  # la séance a lieu, et cet événement a annulé la réservation : « Sortie au musée »
    mairie: str = ""  # après la limite, qui peut encore l'accepter : « appelez le 05… » ; vide : personne


class Statut(StrEnum):
    LIBRE = "libre"
    HORS_DELAI = "hors-delai"
    RESERVE = "reserve"
    ENGAGE = "engage"
    PROPOSE = "propose"
    ATTENTE = "attente"
    COMPLET = "complet"
    PAS_OUVERT = "pas-ouvert"
    SUSPENDU = "suspendu"
    TROP_TARD = "trop-tard"
    FERME = "ferme"
    EXCUSE_ENVOYEE = "excuse-envoyee"
    EXCUSE = "excuse"
    EXCUSE_REFUSEE = "excuse-refusee"
    AUTRE_FOYER = "autre-foyer"
    GARDE_AUTRE = "garde-autre"
    VIDE = "vide"


MOTS = {
    Statut.LIBRE: "Libre",
    Statut.HORS_DELAI: "Hors délai possible",
    Statut.RESERVE: "Réservé",
    Statut.ENGAGE: "Réservé",
    Statut.PROPOSE: "Une place pour vous",
    Statut.ATTENTE: "En attente",
    Statut.COMPLET: "Complet",
    Statut.PAS_OUVERT: "Pas encore ouvert",
    Statut.SUSPENDU: "Suspendu",
    Statut.TROP_TARD: "Trop tard",
    Statut.FERME: "Fermé",
    Statut.EXCUSE_ENVOYEE: "Excuse envoyée",
    Statut.EXCUSE: "Excusé",
    Statut.EXCUSE_REFUSEE: "Excuse refusée",
    Statut.AUTRE_FOYER: "Réservé par l'autre foyer",
    Statut.GARDE_AUTRE: "Chez l'autre foyer",
    Statut.VIDE: "",
}
MODIFIABLES = {Statut.LIBRE, Statut.HORS_DELAI, Statut.RESERVE, Statut.PROPOSE}
STATUTS_DES_REFUS = {
    "non_inscrit": Statut.VIDE,
    "garde_autre": Statut.GARDE_AUTRE,
    "suspendue": Statut.SUSPENDU,
    "pas_ouvert": Statut.PAS_OUVERT,
    "file": Statut.PAS_OUVERT,
    "tirage": Statut.PAS_OUVERT,
    "trop_tard": Statut.TROP_TARD,
    "complet": Statut.COMPLET,
}
OUVRE = {"file": "à tour de rôle, dans la file de l'ouverture", "tirage": "le tirage au sort va avoir lieu"}
EXCUSES = {"envoyee": Statut.EXCUSE_ENVOYEE, "acceptee": Statut.EXCUSE, "refusee": Statut.EXCUSE_REFUSEE}


def refus(faits, reserver, maintenant):
    """Le code du refus de réserver (ou d'annuler, si ``reserver`` est faux), ou « » si l'on peut.

    Ne juge que les changements : réserver ce qui l'est déjà n'en est pas un, et l'appelant l'écarte.
    """
    if faits.etat in (RESERVEE, PROPOSEE, ATTENTE) and not faits.chez_nous:
        return "autre_foyer"
    if reserver:
        return _refus_de_reserver(faits, maintenant)
    if faits.etat == RESERVEE and maintenant >= faits.limite_annulation:
        return "trop_tard_annuler"
    return ""


def _refus_de_reserver(faits, maintenant):
    """Du plus général au plus précis : la famille lit la première raison, celle qui les explique toutes."""
    if not faits.ouverte:
        return "ferme"
    if not faits.inscrit:
        return "non_inscrit"
    if not faits.a_nous:
        return "garde_autre"
    if faits.suspendue:
        return "suspendue"
    if faits.ouvre_le and maintenant < faits.ouvre_le:
        return "pas_ouvert"
    if faits.attend and not (faits.tour_jusqu_a and maintenant < faits.tour_jusqu_a):
        return faits.attend
    if maintenant >= faits.limite_reservation and not _hors_delai_possible(faits, maintenant):
        return "trop_tard"
    if faits.etat == PROPOSEE and not offre_en_cours(faits, maintenant):
        return "complet"  # trop tard pour répondre : la place est au suivant, même s'il ne le sait pas encore
    if faits.restantes is not None and faits.restantes <= 0 and faits.etat != PROPOSEE:
        return "complet"
    return ""


def offre_en_cours(faits, maintenant):
    """La place proposée à cet enfant est encore à lui."""
    return faits.etat == PROPOSEE and (faits.offre_jusqu_a is None or maintenant < faits.offre_jusqu_a)


def peut_attendre(faits, maintenant):
    """Mettre l'enfant sur la liste : seule la place manque, et la limite de réservation n'est pas passée."""
    return (
        faits.liste_attente
        and faits.etat in ("", ANNULEE)
        and maintenant < faits.limite_reservation
        and refus(faits, True, maintenant) == "complet"
    )


def _hors_delai_possible(faits, maintenant):
    return faits.accepte_hors_delai and maintenant < faits.debut


def _mairie_possible(faits, maintenant):
    return faits.mairie and maintenant < faits.debut


def est_hors_delai(faits, maintenant):
    """Réserver maintenant serait hors délai : accepté par l'activité, mais à un autre tarif."""
    return maintenant >= faits.limite_reservation


def peut_excuser(faits, maintenant):
    """L'absence s'excuse par écrit dès que l'on ne peut plus annuler, et jusqu'à :func:`fin_d_excuse`."""
    return (
        faits.etat == RESERVEE
        and faits.chez_nous
        and faits.ouverte
        and not faits.excuse
        and faits.limite_annulation <= maintenant < fin_d_excuse(faits.debut, faits.excuse_jours)
    )


def fin_d_excuse(debut, jours):
    """Le premier instant (UTC) où l'absence à une séance commencée à ``debut`` ne s'excuse plus."""
    return debut + dt.timedelta(days=jours)


def mene_a_la_liste(faits, etat, maintenant):
    """La case ouvre la page de la liste d'attente : pour y entrer, y lire son rang, ou répondre à une offre."""
    return etat in (Statut.ATTENTE, Statut.PROPOSE) or peut_attendre(faits, maintenant)


def statut(faits, maintenant):
    """Ce que la case montre."""
    if faits.etat == RESERVEE:
        if not faits.chez_nous:
            return Statut.AUTRE_FOYER
        if faits.excuse:
            return EXCUSES[faits.excuse]
        if not faits.ouverte:
            return Statut.FERME
        return Statut.ENGAGE if refus(faits, False, maintenant) else Statut.RESERVE
    if not faits.ouverte:
        return Statut.FERME
    if faits.etat in (ATTENTE, PROPOSEE) and not faits.chez_nous:
        return Statut.AUTRE_FOYER
    if offre_en_cours(faits, maintenant):
        return Statut.PROPOSE
    # Passé la limite, on n'attend plus : la case dit ce qu'elle dirait à tous.
    if faits.etat == ATTENTE and maintenant < faits.limite_reservation:
        return Statut.ATTENTE
    code = refus(faits, True, maintenant)
    if not code:
        return Statut.HORS_DELAI if est_hors_delai(faits, maintenant) else Statut.LIBRE
    if faits.evenement and code in ("trop_tard", "complet"):
        return Statut.EXCUSE
    return STATUTS_DES_REFUS[code]


def phrase_refus(code, faits, maintenant):
    """La phrase que lit la famille : quelle case, et pourquoi non."""
    ici = f"{faits.activite} du {date_dite(faits.jour)}"
    if code == "trop_tard":
        limite = phrase_limite(faits.limite_reservation, maintenant)
        encore = f" ; la mairie peut encore l'accepter : {faits.mairie}" if _mairie_possible(faits, maintenant) else ""
        return f"{ici} : trop tard, on pouvait réserver {limite}{encore}."
    if code == "trop_tard_annuler":
        limite = phrase_limite(faits.limite_annulation, maintenant)
        return f"{ici} : trop tard pour annuler, on le pouvait {limite}. Excusez l'absence par écrit."
    if code == "complet" and faits.liste_attente:
        suite = (
            f"{faits.enfant} est sur la liste d'attente" if faits.etat == ATTENTE
            else "la liste d'attente s'ouvre depuis la case"
        )  # fmt: skip
        return f"{ici} : complet, {suite}."
    if code == "pas_ouvert":
        return f"{ici} : les réservations ouvrent {instant_dit(faits.ouvre_le, maintenant)}."
    return (
        f"{ici} : "
        + {
            "ferme": f"pas d'accueil ce jour-là ({faits.motif})." if faits.motif else "pas d'accueil ce jour-là.",
            "non_inscrit": f"{faits.enfant} n'y est pas inscrit ce jour-là.",
            "garde_autre": f"ce jour-là, {faits.enfant} est chez son autre foyer.",
            "suspendue": faits.suspendue,
            "file": "on réserve encore à tour de rôle. Prenez votre rang dans la file de l'ouverture.",
            "tirage": "les vœux sont clos, le tirage au sort n'a pas encore eu lieu.",
            "complet": "complet, il n'y a plus de place.",
            "autre_foyer": f"l'autre foyer de {faits.enfant} a réservé ce jour, ou y attend une place.",
        }[code]
    )


def phrase_case(faits, etat, maintenant):
    """Jusqu'à quand la case se modifie, ou ce qui l'en empêche ; vide si le mot de l'état suffit."""
    if etat == Statut.RESERVE:
        meme = faits.limite_annulation == faits.limite_reservation
        return f"{'modifiable' if meme else 'annulable'} {phrase_limite(faits.limite_annulation, maintenant)}"
    if faits.evenement and etat in (Statut.LIBRE, Statut.EXCUSE):
        excuse = minuscule(faits.evenement)
        if etat == Statut.EXCUSE:
            return excuse
        return f"excusé, {excuse} ; à réserver s'il vient, {phrase_limite(faits.limite_reservation, maintenant)}"
    if etat == Statut.LIBRE:
        reserver = phrase_limite(faits.limite_reservation, maintenant)
        if faits.limite_annulation == faits.limite_reservation:
            return f"modifiable {reserver}"
        if faits.limite_annulation <= maintenant:
            return f"à réserver {reserver}, sans annulation possible"
        return f"à réserver {reserver}, à annuler {phrase_limite(faits.limite_annulation, maintenant)}"
    if etat == Statut.HORS_DELAI:
        return "au tarif hors délai, sans annulation possible"
    if etat == Statut.TROP_TARD and _mairie_possible(faits, maintenant):
        return faits.mairie
    if etat == Statut.FERME:
        return faits.motif
    if etat == Statut.ATTENTE and faits.rang:
        return f"{rang_dit(faits.rang)} sur la liste"
    if etat == Statut.PROPOSE and faits.offre_jusqu_a:
        return f"à vous {phrase_limite(faits.offre_jusqu_a, maintenant)}"
    if etat == Statut.PAS_OUVERT:
        if maintenant < faits.ouvre_le:
            return f"ouvre {instant_dit(faits.ouvre_le, maintenant)}"
        return OUVRE[faits.attend]
    if etat == Statut.SUSPENDU:
        return faits.suspendue
    return ""


def se_ferme(faits, etat):
    """À :func:`fin_de_case`, plus rien n'est possible : ni au tarif hors délai, ni autrement."""
    return not (etat == Statut.LIBRE and faits.accepte_hors_delai)


def fin_de_case(faits, etat):
    """L'instant où la case change d'elle-même, ou ``None`` : la page compte les dernières heures qui l'en séparent."""
    if etat == Statut.RESERVE:
        return faits.limite_annulation
    if etat == Statut.LIBRE:
        return faits.limite_reservation
    return faits.offre_jusqu_a if etat == Statut.PROPOSE else None

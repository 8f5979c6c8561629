"""Les effectifs d'une semaine et les écarts d'un jour, pour la cuisine et pour la mairie."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Length

from familles.models import FicheSanitaire
from reservations.models import Excuse, Mouvement, Reservation, Seance

from .. import regles
from .lecture import signes
from .tables import Pointage


@dataclass(slots=True)
class Effectif:
    """Une séance en nombres. ``repas`` est vide si l'activité n'en comprend pas ; ``presents`` vaut 0 avant le jour.

    ``reservees`` compte tout le monde ; les repas, sans les absences dont l'excuse est acceptée.
    """

    seance: object
    reservees: int = 0
    presents: int = 0
    repas: dict = field(default_factory=dict)
    allergies: int = 0
    pai: int = 0


def effectifs(debut, fin, site=None):
    """Les :class:`Effectif` de chaque séance de ``debut`` à ``fin`` compris (dates de Paris), annulées comprises."""
    seances = Seance.objects.du(debut, fin).select_related("activite__site")
    seances = seances.filter(activite__site=site) if site else seances
    seances = seances.order_by("activite__site__ordre", "activite__site__nom", "activite__ordre",
                               "activite__heure_debut", "activite_id", "jour")  # fmt: skip
    bilan = {seance.pk: Effectif(seance) for seance in seances}
    reservations = Reservation.objects.reservees().filter(seance__in=bilan).order_by()
    for pk, n in reservations.values_list("seance").annotate(n=Count("pk")):
        bilan[pk].reservees = n
    presents = Pointage.objects.presents().filter(seance__in=bilan).order_by()
    for pk, n in presents.values_list("seance").annotate(n=Count("pk")):
        bilan[pk].presents = n
    _compter_les_repas(bilan, reservations)
    return list(bilan.values())


def _compter_les_repas(bilan, reservations):
    """Seuls les enfants qui ont une particularité sont lus un à un : les autres mangent l'ordinaire."""
    avec_repas = [pk for pk, effectif in bilan.items() if effectif.seance.activite.avec_repas]
    excuses = _excuses(reservations.filter(seance__in=avec_repas))
    particuliers = FicheSanitaire.objects.annotate(a=Length("allergies"), p=Length("pai"), r=Length("regime")).filter(
        Q(a__gt=0) | Q(p__gt=0) | Q(r__gt=0) | Q(panier_repas=True)
    )
    a_table = reservations.filter(seance__in=avec_repas)
    couples = set(a_table.filter(enfant__fiche__in=particuliers).values_list("seance_id", "enfant_id")) - excuses
    connus = signes({enfant_id for _, enfant_id in couples})
    lus = defaultdict(list)
    for seance_id, enfant_id in couples:
        lus[seance_id].append(connus[enfant_id])
    absents = Counter(seance_id for seance_id, _ in excuses)
    for pk in avec_repas:
        effectif, siens = bilan[pk], lus[pk]
        effectif.repas = regles.compter_repas(siens)
        effectif.repas[regles.ORDINAIRE] += effectif.reservees - absents[pk] - len(siens)
        effectif.allergies = sum(signe.allergies for signe in siens)
        effectif.pai = sum(signe.pai for signe in siens)


def _excuses(reservations):
    """Les couples (séance, enfant) que la cuisine ne compte plus : voir ``regles.mange``."""
    venus = Pointage.objects.presents().filter(seance=OuterRef("seance"), enfant=OuterRef("enfant"))
    acceptees = reservations.filter(~Exists(venus), excuse__etat=Excuse.Etat.ACCEPTEE)
    return set(acceptees.values_list("seance_id", "enfant_id"))


@dataclass(slots=True)
class Ecart:
    """Une séance passée, ou d'aujourd'hui : ce qui était prévu et ce qui fut."""

    seance: object
    compte: regles.Compte = field(default_factory=regles.Compte)
    absents: list = field(default_factory=list)
    excuses: list = field(default_factory=list)
    oublies: list = field(default_factory=list)
    en_plus: list = field(default_factory=list)

    @property
    def rien(self):
        return not (self.absents or self.excuses or self.oublies or self.en_plus)


def ecarts(jour, site=None):
    """Les :class:`Ecart` du ``jour``, par séance : réservés non venus, réservés oubliés, venus sans réservation.

    ``absents``, ``excuses`` et ``oublies`` sont des enfants ; ``en_plus``, des couples (enfant, raison).
    """
    seances = Seance.objects.filter(jour=jour).select_related("activite__site")
    seances = seances.filter(activite__site=site) if site else seances
    seances = seances.order_by("activite__site__ordre", "activite__site__nom", "activite__heure_debut", "pk")
    bilan = {seance.pk: Ecart(seance) for seance in seances}
    reservees = Reservation.objects.reservees().filter(seance__in=bilan).select_related("enfant")
    attendus = {(r.seance_id, r.enfant_id): r.enfant for r in reservees.order_by()}
    pointages = Pointage.objects.filter(seance__in=bilan).select_related("enfant")
    pointages = {(p.seance_id, p.enfant_id): p for p in pointages.order_by()}
    ajouts = Mouvement.objects.filter(reservation__seance__in=bilan, origine=Mouvement.Origine.AGENT)
    raisons = {
        (seance, enfant): motif
        for seance, enfant, motif in ajouts.order_by("instant").values_list(
            "reservation__seance_id", "reservation__enfant_id", "motif"
        )
    }
    _ranger(bilan, attendus, pointages, raisons)
    etats = defaultdict(dict)
    for seance, enfant in attendus:
        etats[seance][enfant] = ""
    for (seance, enfant), pointage in pointages.items():
        etats[seance][enfant] = pointage.etat
    for pk, siens in etats.items():
        bilan[pk].compte = regles.compter(siens.values())
    return list(bilan.values())


def _ranger(bilan, attendus, pointages, raisons):
    """Range chaque enfant dans la case de son écart, puis chaque case dans l'ordre de l'appel."""
    for cle, enfant in attendus.items():
        pointage = pointages.get(cle)
        case = {regles.ABSENT: "absents", regles.EXCUSE: "excuses"}.get(pointage.etat) if pointage else "oublies"
        if case:
            getattr(bilan[cle[0]], case).append(enfant)
    for cle, pointage in pointages.items():
        if pointage.etat == regles.PRESENT and (cle not in attendus or cle in raisons):
            bilan[cle[0]].en_plus.append((pointage.enfant, raisons.get(cle) or "Sa réservation est annulée."))
    for ecart in bilan.values():
        for case in (ecart.absents, ecart.excuses, ecart.oublies):
            case.sort(key=lambda e: regles.ordre_d_appel(e.nom, e.prenom))
        ecart.en_plus.sort(key=lambda couple: regles.ordre_d_appel(couple[0].nom, couple[0].prenom))

"""Ce qui change la journée : pointer, effacer, accueillir un enfant de plus. Une transaction chacune, et un journal.

La séance est verrouillée le temps d'un geste : deux tablettes sur le même enfant passent l'une après l'autre, la
seconde l'emporte et sait ce que la première avait dit.
"""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import PARIS, jour_de_paris
from reservations import actions as reservations
from reservations.models import Reservation, Seance

from . import regles
from .models import Geste, Pointage

# Les activités où l'heure compte : l'enfant y arrive et en part à son heure.
GENRES_A_HEURES = {"matin", "soir", "mercredi", "vacances"}


@transaction.atomic
def pointer(enfant, seance, etat, agent, maintenant, *, instant_appareil=None):
    """Pointe un enfant de la liste ``present``, ``absent`` ou ``excuse`` ; rend le :class:`Geste`, dont ``avant`` dit
    ce qu'une autre tablette avait peut-être pointé. Le même geste répété ne s'écrit qu'une fois (rend ``None``).

    Refus (``ValidationError``) : ``jour``, ``ferme``, ``hors_liste``.
    """
    seance = _ouvrir(seance, agent, maintenant)
    pointage = Pointage.objects.filter(enfant=enfant, seance=seance).first()
    if not pointage and not _est_attendu(enfant, seance):
        raise ValidationError(
            f"{enfant} n'est plus sur la liste : sa réservation est annulée. Ajoutez-le avec une raison.",
            code="hors_liste",
        )
    return _ecrire(seance, enfant, pointage, etat, agent, maintenant, uuid.uuid4(), instant_appareil)


@transaction.atomic
def pointer_le_reste(seance, enfants, agent, maintenant, *, instant_appareil=None):
    """Pointe présents ceux de ces ``enfants`` (des clés) qui sont attendus et pas encore pointés ; rend leur nombre.

    Les autres ne changent pas : l'absent qu'on vient de pointer sur une autre tablette le reste.
    """
    seance = _ouvrir(seance, agent, maintenant)
    attendus = Reservation.objects.reservees().filter(seance=seance, enfant__in=enfants)
    restants = attendus.exclude(enfant__pointages__seance=seance).select_related("enfant").order_by("enfant_id")
    lot = uuid.uuid4()
    for reservation in restants:
        _ecrire(seance, reservation.enfant, None, regles.PRESENT, agent, maintenant, lot, instant_appareil)
    return len(restants)


@transaction.atomic
def noter_les_heures(enfant, seance, arrivee, depart, agent, maintenant, *, instant_appareil=None):
    """Note l'arrivée et le départ (heures de Paris, ``None`` : inconnue) d'un enfant présent.

    Refus (``ValidationError``) : ``jour``, ``ferme``, ``absent``, ``heures`` (parti avant d'être arrivé).
    """
    seance = _ouvrir(seance, agent, maintenant)
    pointage = Pointage.objects.filter(enfant=enfant, seance=seance, etat=regles.PRESENT).first()
    if not pointage:
        raise ValidationError(f"Pointez d'abord {enfant} présent.", code="absent")
    if arrivee and depart and depart < arrivee:
        raise ValidationError("Un enfant ne part pas avant d'être arrivé.", code="heures")
    return _ecrire(
        seance, enfant, pointage, regles.PRESENT, agent, maintenant, uuid.uuid4(), instant_appareil,
        heures=(arrivee, depart),
    )  # fmt: skip


@transaction.atomic
def partir(enfant, seance, agent, maintenant, *, instant_appareil=None):
    """Note d'un toucher que l'enfant présent vient de partir, à l'heure du serveur.

    Refus (``ValidationError``) : ceux de :func:`noter_les_heures`, et ``jour`` pour un autre jour qu'aujourd'hui, dont
    l'heure se tape.
    """
    if seance.jour != jour_de_paris(maintenant):
        raise ValidationError(
            "Ce n'est pas aujourd'hui : notez l'heure de départ sur la fiche de l'enfant.", code="jour"
        )
    pointage = Pointage.objects.filter(enfant=enfant, seance=seance).first()
    return noter_les_heures(
        enfant, seance, pointage.arrivee if pointage else None, heure_de_paris(maintenant), agent, maintenant,
        instant_appareil=instant_appareil,
    )  # fmt: skip


@transaction.atomic
def effacer(enfant, seance, agent, maintenant, *, instant_appareil=None):
    """Efface un pointage fait par erreur : l'enfant redevient à pointer, le journal garde les deux gestes."""
    seance = _ouvrir(seance, agent, maintenant)
    pointage = Pointage.objects.filter(enfant=enfant, seance=seance).first()
    if not pointage:
        return None
    avant = pointage.etat
    pointage.delete()
    return Geste.objects.create(
        enfant=enfant, seance=seance, avant=avant, apres="", agent=agent, recu_le=maintenant,
        instant_appareil=instant_appareil,
    )  # fmt: skip


@transaction.atomic
def accueillir(enfant, seance, motif, agent, maintenant, *, instant_appareil=None):
    """Ajoute un enfant de dernière minute, avec sa raison ; le jour même, il est là : le voilà présent.

    Refus (``ValidationError``) : ``jour``, et ceux de ``reservations.actions.ajouter_sur_place``.
    """
    seance = _ouvrir(seance, agent, maintenant, avance=1)  # on complète aussi la liste du lendemain
    reservation = reservations.ajouter_sur_place(enfant, seance, agent, motif, maintenant)
    if seance.jour <= jour_de_paris(maintenant):
        pointage = Pointage.objects.filter(enfant=enfant, seance=seance).first()
        _ecrire(seance, enfant, pointage, regles.PRESENT, agent, maintenant, uuid.uuid4(), instant_appareil)
    return reservation


def _ouvrir(seance, agent, maintenant, avance=0):
    """La séance verrouillée, si l'on peut y écrire : d'autrefois à aujourd'hui, plus ``avance`` jours."""
    seance = Seance.objects.verrouillees([seance.pk]).select_related("activite").get()
    if not seance.ouverte:
        raise ValidationError(f"Cette séance n'a pas lieu : {seance.motif}.", code="ferme")
    refus = regles.refus_du_jour(
        seance.jour, jour_de_paris(maintenant), settings.POINTAGE_JOURS,
        agent.has_perm("presences.pointer_sans_limite"), avance,
    )  # fmt: skip
    if refus:
        raise ValidationError(refus, code="jour")
    return seance


def _est_attendu(enfant, seance):
    return Reservation.objects.reservees().filter(enfant=enfant, seance=seance).exists()


def _ecrire(seance, enfant, pointage, etat, agent, maintenant, lot, instant_appareil, heures=None):
    """Le pointage et sa ligne de journal ; rien si rien ne change."""
    avant = pointage.etat if pointage else ""
    arrivee, depart = heures or _heures(seance, pointage, etat, maintenant)
    if pointage and (avant, pointage.arrivee, pointage.depart) == (etat, arrivee, depart):
        return None
    pointage = pointage or Pointage(enfant=enfant, seance=seance)
    pointage.etat, pointage.arrivee, pointage.depart = etat, arrivee, depart
    pointage.agent, pointage.recu_le, pointage.instant_appareil = agent, maintenant, instant_appareil
    pointage.save()
    return Geste.objects.create(
        lot=lot, enfant=enfant, seance=seance, avant=avant, apres=etat, arrivee=arrivee, depart=depart, agent=agent,
        recu_le=maintenant, instant_appareil=instant_appareil,
    )  # fmt: skip


def _heures(seance, pointage, etat, maintenant):
    """L'arrivée que pose le geste ; un départ déjà noté reste si l'enfant reste présent."""
    arrivee = regles.heure_du_geste(
        etat, seance.jour, jour_de_paris(maintenant), heure_de_paris(maintenant),
        pointage.arrivee if pointage else None,
        seance.activite.genre in GENRES_A_HEURES,
    )  # fmt: skip
    return arrivee, pointage.depart if pointage and etat == regles.PRESENT else None


def heure_de_paris(instant):
    """L'heure qu'il est à Paris, à la minute."""
    return instant.astimezone(PARIS).time().replace(second=0, microsecond=0)

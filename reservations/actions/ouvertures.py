"""Préparer une ouverture, y déposer ses vœux, puis réserver ce qui se peut."""

import secrets

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from familles.models import Enfant

from .. import regles
from ..models import Mouvement, Ouverture, Seance, Ticket, Voeu, inscriptions_de
from .enregistrement import Resultat, enregistrer

DEPOSE = Voeu.Etat.DEPOSE
# Les séances d'une ouverture à venir : ``IS DISTINCT FROM`` laisse tranquilles celles qui le sont déjà.
RATTACHER = """
UPDATE reservations_seance s SET ouverture_id = o.id
  FROM reservations_ouverture o JOIN reservations_ouverture_activites oa ON oa.ouverture_id = o.id
 WHERE oa.activite_id = s.activite_id AND s.jour BETWEEN o.du AND o.au AND o.ouvre_le > %s
   AND s.ouverture_id IS DISTINCT FROM o.id AND (%s::bigint IS NULL OR o.id = %s)
"""


@transaction.atomic
def preparer_ouverture(ouverture, activites, maintenant):
    """Enregistre une ouverture à venir et lui rattache ses séances ; celles qu'elle quitte redeviennent ordinaires.

    Lève ``ValidationError`` : ``commencee`` (elle est ouverte, ou l'heure dite est passée), ``ailleurs`` (une de ses
    séances est d'une autre ouverture), ``voeux`` (une famille a déjà un vœu pour une séance qu'elle quitterait).
    """
    avant = Ouverture.objects.select_for_update().filter(pk=ouverture.pk).first()
    if (avant and avant.ouvre_le <= maintenant) or ouverture.ouvre_le <= maintenant:
        raise ValidationError(
            "Une ouverture se prépare avant son heure : elle ne change plus une fois commencée.", code="commencee"
        )
    activites = list(activites)
    siennes = Seance.objects.filter(activite__in=activites, jour__range=(ouverture.du, ouverture.au))
    prise = siennes.filter(ouverture__isnull=False).exclude(ouverture=ouverture.pk).select_related("ouverture").first()
    if prise:
        raise ValidationError(f"{prise} est déjà de l'ouverture « {prise.ouverture} ».", code="ailleurs")
    quittees = Seance.objects.filter(ouverture=ouverture.pk).exclude(pk__in=siennes.values("pk"))
    if ouverture.pk and Voeu.objects.filter(seance__in=quittees).exists():
        raise ValidationError("Des familles ont déjà un vœu pour une séance qui n'y serait plus.", code="voeux")
    ouverture.save()
    ouverture.activites.set(activites)
    if avant:
        quittees.update(ouverture=None)
    rattacher_les_seances(maintenant, ouverture)
    return ouverture


def rattacher_les_seances(maintenant, ouverture=None):
    """Donne à chaque ouverture à venir ses séances ; celles que l'on vient de créer l'attendent aussi."""
    pk = ouverture and ouverture.pk
    with connection.cursor() as curseur:
        curseur.execute(RATTACHER, [maintenant, pk, pk])
        return curseur.rowcount


def numero_au_hasard():
    """Six chiffres : ils ne disent ni qui, ni quand."""
    return str(secrets.randbelow(900_000) + 100_000)


def ticket_de(ouverture, famille):
    """Le ticket de ce foyer, créé à sa première demande : un seul, même demandé de partout à la fois."""
    while True:
        ticket = Ticket.objects.filter(ouverture=ouverture, famille=famille).first()
        if ticket:
            return ticket
        ticket = Ticket(ouverture=ouverture, famille=famille, numero=numero_au_hasard())
        Ticket.objects.bulk_create([ticket], ignore_conflicts=True)


@transaction.atomic
def deposer_voeux(ouverture, famille, choisis, maintenant):
    """Garde les vœux de ce foyer : exactement ``choisis``, des couples (enfant_id, seance_id). Rend leur nombre.

    Lève ``ValidationError`` : ``ferme`` (ce n'est pas, ou plus, l'heure des vœux), ``inconnu`` (un enfant ou une séance
    qui n'y est pas), ``non_inscrit`` ou ``autre_foyer`` (l'autre foyer de l'enfant l'a déjà demandé).
    """
    ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket_de(ouverture, famille).pk)
    ouverture = Ouverture.objects.get(pk=ouverture.pk)  # relue sous le verrou : un tirage a pu passer
    if ouverture.etape(maintenant) != regles.Etape.VOEUX:
        raise ValidationError(_voeux_fermes(ouverture, maintenant), code="ferme")
    rangs = _rangs_des_enfants(famille)
    _verifier(ouverture, famille, rangs, choisis)
    siens = {(v.enfant_id, v.seance_id): v.pk for v in Voeu.objects.filter(ticket=ticket)}
    Voeu.objects.filter(pk__in=[pk for cle, pk in siens.items() if cle not in choisis]).delete()
    try:
        with transaction.atomic():
            Voeu.objects.bulk_create(
                Voeu(ticket=ticket, enfant_id=e, seance_id=s, rang_enfant=rangs[e], depose_le=maintenant)
                for e, s in sorted(choisis - siens.keys())
            )
    except IntegrityError:
        raise ValidationError(
            "L'autre foyer de votre enfant a déjà demandé un de ces jours : rechargez la page.", code="autre_foyer"
        ) from None
    return len(choisis)


def _voeux_fermes(ouverture, maintenant):
    if maintenant < ouverture.voeux_des:
        return f"Les vœux s'ouvrent {regles.instant_dit(ouverture.voeux_des, maintenant)}."
    return f"Les vœux sont clos depuis {regles.instant_dit(ouverture.ouvre_le, maintenant)} : ceux d'avant sont gardés."


def _rangs_des_enfants(famille):
    """Le rang de chaque enfant du foyer, dans l'ordre où il y est entré : un nouveau ne décale pas les autres."""
    enfants = Enfant.objects.filter(rattachements__famille=famille).order_by("rattachements__pk")
    return {pk: rang for rang, pk in enumerate(enfants.values_list("pk", flat=True), 1)}


def _verifier(ouverture, famille, rangs, choisis):
    """Chaque vœu est d'un enfant du foyer, inscrit ce jour-là, pour une séance de l'ouverture qui a lieu."""
    seances = {s.pk: s for s in ouverture.seances.filter(pk__in={s for _, s in choisis}, ouverte=True)}
    enfants = set(Enfant.objects.de_la_famille(famille).filter(pk__in=rangs).values_list("pk", flat=True))
    if any(e not in enfants or s not in seances for e, s in choisis):
        raise ValidationError("Un de ces jours n'est pas, ou plus, proposé : rechargez la page.", code="inconnu")
    inscrits = inscriptions_de(enfants, famille, ouverture.du, ouverture.au)
    for e, s in choisis:
        seance = seances[s]
        if not any(
            (i.enfant_id, i.activite_id) == (e, seance.activite_id) and i.debut <= seance.jour <= i.fin
            for i in inscrits
        ):
            raise ValidationError("Un de vos enfants n'est pas inscrit un de ces jours-là.", code="non_inscrit")


@transaction.atomic
def reserver_ce_qui_se_peut(famille, compte, choisis, maintenant):
    """Réserve tout ce qui peut l'être de ``choisis`` (des couples enfant, séance), et dit le reste.

    Au contraire de ``enregistrer``, un refus n'empêche pas les autres : le jour de l'ouverture, la place que l'on
    perdrait à recommencer ne reviendrait pas. Rend un ``Resultat`` où ``faits`` et ``refus`` se complètent.
    """
    souhaits, refus = dict.fromkeys(choisis, True), []
    while souhaits:
        resultat = enregistrer(famille, compte, souhaits, maintenant, Mouvement.Origine.PARENT)
        if not resultat.refus:
            return Resultat(resultat.lot, resultat.faits, refus)
        refus += resultat.refus
        for r in resultat.refus:
            souhaits.pop((r.enfant_id, r.seance_id), None)
    return Resultat(refus=refus)

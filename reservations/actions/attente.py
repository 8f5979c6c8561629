"""La liste d'attente d'une séance complète : y entrer, en sortir, et y faire passer les places qui se libèrent.

Tout se décide sous le verrou de la séance : une place libérée n'est offerte qu'à un enfant, et personne ne la prend
entre-temps.
"""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import jour_de_paris
from familles.models import garde_des

from .. import regles
from ..models import Mouvement, Reservation, Seance, rangs, reponse_a
from .courriels_d_attente import annoncer_places, annoncer_sorties
from .ecriture import change, ecrire, offrir_les_places
from .enregistrement import recapituler
from .jugement import ANNULEE, ATTENTE, PROPOSEE, RESERVEE, Changement, prevoir

PARENT, REGLE, MAIRIE = Mouvement.Origine.PARENT, Mouvement.Origine.REGLE, Mouvement.Origine.MAIRIE


# --- La famille ---------------------------------------------------------------------------------------------------
@transaction.atomic
def attendre(famille, compte, enfant, seance, maintenant):
    """Met l'enfant sur la liste d'attente d'une séance complète ; rend son rang, 1 pour le prochain.

    Lève ``ValidationError`` : ``deja``, ``libre`` (il reste une place : on la réserve), ``sans_liste``, ``trop_tard``,
    ou un autre refus de réserver (voir :func:`regles.refus`).
    """
    seance = _verrouiller(seance.pk)
    avant = Reservation.objects.filter(enfant=enfant, seance=seance).first()
    if avant and avant.etat != ANNULEE and avant.famille_id == famille.pk:
        raise ValidationError(f"{enfant.prenom} est déjà réservé ou en attente ce jour-là.", code="deja")
    refus = _refus_de_reserver(famille, enfant, seance, maintenant)
    if not refus:
        raise ValidationError("Une place vient de se libérer : réservez-la sur le planning.", code="libre")
    if refus.code != "complet":
        raise ValidationError(refus.phrase, code=refus.code)
    if not seance.activite.liste_attente:
        raise ValidationError(f"{seance.activite.nom} n'a pas de liste d'attente.", code="sans_liste")
    if maintenant >= seance.limite_reservation:
        raise ValidationError("La limite de réservation est passée : on n'attend plus de place.", code="trop_tard")
    changement = Changement(enfant, seance, famille, avant.etat if avant else "", ATTENTE)
    ecrire([changement], compte, maintenant, PARENT)
    entree = Reservation.objects.get(enfant=enfant, seance=seance)
    return rangs([seance.pk])[entree.pk]


@transaction.atomic
def quitter_attente(reservation, compte, maintenant):
    """Retire l'enfant de la liste d'attente : toujours possible. Lève ``ValidationError`` (``pas_en_attente``)."""
    _verrouiller(reservation.seance_id)
    reservation = _relire(reservation)
    if reservation.etat != ATTENTE:
        raise ValidationError(
            f"{reservation.enfant.prenom} n'est plus sur la liste : la page montre où il en est.", code="pas_en_attente"
        )
    ecrire([change(reservation, ANNULEE)], compte, maintenant, PARENT)


@transaction.atomic
def repondre(reservation, accepte, compte, maintenant, offre=None):
    """La famille prend la place proposée, ou la laisse, et elle passe aussitôt au suivant.

    ``offre`` est le mouvement que désigne le lien d'un courriel : celui-ci ne répond qu'à cette offre-là, une fois.
    Lève ``ValidationError`` : ``deja`` (répondu, ou passé au suivant), ``expiree``, ou un refus de réserver.
    """
    seance = _verrouiller(reservation.seance_id)
    reservation = _relire(reservation)
    if reservation.etat != PROPOSEE or (offre and reponse_a(offre)):
        raise ValidationError("Cette place n'attend plus de réponse.", code="deja")
    if accepte:
        if maintenant >= reservation.offre_jusqu_a:
            raise ValidationError("Le temps pour répondre est passé : la place va au suivant.", code="expiree")
        refus = _refus_de_reserver(reservation.famille, reservation.enfant, seance, maintenant)
        if refus:
            raise ValidationError(refus.phrase, code=refus.code)
    changement = change(reservation, RESERVEE if accepte else ANNULEE)
    lot = ecrire([changement], compte, maintenant, PARENT)
    if accepte:
        recapituler(compte, [changement], lot, PARENT)


# --- La mairie ----------------------------------------------------------------------------------------------------
@transaction.atomic
def donner_une_place(reservation, compte, motif, maintenant):
    """La mairie donne une place à un enfant de la liste, au-delà du rang et des places s'il le faut, et l'écrit.

    Lève ``ValidationError`` : ``sans_motif``, ``deja`` (l'enfant n'attend plus) ou ``ferme``.
    """
    motif = motif.strip()
    if not motif:
        raise ValidationError("Dites pourquoi : la raison reste au journal et la famille la lit.", code="sans_motif")
    seance = _verrouiller(reservation.seance_id)
    reservation = _relire(reservation)
    if reservation.etat not in (ATTENTE, PROPOSEE):
        raise ValidationError(f"{reservation.enfant} n'attend plus de place ce jour-là.", code="deja")
    if not seance.ouverte:
        raise ValidationError(f"Cette séance n'a pas lieu : {seance.motif}.", code="ferme")
    changement = change(reservation, RESERVEE, hors_delai=maintenant >= seance.limite_reservation)
    ecrire([changement], compte, maintenant, MAIRIE, motif)
    annoncer_places([changement], {}, maintenant, motif)


@transaction.atomic
def changer_places(seances, capacite, maintenant):
    """Donne ``capacite`` places (``None`` : sans limite) à ces séances ; celles qui s'ajoutent passent à la liste."""
    pks = [s.pk for s in Seance.objects.verrouillees([s.pk for s in seances])]
    Seance.objects.filter(pk__in=pks).update(capacite=capacite)
    offrir_les_places(pks, maintenant)
    return len(pks)


# --- Les listes qui se tiennent -----------------------------------------------------------------------------------
@transaction.atomic
def tenir_les_listes(maintenant):
    """Finit les attentes qui ne peuvent plus aboutir, passe au suivant les offres restées sans réponse, et offre ce
    que rien n'aurait offert ; rend le nombre d'attentes finies.

    Se relance sans dommage : deux ouvriers au même instant attendent le même verrou, et le second ne trouve rien.
    """
    seances = {*Reservation.objects.a_sortir(maintenant), *Seance.objects.a_offrir(maintenant)}
    seances |= _de_l_autre_foyer(maintenant)
    if not seances:
        return 0
    pks = [s.pk for s in Seance.objects.verrouillees(seances)]
    sorties = defaultdict(list)
    lignes = list(Reservation.objects.qui_attendent().filter(seance__in=pks).order_by("pk"))
    garde = _garde_de(lignes)
    for ligne in lignes:
        if raison := regles.raison_de_sortir(_attente(ligne, garde), maintenant):
            sorties[raison].append(change(ligne, ANNULEE))
    # Les offres sans réponse en dernier : leur place ne passe à personne qui sort au même instant.
    for raison in sorted(sorties, key=lambda raison: raison == "sans_reponse"):
        ecrire(sorties[raison], None, maintenant, REGLE, regles.SORTIES[raison])
    annoncer_sorties(sorties)
    offrir_les_places(pks, maintenant)
    return sum(map(len, sorties.values()))


def _de_l_autre_foyer(maintenant):
    """Les séances où attend, pour un foyer, un enfant que sa garde a mis ce jour-là chez l'autre."""
    partages = Reservation.objects.qui_attendent().filter(enfant__gardes__isnull=False)
    lignes = list(partages.filter(seance__jour__gte=jour_de_paris(maintenant)).distinct())
    garde = _garde_de(lignes)
    return {r.seance_id for r in lignes if not garde.a_nous(r.enfant_id, r.famille_id, r.seance.jour)}


def _garde_de(reservations):
    jours = [r.seance.jour for r in reservations]
    return garde_des({r.enfant_id for r in reservations}, min(jours, default=None), max(jours, default=None))


def _attente(reservation, garde):
    seance = reservation.seance
    return regles.Attente(
        reservation.etat, seance.limite_reservation, reservation.offre_jusqu_a, seance.ouverte, reservation.inscrit,
        seance.activite.liste_attente, garde.a_nous(reservation.enfant_id, reservation.famille_id, seance.jour),
    )  # fmt: skip


# --- Ce qui sert à tous -------------------------------------------------------------------------------------------
def _verrouiller(seance):
    return Seance.objects.verrouillees([seance]).select_related("activite").get()


def _relire(reservation):
    """La réservation telle qu'elle est une fois sa séance verrouillée."""
    return Reservation.objects.select_related("enfant", "famille", "seance__activite").get(pk=reservation.pk)


def _refus_de_reserver(famille, enfant, seance, maintenant):
    """Ce qui empêcherait de réserver maintenant, ou ``None``."""
    return next(iter(prevoir(famille, {(enfant.pk, seance.pk): True}, maintenant, verrouiller=True).refus), None)

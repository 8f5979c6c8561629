"""La liste d'attente d'une séance complète : y entrer, en sortir, et y faire passer les places qui se libèrent.

Tout se décide sous le verrou de la séance : une place libérée n'est offerte qu'à un enfant, et personne ne la prend
entre-temps.
"""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.regles import instant_de_paris
from inscriptions.models import PlaceLiberee

from .. import regles
from ..models import Mouvement, Reservation, Seance, files_d_attente, rangs, reponse_a, restantes
from .courriels_d_attente import annoncer_places, annoncer_sorties
from .enregistrement import ANNULEE, ATTENTE, RESERVEE, Changement, ecrire, prevoir, recapituler

PROPOSEE = Reservation.Etat.PROPOSEE
PARENT, REGLE, MAIRIE = Mouvement.Origine.PARENT, Mouvement.Origine.REGLE, Mouvement.Origine.MAIRIE
LIBEREE = "Une place s'est libérée"


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
    ecrire([_changement(reservation, ANNULEE)], compte, maintenant, PARENT)


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
    changement = _changement(reservation, RESERVEE if accepte else ANNULEE)
    lot = ecrire([changement], compte, maintenant, PARENT)
    if accepte:
        recapituler(reservation.famille, compte, [changement], lot, PARENT)


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
    changement = _changement(reservation, RESERVEE, hors_delai=maintenant >= seance.limite_reservation)
    ecrire([changement], compte, maintenant, MAIRIE, motif)
    annoncer_places([changement], {}, maintenant, motif)


@transaction.atomic
def changer_places(seances, capacite, maintenant):
    """Donne ``capacite`` places (``None`` : sans limite) à ces séances ; celles qui s'ajoutent passent à la liste."""
    pks = [s.pk for s in Seance.objects.verrouillees([s.pk for s in seances])]
    Seance.objects.filter(pk__in=pks).update(capacite=capacite)
    offrir_les_places(pks, maintenant)
    return len(pks)


# --- Les places qui se libèrent -----------------------------------------------------------------------------------
def offrir_les_places(seances, maintenant):
    """Passe les places libres de ces séances (des clés, déjà verrouillées) à leur liste d'attente.

    Chacune est proposée, ou donnée si l'activité le dit et que la famille peut encore annuler. Passé la limite de
    réservation, rien ne s'offre. Qui ne pourrait pas réserver (plus inscrit, suspendu…) est enjambé et garde son rang.
    Rend les :class:`Changement`.
    """
    files = [file for file in files_d_attente(seances).values() if _se_passe(file[0].seance, maintenant)]
    if not files:
        return []
    libres = restantes([file[0].seance for file in files])
    files = [(file, libres.get(file[0].seance_id, len(file))) for file in files]
    elus = [_offre(attente, maintenant) for attente in _elus(files, maintenant)]
    if elus:
        lot = ecrire(elus, None, maintenant, REGLE, LIBEREE)
        annoncer_places(elus, _offres_du_lot(lot), maintenant)
    return elus


def _se_passe(seance, maintenant):
    return seance.ouverte and seance.activite.liste_attente and maintenant < seance.limite_reservation


def _elus(files, maintenant):
    """Les premiers de chaque ``(file, places)`` ; on ne juge que ceux dont le tour vient, et ceux qui les suivent s'il
    faut les enjamber.
    """
    juges, enjambes = set(), set()
    while True:
        elus = [a for file, places in files for a in [a for a in file if a.pk not in enjambes][: max(places, 0)]]
        nouveaux = [a for a in elus if a.pk not in juges]
        if not nouveaux:
            return elus
        juges |= {a.pk for a in nouveaux}
        enjambes |= _ne_peuvent_pas(nouveaux, maintenant)


def _ne_peuvent_pas(attentes, maintenant):
    """Ceux que les règles empêchent de réserver aujourd'hui, jugés comme la page les juge, foyer par foyer."""
    par_famille = defaultdict(list)
    for attente in attentes:
        par_famille[attente.famille].append(attente)
    refuses = {
        (refus.enfant_id, refus.seance_id)
        for famille, siennes in par_famille.items()
        for refus in prevoir(famille, {(a.enfant_id, a.seance_id): True for a in siennes}, maintenant).refus
        if refus.code != "complet"
    }
    return {a.pk for a in attentes if (a.enfant_id, a.seance_id) in refuses}


def _offre(attente, maintenant):
    """Ce qui arrive au prochain : la place, ou de quoi la confirmer. Rien ne se donne qui ne se rende plus."""
    seance = attente.seance
    if seance.activite.place_liberee == PlaceLiberee.DONNER and maintenant < seance.limite_annulation:
        return _changement(attente, RESERVEE)
    debut = instant_de_paris(seance.jour, seance.activite.heure_debut)
    fin = regles.fin_d_offre(maintenant, seance.activite.delai_offre, seance.limite_reservation, debut)
    return _changement(attente, PROPOSEE, offre_jusqu_a=fin)


def _offres_du_lot(lot):
    """``{(enfant, séance): mouvement}`` des offres de ce lot : ce que signent les liens."""
    offres = Mouvement.objects.filter(lot=lot, apres=PROPOSEE).order_by()
    return {
        (enfant, seance): pk
        for enfant, seance, pk in offres.values_list("reservation__enfant", "reservation__seance", "pk")
    }


@transaction.atomic
def tenir_les_listes(maintenant):
    """Finit les attentes qui ne peuvent plus aboutir, passe au suivant les offres restées sans réponse, et offre ce
    que rien n'aurait offert ; rend le nombre d'attentes finies.

    Se relance sans dommage : deux ouvriers au même instant attendent le même verrou, et le second ne trouve rien.
    """
    seances = {*Reservation.objects.a_sortir(maintenant), *Seance.objects.a_offrir(maintenant)}
    if not seances:
        return 0
    pks = [s.pk for s in Seance.objects.verrouillees(seances)]
    sorties = defaultdict(list)
    for ligne in Reservation.objects.qui_attendent().filter(seance__in=pks).order_by("pk"):
        if raison := regles.raison_de_sortir(_attente(ligne), maintenant):
            sorties[raison].append(_changement(ligne, ANNULEE))
    # Les offres sans réponse en dernier : leur place ne passe à personne qui sort au même instant.
    for raison in sorted(sorties, key=lambda raison: raison == "sans_reponse"):
        ecrire(sorties[raison], None, maintenant, REGLE, regles.SORTIES[raison])
    annoncer_sorties(sorties)
    offrir_les_places(pks, maintenant)
    return sum(map(len, sorties.values()))


def _attente(reservation):
    seance = reservation.seance
    return regles.Attente(
        reservation.etat, seance.limite_reservation, reservation.offre_jusqu_a, seance.ouverte, reservation.inscrit,
        seance.activite.liste_attente,
    )  # fmt: skip


# --- Ce qui sert à tous -------------------------------------------------------------------------------------------
def _verrouiller(seance):
    return Seance.objects.verrouillees([seance]).select_related("activite").get()


def _relire(reservation):
    """La réservation telle qu'elle est une fois sa séance verrouillée."""
    return Reservation.objects.select_related("enfant", "famille", "seance__activite").get(pk=reservation.pk)


def _changement(reservation, apres, **suite):
    return Changement(
        reservation.enfant, reservation.seance, reservation.famille, reservation.etat, apres, **suite
    )  # fmt: skip


def _refus_de_reserver(famille, enfant, seance, maintenant):
    """Ce qui empêcherait de réserver maintenant, ou ``None``."""
    return next(iter(prevoir(famille, {(enfant.pk, seance.pk): True}, maintenant).refus), None)

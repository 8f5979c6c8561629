"""Écrire des changements et leur journal, et passer aussitôt à la liste d'attente les places qu'ils libèrent.

Les deux se suivent : une place offerte est elle-même un changement. Les séances sont déjà verrouillées.
"""

import uuid
from collections import defaultdict
from itertools import takewhile

from django.db import connection

from commune.regles import instant_de_paris
from familles.models import Enfant
from inscriptions.models import PlaceLiberee

from .. import regles
from ..models import Mouvement, Reservation, files_d_attente, restantes
from .courriels_d_attente import annoncer_places
from .jugement import PROPOSEE, RESERVEE, Changement, prevoir

LIBEREE = "Une place s'est libérée"
# Les réservations puis leur journal, en une requête : composer 1 500 lignes par l'ORM prenait la moitié du temps.
ECRIRE = """
WITH voulu AS (
  SELECT * FROM unnest(
    %(enfants)s::bigint[], %(seances)s::bigint[], %(familles)s::bigint[], %(avant)s::text[], %(apres)s::text[],
    %(hors_delai)s::bool[], %(offre_jusqu_a)s::timestamptz[]
  ) AS v(enfant_id, seance_id, famille_id, avant, apres, hors_delai, offre_jusqu_a)
), ecrit AS (
  INSERT INTO reservations_reservation
    (enfant_id, seance_id, famille_id, etat, hors_delai, modifiee_le, offre_jusqu_a)
  SELECT enfant_id, seance_id, famille_id, apres, hors_delai, %(maintenant)s, offre_jusqu_a FROM voulu
  ON CONFLICT (enfant_id, seance_id) DO UPDATE SET famille_id = EXCLUDED.famille_id, etat = EXCLUDED.etat,
    hors_delai = EXCLUDED.hors_delai, modifiee_le = EXCLUDED.modifiee_le, offre_jusqu_a = EXCLUDED.offre_jusqu_a
  RETURNING id, enfant_id, seance_id
)
INSERT INTO reservations_mouvement (lot, reservation_id, avant, apres, origine, compte_id, instant, motif)
SELECT %(lot)s, ecrit.id, voulu.avant, voulu.apres, %(origine)s, %(compte)s, %(maintenant)s, %(motif)s
  FROM ecrit JOIN voulu USING (enfant_id, seance_id)
"""


def ecrire(changements, compte, maintenant, origine, motif="", lot=None):
    """Écrit les réservations et leur journal ; rend le numéro du lot. Séances déjà verrouillées.

    Une place qui se libère ici, d'où que vienne le geste, passe à la liste d'attente dans la même transaction.
    """
    lot = lot or uuid.uuid4()
    with connection.cursor() as curseur:
        curseur.execute(ECRIRE, {
            "enfants": [c.enfant.pk for c in changements], "seances": [c.seance.pk for c in changements],
            "familles": [c.famille.pk for c in changements], "avant": [str(c.avant) for c in changements],
            "apres": [str(c.apres) for c in changements], "hors_delai": [c.hors_delai for c in changements],
            "offre_jusqu_a": [c.offre_jusqu_a for c in changements],
            "maintenant": maintenant, "lot": lot, "origine": str(origine), "compte": compte and compte.pk,
            "motif": motif,
        })  # fmt: skip
    prenants = Reservation.PRENANTS
    rendues = {c.seance.pk for c in changements if c.avant in prenants and c.apres not in prenants}
    if rendues:
        offrir_les_places(rendues, maintenant)
    return lot


def change(reservation, apres, **suite):
    """Le :class:`Changement` qui mène cette réservation à l'état ``apres``."""
    return Changement(
        reservation.enfant, reservation.seance, reservation.famille, reservation.etat, apres, **suite
    )  # fmt: skip


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
        lot = ecrire(elus, None, maintenant, Mouvement.Origine.REGLE, LIBEREE)
        annoncer_places(elus, _offres_du_lot(lot), maintenant)
    return elus


def _se_passe(seance, maintenant):
    return seance.ouverte and seance.activite.liste_attente and maintenant < seance.limite_reservation


def _elus(files, maintenant):
    """Les premiers de chaque ``(file, places)`` ; on ne juge que ceux dont le tour vient, et ceux qui les suivent s'il
    faut les enjamber. Une file s'arrête au premier enfant occupé : sa place l'attend, et la tâche qui tient les listes
    la lui offrira.
    """
    juges, enjambes, occupes = set(), set(), set()
    while True:
        elus = [a for file, places in files for a in _premiers(file, places, enjambes, occupes)]
        nouveaux = [a for a in elus if a.pk not in juges]
        if not nouveaux:
            return elus
        juges |= {a.pk for a in nouveaux}
        occupes |= _occupes(nouveaux)
        enjambes |= _ne_peuvent_pas([a for a in nouveaux if a.pk not in occupes], maintenant)


def _premiers(file, places, enjambes, occupes):
    premiers = [a for a in file if a.pk not in enjambes][: max(places, 0)]
    return takewhile(lambda a: a.pk not in occupes, premiers)


def _occupes(attentes):
    """Ceux dont l'enfant est pris dans un autre enregistrement ; les autres enfants sont verrouillés pour être jugés.

    On n'attend pas : séances en main, attendre un enregistrement qui veut les nôtres mènerait à l'étreinte fatale.
    """
    enfants = Enfant.objects.filter(pk__in={a.enfant_id for a in attentes}).order_by("pk")
    tenus = set(enfants.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    return {a.pk for a in attentes if a.enfant_id not in tenus}


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
        return change(attente, RESERVEE)
    debut = instant_de_paris(seance.jour, seance.activite.heure_debut)
    fin = regles.fin_d_offre(maintenant, seance.activite.delai_offre, seance.limite_reservation, debut)
    return change(attente, PROPOSEE, offre_jusqu_a=fin)


def _offres_du_lot(lot):
    """``{(enfant, séance): mouvement}`` des offres de ce lot : ce que signent les liens."""
    offres = Mouvement.objects.filter(lot=lot, apres=PROPOSEE).order_by()
    return {
        (enfant, seance): pk
        for enfant, seance, pk in offres.values_list("reservation__enfant", "reservation__seance", "pk")
    }

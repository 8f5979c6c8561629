"""La file d'une ouverture : chacun son rang, quelques foyers à la fois, et presque rien à calculer.

C'est la page que tout le monde ouvre à la même seconde. Elle coûte une lecture, et une écriture toutes les vingt
secondes. Personne ne fait avancer la file : chaque visite l'avance pour tous.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction

from .. import regles
from ..models import Ouverture, Ticket
from .ouvertures import numero_au_hasard

VERROU = 861  # l'espace de nos verrous consultatifs : un seul à la fois fait avancer une file
SIGNE_DE_VIE = dt.timedelta(seconds=20)  # on n'écrit pas à chaque visite que le foyer est là

# Une seule question à la base : l'ouverture, le ticket de ce foyer, ceux qui sont devant, ceux qui sont entrés.
# Qui n'est pas encore arrivé a-t-il un enfant inscrit ? Les autres l'avaient en arrivant.
POSITION = """
SELECT o.nom, o.ouvre_le, o.finie_le, o.a_la_fois, o.minutes, o.graine, a.famille_id, t.id, t.numero, t.arrive_le,
       t.vu_le, t.admis_le, t.jusqu_a, f.avant, f.devant, s.en_salle, s.recents,
       CASE WHEN t.arrive_le IS NULL THEN EXISTS (
         SELECT 1 FROM inscriptions_inscription i
           JOIN reservations_ouverture_activites oa ON oa.activite_id = i.activite_id AND oa.ouverture_id = o.id
          WHERE i.famille_id = a.famille_id AND i.etat = 'validee' AND i.debut <= o.au AND i.fin >= o.du
       ) ELSE true END
  FROM reservations_ouverture o
  JOIN familles_adulte a ON a.compte_id = %(compte)s AND a.fin IS NULL
  LEFT JOIN reservations_ticket t ON t.ouverture_id = o.id AND t.famille_id = a.famille_id
  CROSS JOIN LATERAL (
    SELECT count(*) AS avant, count(*) FILTER (WHERE d.admis_le IS NULL) AS devant
      FROM reservations_ticket d WHERE d.ouverture_id = o.id AND (d.ordre, d.id) < (t.ordre, t.id)
  ) f
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE e.jusqu_a > %(maintenant)s) AS en_salle,
           count(*) FILTER (WHERE e.admis_le > %(recent)s) AS recents
      FROM reservations_ticket e WHERE e.ouverture_id = o.id AND e.jusqu_a IS NOT NULL
  ) s
 WHERE o.id = %(ouverture)s AND o.mode = 'file'
"""
ADMETTRE = """
UPDATE reservations_ticket SET admis_le = %(maintenant)s, jusqu_a = %(jusqu_a)s
 WHERE id IN (
   SELECT id FROM reservations_ticket
    WHERE ouverture_id = %(ouverture)s AND admis_le IS NULL AND vu_le > %(present)s
    ORDER BY ordre, id
    LIMIT greatest(0, %(a_la_fois)s - (
      SELECT count(*) FROM reservations_ticket WHERE ouverture_id = %(ouverture)s AND jusqu_a > %(maintenant)s
    ))
 )
RETURNING id
"""


@dataclass(slots=True)
class Position:
    """Où en est un foyer dans la file ; les instants sont en UTC."""

    nom: str
    ouvre_le: dt.datetime
    finie_le: dt.datetime | None
    a_la_fois: int
    minutes: int
    graine: str
    famille: int
    ticket: int | None
    numero: str
    arrive_le: dt.datetime | None
    vu_le: dt.datetime | None
    admis_le: dt.datetime | None
    jusqu_a: dt.datetime | None
    avant: int  # foyers d'un meilleur ordre, passés compris : le rang est le suivant
    devant: int  # parmi eux, ceux qui attendent encore
    en_salle: int  # foyers qui réservent en ce moment
    admis_recents: int  # entrés dans les dernières minutes
    concerne: bool  # un de ses enfants est inscrit à une activité de l'ouverture

    @property
    def rang(self):
        return self.avant + 1

    def est_admis(self, maintenant):
        return bool(self.jusqu_a and maintenant < self.jusqu_a)

    def a_passe(self, maintenant):
        """Son tour est venu, et il est fini."""
        return bool(self.jusqu_a and maintenant >= self.jusqu_a)


def position(ouverture_pk, compte, maintenant):
    """La ``Position`` du foyer de ce compte, ou ``None`` : pas de file ici, ou pas de foyer. Une requête."""
    valeurs = {
        "ouverture": ouverture_pk, "compte": compte.pk, "maintenant": maintenant, "recent": maintenant - regles.RYTHME,
    }  # fmt: skip
    with connection.cursor() as curseur:
        curseur.execute(POSITION, valeurs)
        ligne = curseur.fetchone()
    return Position(*ligne) if ligne else None


def suivre(ouverture_pk, compte, maintenant):
    """Une visite de la file : le foyer y prend son rang s'il n'en a pas, dit qu'il est là, et la file avance.

    Rend sa ``Position``, ou ``None`` si cette ouverture n'est pas la sienne. Avant la salle d'attente, on n'y entre pas
    encore ; le rang pris, lui, ne se perd plus : ni à recharger, ni à changer d'appareil, ni par une panne.
    """
    ici = position(ouverture_pk, compte, maintenant)
    if ici is None or maintenant < ici.ouvre_le - dt.timedelta(minutes=regles.SALLE) or ici.finie_le:
        return ici
    if ici.arrive_le is None:
        if not ici.concerne:
            return None
        ici = entrer(ouverture_pk, compte, ici, maintenant)
    elif maintenant - ici.vu_le > SIGNE_DE_VIE and not ici.admis_le:
        Ticket.objects.filter(pk=ici.ticket).update(vu_le=maintenant)
    ouverte = maintenant >= ici.ouvre_le and ici.en_salle < ici.a_la_fois
    if ouverte and ici.ticket in admettre(ouverture_pk, ici, maintenant):
        return position(ouverture_pk, compte, maintenant)
    return ici


def entrer(ouverture_pk, compte, ici, maintenant):
    """Le foyer entre dans la file et y prend son rang ; rend sa nouvelle ``Position``.

    Deux onglets entrent ensemble : le premier prend le rang, le second le trouve.
    """
    while ici.arrive_le is None:
        numero = ici.numero or numero_au_hasard()
        ordre = regles.ordre_de_file(ici.graine, numero, maintenant, ici.ouvre_le)
        rang = {"arrive_le": maintenant, "vu_le": maintenant, "ordre": ordre}
        if ici.ticket:
            Ticket.objects.filter(pk=ici.ticket, arrive_le=None).update(**rang)
        else:
            ticket = Ticket(ouverture_id=ouverture_pk, famille_id=ici.famille, numero=numero, **rang)
            Ticket.objects.bulk_create([ticket], ignore_conflicts=True)
        ici = position(ouverture_pk, compte, maintenant)
    return ici


@transaction.atomic
def admettre(ouverture_pk, regime, maintenant):
    """Fait entrer les premiers de la file qui sont là, tant qu'il y a moins de ``regime.a_la_fois`` foyers à réserver.

    Rend les tickets admis. Un seul processus à la fois compte et admet ; les autres passent leur chemin : leur
    prochaine visite verra ce qu'il a fait.
    """
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_try_advisory_xact_lock(%s::int, %s::int)", [VERROU, ouverture_pk])
        if not curseur.fetchone()[0]:
            return set()
        # Une requête de plus, et non la même : celle-ci voit ce qu'a écrit qui tenait le verrou juste avant.
        curseur.execute(ADMETTRE, {
            "ouverture": ouverture_pk, "maintenant": maintenant, "a_la_fois": regime.a_la_fois,
            "jusqu_a": maintenant + dt.timedelta(minutes=regime.minutes), "present": maintenant - regles.PRESENCE,
        })  # fmt: skip
        admis = {pk for (pk,) in curseur.fetchall()}
    if not admis:
        finir_si_vide(ouverture_pk, maintenant)
    return admis


def finir_si_vide(ouverture_pk, maintenant):
    """La file se lève quand plus personne n'attend, et pas avant sa première demi-heure : chacun réserve alors."""
    depuis = maintenant - dt.timedelta(minutes=regles.FILE_MINIMUM)
    attendent = Ticket.objects.filter(ouverture=ouverture_pk, admis_le=None, vu_le__gt=maintenant - regles.PRESENCE)
    if not attendent.exists():
        return Ouverture.objects.filter(pk=ouverture_pk, mode="file", finie_le=None, ouvre_le__lte=depuis).update(
            finie_le=maintenant
        )
    return 0


def quitter(ouverture_pk, compte, maintenant):
    """Le foyer a fini de réserver : sa place dans la salle est au suivant."""
    return Ticket.objects.du_compte(compte).filter(ouverture=ouverture_pk, jusqu_a__gt=maintenant).update(
        jusqu_a=maintenant
    )


def revenir(ouverture_pk, compte, maintenant):
    """Le foyer dont le temps est fini reprend un rang, derrière ceux qui sont là."""
    ordre = regles.TARDIFS + int(maintenant.timestamp() * 1_000_000)
    return Ticket.objects.du_compte(compte).filter(ouverture=ouverture_pk, jusqu_a__lte=maintenant).update(
        arrive_le=maintenant, vu_le=maintenant, ordre=ordre, admis_le=None, jusqu_a=None
    )

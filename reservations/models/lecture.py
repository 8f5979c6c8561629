"""Lire un planning : en nombre constant de requêtes, que l'on regarde une semaine ou une année, un enfant ou trois."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef

from commune.contexte import courante
from commune.models import JourFerme
from commune.regles import instant_de_paris
from commune.requetes import poser
from familles.models import Rattachement, garde_des
from inscriptions.models import Activite, Inscription, RegleDelai
from inscriptions.regles import MAIRIE, SUPPLEMENT

from .. import regles
from .attente import situer
from .evenements import Evenement
from .tables import Reservation

# À la main : l'ORM mettait 5 ms de processeur à composer cette requête (page de la semaine : 21,6 ms, puis 16,8).
# ``cases`` dit quelles cases : celles d'une période pour la page, celles que l'on a cochées pour l'enregistrement.
# ``libres`` restreint les séances dont on compte les places : une page n'en a pas besoin où l'enfant a déjà la sienne,
# et compter quatre cents réservations par séance est le plus long de la requête.
# Le dernier mouvement se prend dans un tableau : par « LIMIT 1 », PostgreSQL remontait tout le journal pour le trouver.
LIGNES = """
WITH cases(enfant, seance) AS ({cases})
SELECT c.enfant, s.id, s.activite_id, s.jour, s.ouverte, s.motif, s.capacite, s.limite_reservation,
       s.limite_annulation, s.apres_limite, r.id, r.etat, r.famille_id, r.offre_jusqu_a, e.etat, o.ouvre_le,
       CASE WHEN o.tiree_le IS NULL AND o.finie_le IS NULL THEN o.mode ELSE '' END, t.jusqu_a,
       CASE WHEN %(places)s THEN s.capacite - COALESCE(p.prises, 0) END,
       CASE WHEN r.etat = 'annulee' AND s.ouverte THEN (
         SELECT v.libelle FROM reservations_evenement v
          WHERE v.leve_le IS NULL AND v.lot = (
            SELECT (array_agg(m.lot ORDER BY m.id DESC))[1] FROM reservations_mouvement m
             WHERE m.reservation_id = r.id AND m.apres IN ('reservee', 'proposee', 'attente', 'annulee'))
       ) END
  FROM cases c
  JOIN reservations_seance s ON s.id = c.seance
  LEFT JOIN reservations_reservation r ON r.seance_id = c.seance AND r.enfant_id = c.enfant
  LEFT JOIN reservations_excuse e ON e.reservation_id = r.id
  LEFT JOIN reservations_ouverture o ON o.id = s.ouverture_id
  LEFT JOIN reservations_ticket t ON t.ouverture_id = o.id AND t.famille_id = %(famille)s
  LEFT JOIN (
    SELECT seance_id, count(*) AS prises FROM reservations_reservation
     WHERE %(places)s AND etat IN ('reservee', 'proposee') AND seance_id IN (
       SELECT l.id FROM cases JOIN reservations_seance l ON l.id = cases.seance WHERE l.capacite IS NOT NULL {libres}
     )
     GROUP BY seance_id
  ) p ON p.seance_id = s.id
 ORDER BY s.jour
"""
DE_LA_PERIODE = LIGNES.format(libres="""
          AND NOT EXISTS (SELECT FROM reservations_reservation d
                           WHERE d.seance_id = cases.seance AND d.enfant_id = cases.enfant AND d.etat = 'reservee')
""", cases="""
  SELECT v.enfant, s.id FROM unnest(%(enfants)s::bigint[], %(activites)s::bigint[]) AS v(enfant, activite)
    JOIN reservations_seance s ON s.activite_id = v.activite AND s.jour BETWEEN %(debut)s AND %(fin)s
   UNION
  SELECT r.enfant_id, s.id FROM reservations_reservation r JOIN reservations_seance s ON s.id = r.seance_id
   WHERE r.enfant_id = ANY(%(tous)s::bigint[]) AND r.etat <> 'annulee' AND s.jour BETWEEN %(debut)s AND %(fin)s
""")
COCHEES = LIGNES.format(libres="", cases="SELECT * FROM unnest(%(enfants)s::bigint[], %(seances)s::bigint[])")


class Ligne(NamedTuple):
    """Une séance telle que la base la dit pour un enfant : une rangée de ``LIGNES``, dans l'ordre de ses colonnes."""

    enfant: int
    seance: int
    activite: int
    jour: object
    ouverte: bool
    motif: str
    capacite: int | None
    limite_reservation: object
    limite_annulation: object
    apres_limite: str
    reservation: int | None
    etat: str | None
    foyer: int | None
    offre_jusqu_a: object
    excuse: str | None
    ouvre_le: object
    attend: str | None
    tour_jusqu_a: object
    restantes: int | None
    evenement: str | None  # celui qui a annulé cette réservation, la séance ayant lieu sans l'enfant


@dataclass(slots=True)
class CaseLue:
    """Une séance vue par un enfant : ses faits, et de quoi agir dessus."""

    seance: int
    activite: object
    faits: regles.Faits
    reservation: int | None = None


@dataclass(slots=True)
class Lecture:
    """Les activités d'un enfant (dans leur ordre), ses cases, et les fermetures de la période."""

    enfant: object
    activites: list
    cases: list
    fermetures: list


def foyers_du_compte(compte, jour=None):
    """Les rattachements qui donnent à ce compte ses enfants, l'aîné d'abord : l'enfant, son foyer, sa garde.

    Avec un ``jour`` (date de Paris), chacun porte les ``annonces`` des événements à dire ce jour-là à son foyer.
    """
    return poser(_rattachements_et_annonces, compte.pk, jour) if jour else poser(_rattachements, compte.pk)


def _rattachements_et_annonces(compte, jour):
    siens = Evenement.objects.a_dire(jour).de_la_famille(OuterRef(OuterRef("famille")))
    return _rattachements(compte).annotate(annonces=ArraySubquery(siens.values("annonce")))


def _rattachements(compte):
    return (
        Rattachement.objects.actuels()
        .filter(famille__adultes__compte=compte, famille__adultes__fin=None)
        .select_related("enfant__ecole", "famille")
        .order_by("enfant__date_naissance", "enfant_id")
    )


def inscriptions_de(enfants, famille, debut, fin):
    """Les inscriptions validées de ce foyer pour les années qui touchent la période, même terminées depuis.

    Une inscription terminée ne permet plus de réserver, mais ce qui reste réservé doit pouvoir s'annuler.
    """
    siens = {getattr(enfant, "pk", enfant) for enfant in enfants}
    return [i for i in poser(_inscriptions, famille.pk, debut, fin) if i.enfant_id in siens]


def _inscriptions(famille, debut, fin):
    return (
        Inscription.objects.filter(
            famille=famille, etat=Inscription.Etat.VALIDEE, annee__debut__lte=fin, annee__fin__gte=debut
        )
        .select_related("activite")
        .order_by("activite__ordre", "activite__heure_debut", "activite__nom", "debut")
    )


def reservees_entre(enfants, famille, debut, fin):
    """Ce que ce foyer a réservé de ``debut`` à ``fin`` compris (dates de Paris) : ``[(enfant, activité, jour)]``, des
    clés et une date.
    """
    siennes = Reservation.objects.reservees().filter(
        enfant__in=enfants, famille=famille, seance__jour__range=(debut, fin)
    )
    return list(siennes.order_by().values_list("enfant", "seance__activite", "seance__jour"))


def _fermetures(debut, fin):
    return JourFerme.objects.entre(debut, fin).order_by("debut", "pk")


def _delais(famille, debut, fin):
    inscrites = _inscriptions(famille, debut, fin).order_by().values("activite")
    return RegleDelai.objects.filter(activite__in=inscrites).order_by(
        "activite_id", "-geste", F("debut").asc(nulls_first=True)
    )


def dire_les_delais(activites, famille, debut, fin):
    """Ces activités, où le foyer est inscrit, sauront dire leurs délais de ``debut`` à ``fin`` : une requête."""
    regles_de = defaultdict(list)
    for regle in poser(_delais, famille.pk, debut, fin):
        regles_de[regle.activite_id].append(regle)
    for activite in activites:
        activite.fenetre, activite.regles_lues = (debut, fin), regles_de[activite.pk]


def qui_appeler():
    """« appelez le 05.49.51.92.25 », ou « appelez-la » quand la commune n'a pas dit son numéro."""
    telephone = courante().telephone
    return f"appelez le {telephone}" if telephone else "appelez-la"


class Contexte:
    """Ce que la base sait d'un foyer pour une période, hors de la séance elle-même : lu une fois, le même pour la page
    et pour l'enregistrement. Une règle de plus ajoute ici sa lecture, et dans :meth:`faits` son fait.
    """

    def __init__(self, famille, enfants, debut, fin):
        self.famille, self.foyer, self.suspension = famille, famille.pk, famille.suspension
        self.enfants = {enfant.pk: enfant for enfant in enfants}
        self.activites = {}
        self.inscriptions = defaultdict(list)  # (enfant, activité) → celles du foyer
        for inscription in inscriptions_de(self.enfants, famille, debut, fin):
            self.activites.setdefault(inscription.activite_id, inscription.activite)
            self.inscriptions[inscription.enfant_id, inscription.activite_id].append(inscription)
        dire_les_delais(self.activites.values(), famille, debut, fin)
        self.fermetures = poser(_fermetures, debut, fin)
        self.garde = garde_des(enfants, debut, fin, self.fermetures)
        self._fermetures = {}

    def inscrit(self, enfant, activite, jour):
        """L'enfant (sa clé) est-il inscrit à l'activité (sa clé) ce jour-là ?"""
        return any(i.debut <= jour <= i.fin for i in self.inscriptions.get((enfant, activite), ()))

    def fermeture(self, jour, activite):
        """La fermeture qui empêche l'activité ce jour-là ; la même question revient pour chaque enfant."""
        cle = jour, activite.pk
        if cle not in self._fermetures:
            self._fermetures[cle] = self.fermetures and regles.fermeture(jour, activite, self.fermetures)
        return self._fermetures[cle]

    def faits(self, ligne, inscrit):
        """Les :class:`regles.Faits` d'une ``Ligne``, pour le foyer qui regarde."""
        activite = self.activites[ligne.activite]
        fermeture = self.fermeture(ligne.jour, activite)
        return regles.Faits(
            jour=ligne.jour,
            activite=activite.nom,
            enfant=self.enfants[ligne.enfant].prenom,
            limite_reservation=ligne.limite_reservation,
            limite_annulation=ligne.limite_annulation,
            debut=_debut(ligne.jour, activite.heure_debut),
            ouverte=ligne.ouverte and not fermeture,
            motif=ligne.motif or (fermeture.libelle if fermeture else ""),
            inscrit=inscrit,
            accepte_hors_delai=ligne.apres_limite == SUPPLEMENT,
            restantes=ligne.restantes,
            etat=ligne.etat or "",
            chez_nous=ligne.foyer in (None, self.foyer),
            excuse=ligne.excuse or "",
            a_nous=self.garde.a_nous(ligne.enfant, self.foyer, ligne.jour),
            liste_attente=activite.liste_attente,
            offre_jusqu_a=ligne.offre_jusqu_a,
            suspendue=self.suspension,
            ouvre_le=ligne.ouvre_le,
            attend=ligne.attend or "",
            tour_jusqu_a=ligne.tour_jusqu_a,
            excuse_jours=activite.excuse_jours,
            mairie=qui_appeler() if ligne.apres_limite == MAIRIE else "",
            evenement=ligne.evenement or "" if ligne.foyer == self.foyer else "",
        )


def lire(enfants, famille, debut, fin, places=True):
    """Le planning de ces enfants pour ce foyer, de ``debut`` à ``fin`` compris (dates de Paris) : une ``Lecture`` par
    enfant, dans leur ordre, en cinq requêtes quel que soit leur nombre (six si une garde est partagée).

    ``places=False`` ne compte pas les places restantes : une année entière n'a pas à dire « complet ».
    """
    contexte = Contexte(famille, enfants, debut, fin)
    lignes = _de_la_periode(contexte, debut, fin, places)
    # Un enfant ajouté sur place sans inscription : sa réservation se voit et s'excuse comme une autre.
    ajoutees = {ligne.activite for ligne in lignes} - contexte.activites.keys()
    contexte.activites |= Activite.objects.in_bulk(ajoutees) if ajoutees else {}
    cases = {enfant.pk: [] for enfant in enfants}
    for ligne in lignes:
        inscrit = contexte.inscrit(ligne.enfant, ligne.activite, ligne.jour)
        if inscrit or ligne.etat not in (None, Reservation.Etat.ANNULEE):
            vue = contexte.faits(ligne, inscrit)
            activite = contexte.activites[ligne.activite]
            cases[ligne.enfant].append(CaseLue(ligne.seance, activite, vue, ligne.reservation))
    if places:
        situer([case for siennes in cases.values() for case in siennes])
    return [_lecture(enfant, contexte, cases[enfant.pk]) for enfant in enfants]


def _lecture(enfant, contexte, cases):
    utiles = {case.activite.pk for case in cases}
    activites = [activite for pk, activite in contexte.activites.items() if pk in utiles]
    return Lecture(enfant, activites, cases, contexte.fermetures)


def _de_la_periode(contexte, debut, fin, places):
    """Les ``Ligne`` des séances où ces enfants sont inscrits, et de celles où ils ont une réservation."""
    couples = list(contexte.inscriptions)
    valeurs = {
        "enfants": [enfant for enfant, _ in couples], "activites": [activite for _, activite in couples],
        "tous": list(contexte.enfants), "debut": debut, "fin": fin, "places": places,
        "famille": contexte.famille.pk,
    }  # fmt: skip
    return _lignes(DE_LA_PERIODE, valeurs)


def cochees(cles, famille):
    """Les ``Ligne`` de ces cases, ``(enfant_id, seance_id)`` : ce que la base en dit maintenant, places comprises."""
    enfants, seances = [enfant for enfant, _ in cles], [seance for _, seance in cles]
    return _lignes(COCHEES, {"enfants": enfants, "seances": seances, "places": True, "famille": famille.pk})


def _lignes(requete, valeurs):
    with connection.cursor() as curseur:
        curseur.execute(requete, valeurs)
        return list(map(Ligne._make, curseur.fetchall()))


_debut = lru_cache(maxsize=4096)(instant_de_paris)  # une année relit les mêmes heures à chaque enfant

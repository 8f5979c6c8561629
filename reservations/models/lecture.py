"""Lire un planning : quatre requêtes, que l'on regarde une semaine ou une année."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.db.models import Count

from commune.models import JourFerme
from commune.regles import instant_de_paris
from familles.models import Rattachement
from inscriptions.models import Activite, Inscription

from .. import regles
from .ouvertures import ouvertures_de
from .tables import Reservation

# À la main : l'ORM mettait 5 ms de processeur à composer cette requête (page de la semaine : 21,6 ms, puis 16,8).
COLONNES = (
    "pk", "activite_id", "jour", "ouverte", "motif", "limite_reservation", "limite_annulation", "reservation", "etat",
    "foyer", "excuse", "restantes",
)  # fmt: skip
SEANCES = """
SELECT s.id, s.activite_id, s.jour, s.ouverte, s.motif, s.limite_reservation, s.limite_annulation, r.id, r.etat,
       r.famille_id, e.etat,
       CASE WHEN %s AND s.capacite IS NOT NULL THEN s.capacite - (
         SELECT count(*) FROM reservations_reservation p WHERE p.seance_id = s.id AND p.etat IN ('reservee', 'proposee')
       ) END
  FROM reservations_seance s
  LEFT JOIN reservations_reservation r ON r.seance_id = s.id AND r.enfant_id = %s
  LEFT JOIN reservations_excuse e ON e.reservation_id = r.id
 WHERE s.jour BETWEEN %s AND %s
   AND s.id IN (
     SELECT id FROM reservations_seance WHERE activite_id = ANY(%s) AND jour BETWEEN %s AND %s
     UNION ALL
     SELECT seance_id FROM reservations_reservation WHERE enfant_id = %s AND etat <> 'annulee'
   )
 ORDER BY s.jour
"""


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

    activites: list
    cases: list
    fermetures: list


def foyers_du_compte(compte):
    """Les rattachements qui donnent à ce compte ses enfants, l'aîné d'abord : l'enfant, son foyer, sa garde."""
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
    return (
        Inscription.objects.filter(
            enfant__in=enfants, famille=famille, etat=Inscription.Etat.VALIDEE,
            annee__debut__lte=fin, annee__fin__gte=debut,
        )
        .select_related("activite")
        .order_by("activite__ordre", "activite__heure_debut", "activite__nom", "debut")
    )  # fmt: skip


def lire(enfant, famille, debut, fin, places=True):
    """Le planning de cet enfant pour ce foyer, de ``debut`` à ``fin`` compris (dates de Paris).

    ``places=False`` ne compte pas les places restantes : une année entière n'a pas à dire « complet ».
    """
    inscriptions = defaultdict(list)
    for inscription in inscriptions_de([enfant], famille, debut, fin):
        inscriptions[inscription.activite].append(inscription)
    fermetures = list(JourFerme.objects.entre(debut, fin).order_by("debut", "pk"))
    activites = {activite.pk: activite for activite in inscriptions}
    lignes = _seances(activites, enfant, debut, fin, places)
    ouvertures = ouvertures_de(famille, debut, fin)
    # Un enfant ajouté sur place sans inscription : sa réservation se voit et s'excuse comme une autre.
    ajoutees = {ligne["activite_id"] for ligne in lignes} - activites.keys()
    activites |= Activite.objects.in_bulk(ajoutees) if ajoutees else {}
    cases = []
    for ligne in lignes:
        activite = activites[ligne["activite_id"]]
        inscrit = any(i.debut <= ligne["jour"] <= i.fin for i in inscriptions.get(activite, ()))
        if inscrit or ligne["etat"] not in (None, Reservation.Etat.ANNULEE):
            ouverture = ouvertures.get(ligne["pk"], {})
            vue = faits(ligne, activite, enfant, famille, inscrit, fermetures, **ouverture)
            cases.append(CaseLue(ligne["pk"], activite, vue, ligne["reservation"]))
    utiles = {case.activite.pk for case in cases}
    return Lecture([a for a in activites.values() if a.pk in utiles], cases, fermetures)


def _seances(activites, enfant, debut, fin, places):
    """Chaque séance avec la réservation de l'enfant et, où les places sont comptées, ce qu'il en reste."""
    with connection.cursor() as curseur:
        periode = [debut, fin]
        curseur.execute(SEANCES, [places, enfant.pk, *periode, list(activites), *periode, enfant.pk])
        return [dict(zip(COLONNES, ligne, strict=True)) for ligne in curseur.fetchall()]


def faits(seance, activite, enfant, famille, inscrit, fermetures, **autres):
    """Les :class:`regles.Faits` d'une séance lue en dictionnaire, pour un enfant et le foyer qui regarde.

    ``autres`` : les faits que d'autres tables savent, comme :func:`ouvertures_de`.
    """
    fermeture = regles.fermeture(seance["jour"], activite, fermetures)
    return regles.Faits(
        jour=seance["jour"],
        activite=activite.nom,
        enfant=enfant.prenom,
        limite_reservation=seance["limite_reservation"],
        limite_annulation=seance["limite_annulation"],
        debut=_debut(seance["jour"], activite.heure_debut),
        ouverte=seance["ouverte"] and not fermeture,
        motif=seance["motif"] or (fermeture.libelle if fermeture else ""),
        inscrit=inscrit,
        accepte_hors_delai=activite.hors_delai,
        restantes=seance["restantes"],
        etat=seance["etat"] or "",
        chez_nous=seance["foyer"] in (None, famille.pk),
        excuse=seance["excuse"] or "",
        **autres,
    )


_debut = lru_cache(maxsize=4096)(instant_de_paris)  # une année relit les mêmes heures à chaque enfant


def restantes(seances):
    """Les places qui restent à ces séances verrouillées : ``{seance_id: places}``, sans celles qui n'ont pas
    de limite.
    """
    limitees = {s.pk: s.capacite for s in seances if s.capacite is not None}
    prises = dict(
        Reservation.objects.qui_prennent_une_place().filter(seance__in=limitees)
        .order_by().values_list("seance").annotate(n=Count("pk"))
    )  # fmt: skip
    return {pk: capacite - prises.get(pk, 0) for pk, capacite in limitees.items()}

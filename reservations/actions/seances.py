"""Créer les séances d'une année d'après son calendrier, et tenir leurs limites à jour."""

from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from commune.models import AnneeScolaire, JourFerme
from commune.regles import jour_de_paris
from inscriptions.models import Activite

from .. import regles
from ..models import Reservation, Seance
from .limites import Calculateur
from .ouvertures import rattacher_les_seances


@dataclass(frozen=True)
class Creation:
    """Ce que crée ou change :func:`ouvrir_seances`, en nombres de séances."""

    creees: int
    recalculees: int
    fermees: int
    a_annuler: int  # tombent désormais un jour fermé mais sont réservées : la mairie les annule avec un motif


@dataclass(frozen=True)
class _Plan:
    nouvelles: list
    limites: dict
    fermees: list
    a_annuler: int


def prevoir_seances(annee, maintenant=None):
    """Ce que ferait :func:`ouvrir_seances`, sans rien écrire."""
    return _compter(_planifier(annee, maintenant, Seance.objects.all()))


@transaction.atomic
def ouvrir_seances(annee, maintenant=None):
    """Crée les séances qui manquent à l'année et recalcule les limites de celles à venir ; se relance sans
    dommage.

    Les jours viennent du calendrier de la commune et des jours de chaque activité. Une séance sans
    réservation qui tombe un jour fermé depuis est fermée, avec son motif. Sans ``maintenant``, toute l'année
    est à venir (une année neuve). Lève ``ValidationError`` (``calendrier_non_confirme``) tant que la mairie
    n'a pas relu le calendrier.
    """
    annee = AnneeScolaire.objects.select_for_update().get(
        pk=annee.pk
    )  # deux clics : le second attend et ne trouve rien
    # Verrouillées dans l'ordre, comme le fait une famille qui réserve : aucune ne se remplit pendant que l'on
    # décide.
    plan = _planifier(annee, maintenant, Seance.objects.select_for_update(no_key=True).order_by("pk"))
    Seance.objects.bulk_create(plan.nouvelles, ignore_conflicts=True)
    if plan.nouvelles and maintenant:
        rattacher_les_seances(maintenant)
    Seance.objects.poser_limites(plan.limites)
    for libelle, pks in plan.fermees:
        Seance.objects.filter(pk__in=pks).update(ouverte=False, motif=libelle)
    return _compter(plan)


def _compter(plan):
    return Creation(len(plan.nouvelles), len(plan.limites), sum(len(pks) for _, pks in plan.fermees), plan.a_annuler)


def _planifier(annee, maintenant, seances):
    if not annee.calendrier_confirme:
        raise ValidationError(
            f"Le calendrier {annee} n'est pas confirmé : relisez vacances, fériés et ponts, puis confirmez-le.",
            code="calendrier_non_confirme",
        )
    aujourdhui = jour_de_paris(maintenant) if maintenant else annee.debut
    fermetures = list(JourFerme.objects.entre(annee.debut, annee.fin).order_by("debut", "pk"))
    activites = list(Activite.objects.actives().order_by("pk"))
    existantes = {
        (s.activite_id, s.jour): s
        for s in seances.filter(activite__in=activites, jour__range=(max(annee.debut, aujourdhui), annee.fin))
    }
    ouverts, calcul = _jours_ouverts_par_site(annee, activites, fermetures), Calculateur([annee])
    nouvelles, limites = [], {}
    for activite in activites:
        for jour in ouverts[activite.site_id]:
            if jour < aujourdhui or not regles.a_lieu(jour, activite, fermetures):
                continue
            trois = calcul.limites(activite, jour)
            seance = existantes.get((activite.pk, jour))
            if not seance:
                nouvelles.append(_nouvelle(activite, jour, trois))
            elif seance.limites != trois:
                limites[seance.pk] = trois
    return _Plan(nouvelles, limites, *_tombees(existantes.values(), activites, fermetures))


def _jours_ouverts_par_site(annee, activites, fermetures):
    par_site = defaultdict(list)
    for activite in activites:
        par_site[activite.site_id].append(activite)
    return {
        site: regles.jours_du_site(annee.debut, annee.fin, siennes, fermetures) for site, siennes in par_site.items()
    }


def _nouvelle(activite, jour, trois):
    return Seance(
        activite=activite, jour=jour, capacite=activite.capacite, limite_reservation=trois.reservation,
        limite_annulation=trois.annulation, apres_limite=trois.apres,
    )  # fmt: skip


def _tombees(existantes, activites, fermetures):
    """Les séances ouvertes que le calendrier ferme à présent : ``[(motif, pks)]`` des vides, et le nombre des
    autres.
    """
    par_pk = {activite.pk: activite for activite in activites}
    motifs = {
        s.pk: f.libelle
        for s in existantes
        if s.ouverte and (f := regles.fermeture(s.jour, par_pk[s.activite_id], fermetures))
    }
    reservees = set(
        Reservation.objects.filter(seance__in=motifs).exclude(etat=Reservation.Etat.ANNULEE).order_by()
        .values_list("seance", flat=True).distinct()
    )  # fmt: skip
    fermees = defaultdict(list)
    for pk, libelle in motifs.items():
        if pk not in reservees:
            fermees[libelle].append(pk)
    return list(fermees.items()), len(reservees)

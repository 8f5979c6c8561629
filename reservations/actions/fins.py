"""Ce qu'entraîne la fin d'une inscription ou le départ d'un enfant : les réservations d'après s'annulent avec elle.

L'étage des inscriptions ne connaît pas les réservations : c'est donc ici que l'on termine.
"""

from dataclasses import dataclass, field

from django.db import transaction

from commune.regles import dire_le_jour, jour_de_paris
from familles.actions import terminer_enfant
from inscriptions import actions as inscriptions
from inscriptions.models import Inscription

from ..models import Reservation, Seance
from .enregistrement import ANNULEE, RESERVEE, Changement, ecrire, recapituler


@dataclass(frozen=True, slots=True)
class Suite:
    """Les réservations qui suivent une fin : celles que la limite laisse annuler, et celles qui restent dues."""

    annulees: list = field(default_factory=list)
    gardees: list = field(default_factory=list)


def prevoir_fin(inscription, fin, maintenant):
    """La :class:`Suite` si l'inscription finissait le ``fin`` (date de Paris) : un aperçu, sans rien écrire."""
    return _suite(_de(inscription).filter(seance__jour__gt=fin), maintenant)


def prevoir_retrait(inscription, maintenant):
    """La :class:`Suite` si l'inscription, qui n'a pas commencé, se retirait."""
    return _suite(_de(inscription).filter(seance__jour__gte=inscription.debut), maintenant)


def prevoir_depart(enfant, famille, maintenant):
    """La :class:`Suite` si l'enfant quittait ce foyer aujourd'hui."""
    return _suite(_du_foyer(enfant, famille, maintenant), maintenant)


@transaction.atomic
def terminer_inscription(inscription, fin, compte, maintenant, origine):
    """Termine l'inscription le ``fin`` (date de Paris) et annule ses réservations d'après que la limite permet encore.

    Rend la :class:`Suite`. Refus (``ValidationError``) : ceux de ``inscriptions.actions.terminer``.
    """
    _verrouiller([inscription.activite_id], fin)
    suite = prevoir_fin(inscription, fin, maintenant)
    inscriptions.terminer(inscription, fin, compte, maintenant)
    _annuler(suite, inscription.famille, compte, maintenant, origine, f"Inscription terminée le {dire_le_jour(fin)}")
    return suite


@transaction.atomic
def retirer_inscription(inscription, compte, maintenant, origine):
    """Retire une demande, ou une inscription qui n'a pas commencé, avec les réservations déjà prises.

    Rend la :class:`Suite`. Refus (``ValidationError``) : ``etat``.
    """
    _verrouiller([inscription.activite_id], inscription.debut)
    suite = prevoir_retrait(inscription, maintenant)
    inscriptions.retirer(inscription, compte, maintenant)
    _annuler(suite, inscription.famille, compte, maintenant, origine, "Inscription retirée")
    return suite


@transaction.atomic
def quitter_foyer(enfant, famille, compte, maintenant, origine):
    """L'enfant quitte ce foyer aujourd'hui : ses inscriptions y finissent, ses réservations à venir s'annulent.

    L'autre foyer, s'il en a un, n'en voit rien. Rend la :class:`Suite`.
    """
    jour = jour_de_paris(maintenant)
    en_cours = Inscription.objects.en_cours(jour).filter(enfant=enfant, famille=famille)
    activites = {i.activite_id for i in en_cours}
    activites |= set(_du_foyer(enfant, famille, maintenant).values_list("seance__activite", flat=True))
    _verrouiller(activites, jour)
    suite = prevoir_depart(enfant, famille, maintenant)
    for inscription in en_cours.order_by("pk"):
        if inscription.peut_se_retirer(jour):
            inscriptions.retirer(inscription, compte, maintenant)
        elif jour < inscription.fin:
            inscriptions.terminer(inscription, jour, compte, maintenant)
    _annuler(suite, famille, compte, maintenant, origine, f"{enfant.prenom} a quitté le foyer")
    terminer_enfant(enfant, famille, compte, maintenant)
    return suite


def _verrouiller(activites, depuis):
    """Les séances à venir : un enregistrement en cours finit d'abord, et le suivant lira l'inscription terminée."""
    seances = Seance.objects.filter(activite__in=activites, jour__gte=depuis).values("pk")
    list(Seance.objects.verrouillees(seances).values_list("pk", flat=True))


def _de(inscription):
    return Reservation.objects.filter(
        enfant=inscription.enfant_id, famille=inscription.famille_id, seance__activite=inscription.activite_id,
        seance__jour__lte=inscription.fin,
    )  # fmt: skip


def _du_foyer(enfant, famille, maintenant):
    return Reservation.objects.filter(enfant=enfant, famille=famille, seance__jour__gte=jour_de_paris(maintenant))


def _suite(reservations, maintenant):
    suite = Suite()
    vives = reservations.exclude(etat=ANNULEE).select_related("enfant", "famille", "seance__activite")
    for reservation in vives.order_by("seance__jour", "seance__activite__heure_debut", "pk"):
        # Une place qui n'est pas encore la sienne se quitte à toute heure.
        annulable = maintenant < reservation.seance.limite_annulation or reservation.etat != RESERVEE
        (suite.annulees if annulable else suite.gardees).append(reservation)
    return suite


def _annuler(suite, famille, compte, maintenant, origine, motif):
    changements = [Changement(r.enfant, r.seance, r.famille, r.etat, ANNULEE) for r in suite.annulees]
    if changements:
        lot = ecrire(changements, compte, maintenant, origine, motif)
        recapituler(famille, compte, changements, lot, origine, motif)

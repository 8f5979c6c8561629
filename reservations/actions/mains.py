"""Des réservations passent d'un foyer de l'enfant à l'autre, parce que la garde du jour a changé.

Passe ce qui peut encore s'annuler, si le foyer qui arrive a inscrit l'enfant à l'activité et peut réserver. Le reste
demeure à qui l'a réservé.
"""

import uuid
from dataclasses import dataclass, field

from familles.models import Famille
from inscriptions.models import Inscription

from .. import regles
from ..models import Mouvement, Reservation


@dataclass(frozen=True, slots=True)
class Suite:
    """Ce qu'un changement de garde fait des réservations : celles qui suivent l'enfant ``[(réservation, vers)]``,
    celles qui demeurent, et les attentes qui finissent : le foyer qui cède le jour n'y prendrait plus de place.
    """

    suivent: list = field(default_factory=list)
    restent: list = field(default_factory=list)
    finissent: list = field(default_factory=list)


def reservations_de(enfant, du, au, verrou=False):
    """Ce que les foyers de cet enfant (sa clé) ont réservé ou attendent de ``du`` à ``au`` compris (dates de Paris)."""
    reservations = (
        Reservation.objects.filter(enfant=enfant, seance__jour__range=(du, au))
        .exclude(etat=Reservation.Etat.ANNULEE).select_related("enfant", "famille", "seance__activite")
        .order_by("seance__jour", "seance__activite__ordre", "pk")
    )  # fmt: skip
    return reservations.select_for_update(of=("self",)) if verrou else reservations


def trier(enfant, couples, maintenant):
    """La :class:`Suite` de ces ``[(réservation, vers)]`` d'un enfant (sa clé) : deux requêtes, quel que soit leur
    nombre.
    """
    suite = Suite()
    if not couples:
        return suite
    foyers, jours = {vers for _, vers in couples}, [r.seance.jour for r, _ in couples]
    suspendus = set(
        Famille.objects.filter(pk__in=foyers, suspendue_le__isnull=False).order_by().values_list("pk", flat=True)
    )
    inscriptions = list(
        Inscription.objects.valables(min(jours), max(jours)).filter(enfant=enfant, famille__in=foyers)
        .values_list("famille_id", "activite_id", "debut", "fin")
    )  # fmt: skip
    for r, vers in couples:
        s = r.seance
        inscrit = any((f, a) == (vers, s.activite_id) and du <= s.jour <= au for f, a, du, au in inscriptions)
        admis = inscrit and vers not in suspendus
        if regles.change_de_mains(r.etat, s.ouverte, s.limite_annulation, admis, maintenant):
            suite.suivent.append((r, vers))
        elif r.etat in (Reservation.Etat.ATTENTE, Reservation.Etat.PROPOSEE):
            suite.finissent.append(r)
        else:
            suite.restent.append(r)
    return suite


def changer_de_foyer(suivent, origine, compte, maintenant, motif=""):
    """Donne chaque réservation au foyer qui arrive, et l'écrit au journal de chacun des deux."""
    lot, lignes = uuid.uuid4(), []
    for reservation, vers in suivent:
        commun = {
            "lot": lot, "reservation": reservation, "origine": origine, "compte": compte, "instant": maintenant,
            "motif": motif,
        }  # fmt: skip
        lignes.append(Mouvement(**commun, famille_id=reservation.famille_id, avant=reservation.etat, apres="foyer"))
        lignes.append(Mouvement(**commun, famille_id=vers, avant="foyer", apres=reservation.etat))
        reservation.famille_id, reservation.modifiee_le = vers, maintenant
    Reservation.objects.bulk_update([r for r, _ in suivent], ["famille", "modifiee_le"])
    Mouvement.objects.bulk_create(lignes)

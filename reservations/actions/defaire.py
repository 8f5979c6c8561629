"""Défaire un enregistrement : son inverse, par la même porte et les mêmes règles."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef

from .. import regles
from ..models import Mouvement, Reservation, Seance
from .enregistrement import enregistrer
from .jugement import Refus, Resultat

CHANGEE = "a changé depuis cet enregistrement."


@dataclass(slots=True)
class Inverse:
    """Ce qui remettrait tout comme avant, les phrases de ce qui a changé depuis et ne se défait plus, et celles des
    places reçues de la liste d'attente : les annuler ne rend pas le rang.
    """

    souhaits: dict = field(default_factory=dict)
    perdues: list = field(default_factory=list)
    places: list = field(default_factory=list)


def inverse(lot, famille):
    """L'inverse d'un enregistrement de ce foyer.

    Seul se défait ce dont il est encore le dernier changement : un lot défait, ou recouvert par un autre, ne se défait
    pas deux fois.
    """
    suivants = Mouvement.objects.filter(reservation=OuterRef("reservation"), pk__gt=OuterRef("pk"))
    mouvements = (
        Mouvement.objects.filter(lot=lot, reservation__famille=famille).defaisables()
        .annotate(recouvert=Exists(suivants)).order_by("reservation__seance__jour", "pk")
        .values_list(
            "reservation__enfant", "reservation__seance", "avant", "recouvert", "reservation__seance__activite__nom",
            "reservation__seance__jour", "reservation__enfant__prenom",
        )
    )  # fmt: skip
    trouve = Inverse()
    for enfant, seance, avant, recouvert, activite, jour, prenom in mouvements:
        ici = f"{prenom}, {activite} du {regles.date_dite(jour)}"
        if recouvert:
            trouve.perdues.append(f"{ici} : {CHANGEE}")
            continue
        trouve.souhaits[enfant, seance] = avant == Reservation.Etat.RESERVEE
        if avant in (Reservation.Etat.PROPOSEE, Reservation.Etat.ATTENTE):
            trouve.places.append(f"{ici} : la place qui vous était venue de la liste d'attente sera perdue.")
    return trouve


@transaction.atomic
def defaire(lot, famille, compte, retenues, maintenant):
    """Remet comme avant les cases ``retenues`` (``{(enfant_id, seance_id)}``) d'un enregistrement de ce foyer.

    Rend le ``Resultat`` de :func:`enregistrer` : une case refusée, ou changée entre-temps, et rien n'est écrit.
    """
    Seance.objects.verrouiller({seance for _, seance in retenues})
    souhaits = inverse(lot, famille).souhaits
    changees = [Refus(*cle, "changee", f"Une des cases {CHANGEE}") for cle in retenues if cle not in souhaits]
    if changees and len(changees) < len(retenues):
        return Resultat(refus=changees)
    voulus = {cle: souhaits[cle] for cle in retenues if cle in souhaits}
    motif = f"annule l'enregistrement {regles.numero_de(lot)}"
    return enregistrer(famille, compte, voulus, maintenant, Mouvement.Origine.PARENT, motif)

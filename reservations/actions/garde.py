"""Ce qui était réservé avant le jugement suit la garde que la mairie vient de saisir : chaque foyer paie ses jours."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Max

from commune.regles import jour_de_paris
from familles.actions import ecrire_aux_foyers
from familles.models import Garde, garde_des

from .. import regles
from ..models import Mouvement, Reservation, Seance
from .mains import changer_de_foyer, reservations_de, trier

MOTIF = "Garde partagée : ces jours sont à l'autre foyer."
COURRIEL = "reservations/courriels/garde_suivie"


def suite_de_la_garde(enfant, maintenant, verrou=False):
    """La ``Suite`` de ce qu'un foyer a réservé, à partir d'aujourd'hui, des jours où l'enfant est chez l'autre."""
    aujourdhui = jour_de_paris(maintenant)
    dernier = Reservation.objects.filter(enfant=enfant).aggregate(jour=Max("seance__jour"))["jour"]
    if dernier is None or dernier < aujourdhui:
        return trier(enfant.pk, [], maintenant)
    garde = garde_des([enfant], aujourdhui, dernier)
    reservations = reservations_de(enfant.pk, aujourdhui, dernier, verrou)
    couples = [(r, garde.foyer(enfant.pk, r.seance.jour)) for r in reservations]
    return trier(enfant.pk, [(r, vers) for r, vers in couples if vers not in (None, r.famille_id)], maintenant)


@transaction.atomic
def suivre_la_garde(enfant, compte, maintenant):
    """Passe ces réservations au foyer qui a l'enfant : elles sont à son nom, à son prix, sur sa facture. Rend la
    ``Suite`` écrite.

    Une ligne au journal de chacun, un courriel à chacun avec les seuls jours qu'il cède ou reçoit. Refait, il n'y a
    plus rien à passer.
    """
    list(Garde.objects.select_for_update().filter(enfant=enfant).order_by("pk"))  # la garde ne change pas entre-temps
    prevue = suite_de_la_garde(enfant, maintenant)
    list(Seance.objects.verrouillees({r.seance_id for r, _ in prevue.suivent}))
    suite = suite_de_la_garde(enfant, maintenant, verrou=True)
    cedees, recues = defaultdict(list), defaultdict(list)
    for r, vers in suite.suivent:
        ligne = regles.Ligne(enfant.prenom, r.seance.activite.nom, r.seance.jour, "réservation")
        cedees[r.famille_id].append(ligne)
        recues[vers].append(ligne)
    if suite.suivent:
        changer_de_foyer(suite.suivent, Mouvement.Origine.MAIRIE, compte, maintenant, MOTIF)
    ecrire_aux_foyers(COURRIEL, {
        foyer: {
            "prenom": enfant.prenom, "cedees": regles.regrouper(cedees[foyer]),
            "recues": regles.regrouper(recues[foyer]),
        }
        for foyer in cedees.keys() | recues.keys()
    })  # fmt: skip
    return suite

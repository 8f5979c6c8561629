"""Ce que les essais de la fin de conservation partagent : les dates, et un foyer qui a de tout."""

import datetime as dt

from documents.models import Piece
from facturation.models import Contestation, Precision
from familles.models import Enfant
from messagerie.models import PieceJointe
from portail import actions
from reservations.models import Excuse
from tests import fabriques as f
from tests.conftest import travailler

# La dernière inscription de la maison finit le 3 juillet 2027 ; la commune garde les familles cinq ans.
TROP_TOT = f.a_paris(2032, 6, 3, 3, 37)
PREAVIS = f.a_paris(2032, 6, 4, 3, 37)
VEILLE = f.a_paris(2032, 7, 3, 3, 37)
FIN = f.a_paris(2032, 7, 4, 3, 37)
APRES = f.a_paris(2032, 7, 5, 3, 37)
RECENT = f.a_paris(2031, 3, 4)  # moins de cinq ans avant


def bilan(maintenant):
    fait = actions.purger(maintenant)
    return fait.prevenues, fait.effacees, fait.echecs


def effacer():
    """Prévient puis efface tout ce qui doit l'être, fichiers compris."""
    actions.purger(PREAVIS)
    fait = actions.purger(FIN)
    travailler()
    assert fait.echecs == 0
    return fait.effacees


def fichiers(foyer):
    return [
        *Piece.objects.filter(famille=foyer).values_list("fichier", flat=True),
        *PieceJointe.objects.filter(message__famille=foyer).values_list("fichier", flat=True),
        *Excuse.objects.filter(reservation__famille=foyer).values_list("fichier", flat=True),
        *Contestation.objects.filter(ligne__facture__famille=foyer).values_list("fichier", flat=True),
        *Precision.objects.filter(contestation__ligne__facture__famille=foyer).values_list("fichier", flat=True),
        *Enfant.objects.filter(familles=foyer).exclude(photo="").values_list("photo", flat=True),
    ]


def reinscrire(zut, **champs):
    an = f.annee(nom="2031-2032", debut=dt.date(2031, 9, 1), fin=dt.date(2032, 7, 3))
    return f.inscription(zut.hugo, f.activite(), annee=an, **champs)


def reserver(zut, etat="reservee"):
    return f.reservation(zut.hugo, f.seance(f.activite(), dt.date(2031, 3, 4)), etat=etat)


def ailleurs(zut, geste):
    """Le même signe, donné par l'autre foyer de Hugo."""
    papa = f.famille(nom="PAPA")
    f.rattacher(zut.hugo, papa)
    return geste(papa)

"""Les absences excusées que le règlement facture quand même : les jours de carence, faute de certificat à temps."""

import datetime as dt
from collections import Counter
from typing import NamedTuple

from commune.regles import PARIS, instant_de_paris


def excuse(fait):
    """Vrai si ce jour réservé est excusé : par écrit et accepté, ou par un agent sur place."""
    if not fait.reserve or fait.pointage == "present" or fait.excuse == "refusee":
        return False
    return fait.excuse == "acceptee" or fait.pointage == "excuse"


def certifie(fait, offre, heures):
    """Vrai si l'excuse est arrivée avec sa pièce dans les ``heures`` qui suivent le début de la séance (Paris)."""
    if fait.certifie_le is None:
        return False
    limite = instant_de_paris(fait.jour, offre.debut)
    return heures is None or fait.certifie_le <= limite + dt.timedelta(hours=heures)


def jours_de_carence(faits, tarif_du, offre_de):
    """Les faits excusés qui se facturent tout de même, dans l'ordre.

    Une absence est une suite de jours excusés d'un enfant à une activité : un jour où il vient, ou qui se facture
    comme une absence sans excuse, la termine. Ses premiers jours sans certificat se facturent, autant que le tarif en
    dit ; un jour certifié à temps ne se facture ni ne se compte.
    """
    suite, factures = Counter(), []
    if not [f for f in faits if f.excuse == "acceptee" or f.pointage == "excuse"]:
        return factures
    for fait in faits:
        cle = fait.enfant, fait.activite
        if not excuse(fait):
            suite[cle] = 0
            continue
        grille = tarif_du(fait.activite, fait.jour)
        if grille is None or not grille.carence or certifie(fait, offre_de(fait.activite), grille.certificat):
            continue
        suite[cle] += 1
        if suite[cle] <= grille.carence:
            factures.append(fait)
    return factures


class Excusee(NamedTuple):
    """L'excuse d'une ligne déjà facturée : acceptée, ou son certificat arrivé, après la facture (instants UTC).

    ``heures`` : celles que le tarif laissait au certificat, ``None`` s'il n'en dit rien.
    """

    acceptee_le: dt.datetime
    certifie_le: dt.datetime | None
    heures: int | None

    @property
    def dite(self):
        """« absence excusée, certificat reçu le 04/09/2026 à 10:05 »."""
        if self.certifie_le:
            return f"absence excusée, certificat reçu {_quand(self.certifie_le)}"
        return f"absence excusée, acceptée {_quand(self.acceptee_le)}"

    @property
    def trop_tard(self):
        """Pourquoi son certificat ne rend rien."""
        delai = "" if self.heures is None else f", après les {self.heures} heures que laisse le tarif"
        return f"certificat reçu {_quand(self.certifie_le)}{delai} : le jour de carence reste dû"


def _quand(instant):
    return f"le {instant.astimezone(PARIS):%d/%m/%Y à %H:%M}"

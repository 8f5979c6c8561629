"""Combien de lignes un export écrira, à peu près : de quoi savoir si une requête suffit, et dire où il en est."""

import math

from facturation.regles.exports import ECRITURES, HEURES, PES, RECETTES
from familles.models import Famille
from reservations.models import Reservation

from ..caisse import Remboursement
from ..factures import Avoir, Facture, Ligne
from ..prelevements import Prelevement
from ..reglements import Reglement

# Une pièce fait deux écritures au moins ; et la base additionne dix lignes le temps que le portail en écrive une.
POIDS = {ECRITURES: 2, RECETTES: 0.1, HEURES: 0.1}


def volume(export, plafond=None):
    """À peu près le nombre de lignes de cet export. Passé ``plafond``, ne compte plus : le nombre est alors plus grand.

    Au plus six requêtes.
    """
    poids, somme = POIDS.get(export.genre, 1), 0
    for lues in _lues(export):
        lues = lues.order_by()
        somme += (lues if plafond is None else lues[: int(plafond / poids) + 1]).count()
    return math.ceil(somme * poids)


def _lues(export):
    """Les ensembles de lignes qu'il parcourt."""

    def de(modele, champ):
        return modele.objects.filter(**export.entre(champ))

    factures, lignes = de(Facture, "emise_le"), de(Ligne, "facture__emise_le")
    argent = [de(modele, champ) for modele in (Reglement, Remboursement) for champ in ("saisi_le", "annule_le")]
    avoirs = de(Avoir, "emis_le")
    reservees = Reservation.objects.filter(
        etat=Reservation.Etat.RESERVEE, seance__jour__range=(export.debut, export.fin)
    )
    return {
        "factures": [factures], "lignes": [lignes], "avoirs": [avoirs], "reglements": argent,
        "prelevements": [de(Prelevement, "lot__remis_le")], "familles": [Famille.objects.all()],
        "presences": [reservees], ECRITURES: [factures, avoirs, *argent], RECETTES: [lignes], HEURES: [reservees],
        PES: [factures],
    }[export.genre]  # fmt: skip

"""Un quotient arrivé après coup : ce que chaque ligne émise aurait coûté, et ce qu'il faut en rendre."""

from decimal import Decimal
from typing import NamedTuple

from .mots import ZERO


class Ecart(NamedTuple):
    """Une ligne émise que le quotient d'aujourd'hui change ; ``rendre`` en euros, négatif si elle serait plus chère."""

    ligne: object
    nouveau: Decimal
    pourquoi: str
    quotient: int
    rendre: Decimal


class Revision(NamedTuple):
    """Les ``Ecart`` d'une facture, et les lignes qu'il faut regarder à la main : autre chose a changé depuis."""

    ecarts: list
    a_la_main: list

    @property
    def rendre(self):
        """Ce que l'on propose de rendre (euros) : les baisses moins les hausses, jamais moins que zéro."""
        return max(sum((ecart.rendre for ecart in self.ecarts), ZERO), ZERO)


def reviser(lignes, emises, actuelles, rendus):
    """La ``Revision`` de ces lignes de facture.

    ``emises`` : les prestations recalculées avec le quotient d'alors ; ``actuelles``, avec celui d'aujourd'hui ;
    ``rendus`` : la ligne (sa clé) → ce que des corrections en ont déjà rendu, ou ``None`` si la régie en a rendu une
    part à qui la contestait. Celle-là, et celle dont le prix recalculé avec le quotient d'alors n'est plus celui qui
    fut facturé, ont changé pour une autre raison : on ne les corrige pas d'ici.
    """
    avant = {(p.fait.enfant, p.fait.seance): p.prix for p in emises}
    apres = {(p.fait.enfant, p.fait.seance): p.prix for p in actuelles}
    revision = Revision([], [])
    for ligne in lignes:
        cle = ligne.enfant_id, ligne.seance_id
        alors, maintenant, deja = avant.get(cle), apres.get(cle), rendus.get(ligne.pk, ZERO)
        if deja is None or maintenant is None or alors is None or alors.montant != ligne.montant:
            revision.a_la_main.append(ligne)
            continue
        rendre = ligne.montant - maintenant.montant - deja
        if rendre and maintenant.quotient is not None:
            revision.ecarts.append(Ecart(ligne, maintenant.montant, maintenant.pourquoi, maintenant.quotient, rendre))
    return revision

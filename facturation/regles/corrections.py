"""Ce qu'une facture émise coûterait de moins aujourd'hui : son quotient, ou une excuse, est arrivé après elle."""

from decimal import Decimal
from typing import NamedTuple

from .absences import excuse
from .grilles import FORFAITS
from .mots import ZERO


class Ecart(NamedTuple):
    """Une ligne émise que l'on facturerait autrement ; ``rendre`` en euros, négatif si elle serait plus chère.

    ``quotient`` vaut ``None`` pour une absence excusée.
    """

    ligne: object
    nouveau: Decimal
    pourquoi: str
    quotient: int | None
    rendre: Decimal


class Revision(NamedTuple):
    """Ce que l'on propose de rendre d'une facture, et ce que l'on n'en rend pas.

    ``ecarts`` : les ``Ecart`` d'un quotient ; ``excusees`` : ceux d'une absence excusée, dont toute la ligne se rend ;
    ``tardives`` : ``(ligne, pourquoi)``, où le certificat est arrivé trop tard ; ``a_la_main`` : les lignes qu'il faut
    regarder, car autre chose a changé depuis.
    """

    ecarts: list
    excusees: list
    tardives: list
    a_la_main: list

    @classmethod
    def vide(cls):
        return cls([], [], [], [])

    def ajouter(self, autre):
        for siens, les_autres in zip(self, autre, strict=True):
            siens.extend(les_autres)

    @property
    def du_quotient(self):
        """Les baisses moins les hausses (euros), jamais moins que zéro : une hausse ne se réclame pas."""
        return max(sum((ecart.rendre for ecart in self.ecarts), ZERO), ZERO)

    @property
    def rendre(self):
        """Ce que l'on propose de rendre (euros). Une hausse de quotient ne retient rien d'une absence excusée."""
        return self.du_quotient + sum((ecart.rendre for ecart in self.excusees), ZERO)


def reviser(lignes, emises, actuelles, rendus, excuses):
    """La ``Revision`` de ces lignes de facture.

    ``emises`` : les prestations recalculées avec le quotient d'alors ; ``actuelles``, avec celui d'aujourd'hui ;
    ``rendus`` : la ligne (sa clé) → ce que des corrections en ont déjà rendu, ou ``None`` si la régie en a rendu une
    part à qui la contestait ; ``excuses`` : la ligne (sa clé) → son ``Excusee``. Une ligne dont le prix recalculé avec
    le quotient d'alors n'est plus celui qui fut facturé a changé pour une autre raison : on ne la corrige pas d'ici.
    """
    avant, apres = ({_cle(p): p for p in prestations} for prestations in (emises, actuelles))
    revision, nouvelles = Revision.vide(), _carences_nouvelles(lignes, actuelles)
    for ligne in lignes:
        cle = ligne.enfant_id, ligne.seance_id
        alors, maintenant, deja = avant.get(cle), apres.get(cle), rendus.get(ligne.pk, ZERO)
        excusee = excuses.get(ligne.pk)
        if excusee and deja is not None and maintenant is None and ligne.unite not in FORFAITS:
            if (ligne.enfant_id, ligne.activite_id) in nouvelles:
                revision.a_la_main.append(ligne)
            else:
                revision.excusees.append(Ecart(ligne, ZERO, excusee.dite, None, ligne.montant - deja))
            continue
        if excusee and excusee.certifie_le and maintenant and excuse(maintenant.fait):
            revision.tardives.append((ligne, excusee.trop_tard))
        if deja is None or maintenant is None or alors is None or alors.prix.montant != ligne.montant:
            revision.a_la_main.append(ligne)
            continue
        prix = maintenant.prix
        rendre = ligne.montant - prix.montant - deja
        if rendre and prix.quotient is not None:
            revision.ecarts.append(Ecart(ligne, prix.montant, prix.pourquoi, prix.quotient, rendre))
    return revision


def _cle(prestation):
    return prestation.fait.enfant, prestation.fait.seance


def _carences_nouvelles(lignes, actuelles):
    """Les ``(enfant, activité)`` dont un jour de carence se facturerait, que la facture n'a pas : ce certificat ne fait
    que le déplacer."""
    facturees = {(ligne.enfant_id, ligne.seance_id) for ligne in lignes}
    return {(p.fait.enfant, p.fait.activite) for p in actuelles if excuse(p.fait) and _cle(p) not in facturees}

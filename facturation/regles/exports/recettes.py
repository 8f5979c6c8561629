"""Les recettes en tableaux : les mêmes sommes rangées par mois, école, activité et tranche de quotient."""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from ..mots import ZERO
from ..simulation import noms_des_bandes

LARGEUR = 100  # la plus longue barre
AXES = [("mois", "Mois facturé"), ("ecole", "École"), ("activite", "Activité"), ("bande", "Tranche de quotient")]


class Recette(NamedTuple):
    """Une case : combien de lignes, facturé et rendu (euros), pour un mois, une école, une activité, une tranche."""

    mois: object
    ecole: str
    activite: str
    bande: int
    lignes: int
    facture: Decimal
    avoirs: Decimal

    @property
    def nette(self):
        return self.facture - self.avoirs


class Tableau(NamedTuple):
    """Un axe : son titre, ses ``[(nom, lignes, facturé, avoirs, recette, barre)…]``, et la même chose en une phrase."""

    cle: str
    titre: str
    rangees: list
    phrase: str


def rang_de_bande(quotient, seuils):
    """Le rang de la tranche d'un quotient, comme ``width_bucket`` la compte en base ; sans quotient, la dernière."""
    if quotient is None:
        return len(seuils) + 1
    return sum(seuil < quotient for seuil in seuils)


def tableaux(recettes, seuils, dire_le_mois):
    """Les quatre ``Tableau`` ; chacun a pour total la même somme."""
    noms = noms_des_bandes(seuils)
    rendus = {"mois": dire_le_mois, "bande": lambda rang: noms[rang]}
    return [_tableau(cle, titre, recettes, rendus.get(cle, str)) for cle, titre in AXES]


def _tableau(cle, titre, recettes, dire):
    sommes = defaultdict(lambda: [0, ZERO, ZERO])
    for recette in recettes:
        somme = sommes[getattr(recette, cle)]
        somme[0] += recette.lignes
        somme[1] += recette.facture
        somme[2] += recette.avoirs
    triees = sorted(sommes.items())
    lignes = [(dire(quoi), n, facture, avoirs, facture - avoirs) for quoi, (n, facture, avoirs) in triees]
    rangees = [(*ligne, barre) for ligne, barre in zip(lignes, barres([ligne[4] for ligne in lignes]), strict=True)]
    plus = max(lignes, key=lambda ligne: ligne[4], default=None)
    return Tableau(cle, titre, rangees, f"La plus grande recette : {plus[0]}." if plus else "")


def barres(sommes):
    """La longueur de chaque barre, sur ``LARGEUR`` ; rien pour une somme négative."""
    maximum = max(sommes, default=ZERO)
    return [round(LARGEUR * max(somme, ZERO) / maximum) if maximum > 0 else 0 for somme in sommes]

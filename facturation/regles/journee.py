"""Les heures d'un acte, et ce qu'il doit aux autres actes du jour et du mois : durée, retard, matin et soir."""

from typing import NamedTuple

from .grilles import compter_periodes

# Les accueils qui se combinent dans une même journée.
AUTRE = {"matin": "soir", "soir": "matin"}


class Suites(NamedTuple):
    """La fin des ``Circonstances`` d'un acte, sous les mêmes noms."""

    combine: bool = False
    retard: int = 0
    depart: str = ""
    periodes: int = 1
    duree: str = ""


AUCUNE = Suites()


class Journee:
    """Ce que le prix d'un acte doit aux heures, et aux autres actes du foyer ce jour-là et ce mois-ci."""

    def __init__(self, actes, offre_de):
        self.actes, self.offre_de = actes, offre_de
        self.retards, self.genres = {}, None

    def suites(self, fait, grille):
        """Les ``Suites`` de cet acte."""
        if grille.traits is None:
            return AUCUNE
        au_temps, au_retard, au_combine = grille.traits
        offre = self.offre_de(fait.activite)
        retard, depart = self._retard(fait, offre, grille) if au_retard else (0, "")
        periodes, duree = _duree(fait, offre, grille) if au_temps else (1, "")
        return Suites(au_combine and self._combine(fait, offre), retard, depart, periodes, duree)

    def _combine(self, fait, offre):
        """Vrai si l'enfant a aussi, ce jour-là, un acte facturé de l'autre bout de la journée."""
        if self.genres is None:
            self.genres = {(f.enfant, f.jour, self.offre_de(f.activite).genre) for f, _ in self.actes}
        return (fait.enfant, fait.jour, AUTRE.get(offre.genre)) in self.genres

    def _retard(self, fait, offre, grille):
        """Le rang de ce départ après l'heure dans le mois, et l'heure en mots ; ``(0, "")`` à l'heure."""
        if fait.depart is None or minutes(fait.depart) <= minutes(offre.fin) + grille.tolerance:
            return 0, ""
        cle = fait.enfant, fait.activite
        self.retards[cle] = self.retards.get(cle, 0) + 1
        return self.retards[cle], f"{fait.depart:%H:%M}"


def _duree(fait, offre, grille):
    """Combien de périodes, et d'où à où. Le temps compté reste dans les heures de l'activité : le reste est un retard.

    Une heure que personne n'a pointée est celle de l'activité.
    """
    de = max(fait.arrivee or offre.debut, offre.debut)
    a = min(fait.depart or offre.fin, offre.fin)
    pointe = fait.pointage == "present" and (fait.arrivee or fait.depart)
    mots = f"de {de:%H:%M} à {a:%H:%M}" if pointe else "toute la séance"
    return compter_periodes(minutes(a) - minutes(de), grille.minutes, grille.arrondi), mots


def minutes(heure):
    """Les minutes depuis minuit."""
    return heure.hour * 60 + heure.minute

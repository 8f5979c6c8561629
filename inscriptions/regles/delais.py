"""Jusqu'à quand on réserve ou annule : la règle, et la phrase qui la dit.

Une règle est un :class:`Delai`. La phrase (ici), le simulateur et les limites des séances (``reservations.regles``)
partent du même objet : ce qui se lit est ce qui s'applique. Fonctions pures.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from commune.regles import JOURS, UN_JOUR, dire_le_jour

from .mots import heure_dite, heures

RESERVER, ANNULER = "reserver", "annuler"
EN_JOURS, EN_HEURES, EN_SEMAINES = "jours", "heures", "semaine"
CALENDAIRES, HORS_WEEKEND, OUVRES, OUVERTURE, ACTIVITE = (
    "calendaires", "hors_weekend", "ouvres", "ouverture", "activite",
)  # fmt: skip
REFUSE, SUPPLEMENT, MAIRIE = "refuse", "supplement", "mairie"
# Le mois de la facture et celui qui la suit ; au-delà, une erreur se corrige avec la mairie, par un avoir.
EXCUSE_JOURS = 31


@dataclass(frozen=True, slots=True)
class Delai:
    """Une règle, valable pour les séances du ``debut`` au ``fin`` compris (``None`` : sans borne).

    ``heure`` est de Paris, minute comprise. En jours : ``nombre`` de jours avant, comptés selon ``decompte``. En
    heures : ``nombre`` d'heures avant le début de l'activité, qui ne passent que les jours comptés. En semaines : le
    ``jour_semaine`` (lundi = 0) de la ``nombre``-ième semaine d'avant. Sans valeurs, la règle de la maison : la veille
    à 23 h 59, refusé ensuite.
    """

    forme: str = EN_JOURS
    nombre: int = 1
    decompte: str = CALENDAIRES
    jour_semaine: int | None = None
    heure: dt.time = dt.time(23, 59)
    ensuite: str = REFUSE
    debut: dt.date | None = None
    fin: dt.date | None = None

    def vaut_le(self, jour):
        return (self.debut is None or self.debut <= jour) and (self.fin is None or jour <= self.fin)


MAISON = Delai()


def delai_du(delais, jour):
    """Celle des règles d'un geste qui vaut ce ``jour`` ; aucune : la règle de la maison."""
    return next((delai for delai in delais if delai.vaut_le(jour)), MAISON)


# --- La phrase -------------------------------------------------------------------------------------------------------
UN_AVANT = {
    CALENDAIRES: "jusqu'à la veille",
    HORS_WEEKEND: "jusqu'au jour précédent, samedi et dimanche non comptés,",
    OUVRES: "jusqu'au jour ouvré précédent",
    OUVERTURE: "jusqu'au jour d'ouverture précédent",
    ACTIVITE: "jusqu'au jour d'accueil précédent",
}
N_AVANT = {
    CALENDAIRES: "jusqu'à {} jours avant,",
    HORS_WEEKEND: "jusqu'à {} jours avant, samedis et dimanches non comptés,",
    OUVRES: "jusqu'à {} jours ouvrés avant,",
    OUVERTURE: "jusqu'à {} jours d'ouverture avant,",
    ACTIVITE: "jusqu'à {} jours d'accueil avant,",
}
HEURES_AVANT = {
    CALENDAIRES: "jusqu'à {} avant le début",
    HORS_WEEKEND: "jusqu'à {} avant le début, samedis et dimanches non comptés",
    OUVRES: "jusqu'à {} ouvrées avant le début",
    OUVERTURE: "jusqu'à {} avant le début, en ne comptant que les jours d'ouverture",
    ACTIVITE: "jusqu'à {} avant le début, en ne comptant que les jours d'accueil",
}
ENSUITE = {
    REFUSE: "ce n'est plus possible",
    SUPPLEMENT: "on peut encore réserver, au tarif « hors délai »",
    MAIRIE: "on ne réserve plus soi-même, mais la mairie peut encore l'accepter : appelez-la",
}


def phrase_delai(delai):
    """Une règle relue en français : « jusqu'à la veille 23 h 59 », « jusqu'au jeudi de la semaine d'avant, 12 h »."""
    if delai.forme == EN_HEURES:
        phrase = HEURES_AVANT[delai.decompte].format(heures(delai.nombre))
        return phrase if delai.nombre > 1 else phrase.replace("ouvrées", "ouvrée")
    if delai.forme == EN_SEMAINES:
        avant = "de la semaine d'avant" if delai.nombre == 1 else f"{delai.nombre} semaines avant"
        quand = f"jusqu'au {JOURS[delai.jour_semaine]} {avant},"
    elif delai.nombre == 0:
        quand = "jusqu'au jour même"
    elif delai.nombre == 2 and delai.decompte == CALENDAIRES:
        quand = "jusqu'à l'avant-veille"
    elif delai.nombre == 1:
        quand = UN_AVANT[delai.decompte]
    else:
        quand = N_AVANT[delai.decompte].format(delai.nombre)
    return f"{quand} {heure_dite(delai.heure)}"


@dataclass(frozen=True, slots=True)
class Periode:
    """Des jours de suite où les mêmes deux règles valent ; une borne ``None`` n'en est pas une."""

    debut: dt.date | None
    fin: dt.date | None
    reserver: Delai
    annuler: Delai

    @property
    def quand(self):
        """« Du 1er septembre 2026 au 31 décembre 2026 », vide si la règle vaut toujours."""
        if self.debut and self.fin:
            return f"Du {dire_le_jour(self.debut)} au {dire_le_jour(self.fin)}"
        if self.debut:
            return f"À partir du {dire_le_jour(self.debut)}"
        return f"Jusqu'au {dire_le_jour(self.fin)}" if self.fin else ""

    @property
    def phrase(self):
        reserver, annuler = phrase_delai(self.reserver), phrase_delai(self.annuler)
        limites = (
            f"on réserve et on annule {reserver}" if reserver == annuler
            else f"on réserve {reserver} ; on annule {annuler}"
        )  # fmt: skip
        phrase = f"{limites}. Passé ce délai, {ENSUITE[self.reserver.ensuite]}."
        return f"{self.quand}, {phrase}" if self.quand else f"{phrase[0].upper()}{phrase[1:]}"


def periodes(reserver, annuler, debut=None, fin=None):
    """Les périodes que dessinent les règles des deux gestes, de ``debut`` à ``fin`` compris, sans trou.

    Là où aucune règle ne vaut, la règle de la maison. Les bornes de la fenêtre ne se disent pas : une règle qui couvre
    toute la fenêtre s'y lit sans dates.
    """
    coupures = {d.debut for d in (*reserver, *annuler) if d.debut}
    coupures |= {d.fin + UN_JOUR for d in (*reserver, *annuler) if d.fin}
    coupures = sorted(c for c in coupures if (debut is None or c > debut) and (fin is None or c <= fin))
    trouvees = []
    for un, autre in pairwise([None, *coupures, None]):
        jour = un or debut or (autre - UN_JOUR if autre else fin or dt.date.min)
        deux = [_sans_dates(delai_du(delais, jour)) for delais in (reserver, annuler)]
        if trouvees and [trouvees[-1].reserver, trouvees[-1].annuler] == deux:
            un = trouvees.pop().debut  # deux règles pareilles qui se suivent n'en font qu'une
        trouvees.append(Periode(un, autre - UN_JOUR if autre else None, *deux))
    return trouvees


def _sans_dates(delai):
    return Delai(delai.forme, delai.nombre, delai.decompte, delai.jour_semaine, delai.heure, delai.ensuite)


def phrase_delais(reserver, annuler, debut=None, fin=None):
    """Les délais d'une activité, en deux phrases par période."""
    return " ".join(periode.phrase for periode in periodes(reserver, annuler, debut, fin))

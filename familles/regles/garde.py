"""La garde d'un enfant de deux foyers : chez qui il est un jour donné. Fonctions pures.

Un jour est tout entier à un foyer, et à un seul, dès qu'un partage est dit. Ce qui vaut, du plus fort au plus faible :

1. un échange accepté : le dernier accepté l'emporte ;
2. les vacances scolaires, quand elles se partagent par moitiés. De ``n`` jours, la première moitié a le jour du milieu
   (``n`` impair : 31 et 30 jours). L'année qui décide est celle où les vacances commencent ;
3. les semaines, ou les dates du calendrier propre. Une semaine de garde commence le jour de bascule, qui est tout
   entier au foyer qui arrive : c'est lui qui vient chercher l'enfant ce soir-là. Elle est paire ou impaire comme la
   semaine ISO de ce jour de bascule ; après une semaine 53 vient une semaine 1 : deux semaines impaires de suite.
   D'un calendrier propre, ce qui n'est pas écrit est au foyer de référence : aucun jour n'est à personne.
"""

import datetime as dt
import itertools
from dataclasses import dataclass

from commune.regles import JOURS, dire_le_jour, jours, lundi

PAIRES, IMPAIRES, TOUTES, CALENDRIER = "paires", "impaires", "toutes", "calendrier"
COMME, PREMIERE_PAIRES, PREMIERE_IMPAIRES = "comme", "premiere_paires", "premiere_impaires"
PREMIERE, SECONDE, ENTIERES, AUCUNES = "premiere", "seconde", "entieres", "aucunes"


@dataclass(frozen=True, slots=True)
class Partage:
    """Ce que dit le jugement. ``semaines`` et ``vacances`` disent la part de ``foyer`` ; le reste est à ``autre``.

    Les foyers sont des clés. ``bascule`` est un jour de la semaine (lundi = 0). ``periodes``, les ``(du, au)`` compris
    que l'enfant passe chez ``autre`` : ils ne servent qu'au calendrier propre.
    """

    foyer: int
    autre: int
    semaines: str = PAIRES
    bascule: int = 0
    vacances: str = COMME
    periodes: tuple = ()


@dataclass(frozen=True, slots=True)
class Deplacement:
    """Des jours qu'un échange accepté donne au foyer ``vers``, du premier au dernier compris."""

    du: dt.date
    au: dt.date
    vers: int


def foyer_du_jour(jour, partage, vacances=(), deplacements=()):
    """La clé du foyer qui a l'enfant ce ``jour`` (date de Paris).

    ``vacances`` sont des périodes à ``debut`` et ``fin`` comprises ; ``deplacements``, du plus ancien au plus récent.
    """
    for d in reversed(deplacements):
        if d.du <= jour <= d.au and d.vers in (partage.foyer, partage.autre):
            return d.vers
    if partage.vacances != COMME:
        conge = next((v for v in vacances if v.debut <= jour <= v.fin), None)
        if conge:
            return partage.foyer if _vacances_a_nous(jour, conge, partage.vacances) else partage.autre
    return partage.foyer if _semaine_a_nous(jour, partage) else partage.autre


def semaine_de_garde(jour, bascule):
    """Le numéro ISO de la semaine de garde de ce ``jour`` : celle de son dernier jour de bascule."""
    return (jour - dt.timedelta(days=(jour.weekday() - bascule) % 7)).isocalendar().week


def milieu(conge):
    """Le dernier jour de la première moitié de ces vacances."""
    return conge.debut + (conge.fin - conge.debut) // 2


def _semaine_a_nous(jour, partage):
    if partage.semaines == TOUTES:
        return True
    if partage.semaines == CALENDRIER:
        return not any(du <= jour <= au for du, au in partage.periodes)
    paire = semaine_de_garde(jour, partage.bascule) % 2 == 0
    return paire == (partage.semaines == PAIRES)


def _vacances_a_nous(jour, conge, part):
    if part in (ENTIERES, AUCUNES):
        return part == ENTIERES
    premiere, annee_paire = jour <= milieu(conge), conge.debut.year % 2 == 0
    a_la_premiere = {PREMIERE: True, SECONDE: False, PREMIERE_PAIRES: annee_paire, PREMIERE_IMPAIRES: not annee_paire}
    return premiere == a_la_premiere[part]


def payeur(chez, inscrits, rattaches):
    """La clé du foyer qui paie un enfant venu sans réservation, ou ``None`` s'il n'est rattaché à aucun.

    ``chez`` est celui qui l'a ce jour-là (``None`` si rien n'est dit), ``inscrits`` ceux qui l'ont inscrit à
    l'activité, ``rattaches`` les siens, chacun dans son ordre. Celui qui a l'enfant paie, sauf si seul l'autre l'y a
    inscrit : la mairie ne facture pas un foyer qui n'a rien demandé quand l'autre l'a fait.
    """
    if inscrits:
        return chez if chez in inscrits else inscrits[0]
    return chez or next(iter(rattaches), None)


# --- Dire un partage ---------------------------------------------------------------------------------------------
def phrases(partage, chez):
    """Le partage en phrases ; ``chez`` dit chaque foyer : ``{clé: "chez vous"}``.

    Une espace insécable tient la ponctuation : aucun point-virgule ne commence une ligne de téléphone.
    """
    ici, la = chez[partage.foyer], chez[partage.autre]
    dites = [_phrase_des_semaines(partage, ici, la)]
    if partage.vacances != COMME:
        dites.append(f"Vacances scolaires\u00a0: {_phrase_des_vacances(partage.vacances, ici, la)}.")
    return dites


def _phrase_des_semaines(partage, ici, la):
    if partage.semaines == TOUTES:
        return f"{_capitale(ici)} toutes les semaines."
    if partage.semaines == CALENDRIER:
        n = len(partage.periodes)
        dates = f"aux dates de son calendrier ({n} période{'s' if n > 1 else ''})"
        return f"{_capitale(la)} {dates}, {ici} les autres jours."
    miennes, siennes = (PAIRES, IMPAIRES) if partage.semaines == PAIRES else (IMPAIRES, PAIRES)
    bascule = JOURS[partage.bascule]
    return f"{_capitale(ici)} les semaines {miennes}, {la} les semaines {siennes}\u00a0; on change le {bascule}."


def _phrase_des_vacances(part, ici, la):
    if part in (ENTIERES, AUCUNES):
        return f"{ici if part == ENTIERES else la} en entier"
    if part in (PREMIERE, SECONDE):
        premier, second = (ici, la) if part == PREMIERE else (la, ici)
        return f"la première moitié {premier}, la seconde {second}"
    pair, impair = (ici, la) if part == PREMIERE_PAIRES else (la, ici)
    return f"la première moitié {pair} les années paires, {impair} les années impaires\u00a0; la seconde, l'inverse"


def _capitale(mots):
    return mots[:1].upper() + mots[1:]


def jours_dits(du, au):
    """Une suite de jours, dite : « le mardi 24 novembre 2026 », « du lundi 28 décembre 2026 au vendredi 1er… »."""
    if du == au:
        return f"le {dire_le_jour(du, semaine=True)}"
    return f"du {dire_le_jour(du, semaine=True, an=du.year != au.year)} au {dire_le_jour(au, semaine=True)}"


# --- Dessiner un partage -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class JourDeGarde:
    """Une case du calendrier : ``foyer`` est la clé de qui a l'enfant, ou ``None`` si rien n'est dit."""

    date: dt.date
    foyer: int | None
    dehors: bool = False  # d'un autre mois : la case reste blanche
    conge: bool = False


@dataclass(frozen=True, slots=True)
class MoisDeGarde:
    premier: dt.date
    semaines: list  # ``[(numéro ISO, [JourDeGarde × 7]), …]``


def calendrier(premier, nombre, foyer_du, vacances=()):
    """``nombre`` mois à partir de celui de ``premier`` ; ``foyer_du(jour)`` rend la clé d'un foyer."""
    mois, debut = [], premier.replace(day=1)
    for _ in range(nombre):
        suivant = (debut + dt.timedelta(days=32)).replace(day=1)
        cases = [
            JourDeGarde(
                jour, foyer_du(jour), jour.month != debut.month, any(v.debut <= jour <= v.fin for v in vacances)
            )
            for jour in jours(lundi(debut), lundi(suivant - dt.timedelta(days=1)) + dt.timedelta(days=6))
        ]
        semaines = [cases[n : n + 7] for n in range(0, len(cases), 7)]
        mois.append(MoisDeGarde(debut, [(s[0].date.isocalendar().week, s) for s in semaines]))
        debut = suivant
    return mois


def bornes(premier, nombre):
    """Le premier et le dernier jour que montre :func:`calendrier`."""
    premier = premier.replace(day=1)
    fin = premier
    for _ in range(nombre):
        fin = (fin + dt.timedelta(days=32)).replace(day=1)
    return lundi(premier), lundi(fin - dt.timedelta(days=1)) + dt.timedelta(days=6)


def lire_periodes(texte):
    """Les ``(du, au)`` d'un texte d'une période par ligne : « 12/09/2026 - 18/09/2026 », ou un seul jour.

    Rend ``(periodes, fautes)`` : les fautes sont des phrases, une par ligne que l'on ne sait pas lire.

    >>> lire_periodes("12/09/2026 au 13/09/2026")
    ([(datetime.date(2026, 9, 12), datetime.date(2026, 9, 13))], [])
    """
    periodes, fautes = [], []
    for numero, ligne in enumerate(texte.splitlines(), 1):
        mots = ligne.lower().removeprefix("du ").replace(" au ", " ").replace(" - ", " ").replace("–", " ").split()
        if not mots:
            continue
        try:
            dates = [dt.datetime.strptime(mot, "%d/%m/%Y").date() for mot in mots]
        except ValueError:
            dates = []
        if len(dates) not in (1, 2):
            fautes.append(f"Ligne {numero} : écrivez « 12/09/2026 - 18/09/2026 », ou un seul jour.")
        elif dates[0] > dates[-1]:
            fautes.append(f"Ligne {numero} : la fin vient avant le début.")
        else:
            periodes.append((dates[0], dates[-1]))
    periodes.sort()
    for (_, au), (du, _) in itertools.pairwise(periodes):
        if du <= au:
            fautes.append(f"Deux périodes ont en commun le {du:%d/%m/%Y}.")
    return periodes, fautes


def en_lignes(periodes):
    """L'inverse de :func:`lire_periodes`."""
    return "\n".join(f"{du:%d/%m/%Y}" if du == au else f"{du:%d/%m/%Y} - {au:%d/%m/%Y}" for du, au in periodes)

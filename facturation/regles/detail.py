"""Une facture ouverte jusqu'au jour : ce qui fut réservé, vu, facturé ; le mois en image ; les mois d'avant."""

import calendar
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from typing import NamedTuple

from commune.regles import MOIS, dire_le_jour

from .mots import ZERO, dire_jours, euros

# Ce qu'un jour montre sur le calendrier, du plus à remarquer au plus ordinaire : un jour de plusieurs actes montre le
# premier qu'il a.
ABSENT, EN_PLUS, PREVU, EXCUSE, PRESENT, RENDU = "absent", "en_plus", "prevu", "excuse", "present", "rendu"
MARQUES = {
    ABSENT: ("absent", "réservé, absent, et facturé"),
    EN_PLUS: ("en plus", "venu sans réservation"),
    PREVU: ("réservé", "réservé, sans pointage ce jour-là"),
    EXCUSE: ("excusé", "noté excusé, et facturé"),
    PRESENT: ("venu", "réservé et venu"),
    RENDU: ("rendu", "facturé, puis rendu par un avoir"),
}


class Acte(NamedTuple):
    """Une ligne de facture et les faits de son jour, tels qu'ils se lisent aujourd'hui."""

    pk: int
    enfant: int
    prenom: str
    activite: int
    texte: str
    jour: dt.date
    montant: Decimal
    regle: str
    reserve: str | None = None  # l'état de la réservation de ce foyer, s'il en a une
    hors_delai: bool = False
    pointage: str | None = None  # present, absent, excuse
    arrivee: dt.time | None = None
    depart: dt.time | None = None
    excuse: str | None = None  # envoyee, acceptee, refusee
    avoir: str = ""  # la référence de l'avoir qui l'a rendue
    contestation: str | None = None  # l'état de la dernière : envoyee, question, acceptee, partie, refusee
    part: Decimal | None = None  # ce qu'une contestation acceptée en partie en a rendu (euros)

    @property
    def reserve_dit(self):
        if self.reserve == "reservee":
            return "hors délai" if self.hors_delai else "oui"
        return "annulé depuis" if self.reserve == "annulee" else "non"

    @property
    def venu_dit(self):
        mots = {"present": "oui", "absent": "non", "excuse": "excusé"}
        return mots.get(self.pointage, "pas pointé")

    @property
    def heures_dites(self):
        """« de 12 h 05 à 13 h 20 », ce qu'on en sait."""
        dites = [f"{mot} {h.hour} h {h.minute:02d}" for mot, h in (("de", self.arrivee), ("à", self.depart)) if h]
        return " ".join(dites)

    @property
    def facture_dit(self):
        if self.avoir:
            return f"{euros(self.montant)}, rendu"
        return f"{euros(self.montant)}, dont {euros(self.part)} rendus" if self.part else euros(self.montant)

    @property
    def marque(self):
        """Ce que le calendrier en montre."""
        if self.avoir:
            return RENDU
        if self.pointage == "present":
            return PRESENT if self.reserve == "reservee" else EN_PLUS
        return {"absent": ABSENT, "excuse": EXCUSE}.get(self.pointage, PREVU)


class Rangee(NamedTuple):
    """Une activité d'un enfant : son nombre d'actes, ses jours, et chaque acte."""

    texte: str
    montant: Decimal
    actes: list

    @property
    def jours_en_mots(self):
        return dire_jours(sorted({acte.jour for acte in self.actes}))

    @property
    def remarques(self):
        """« 1 absent, 2 en plus » : ce qui sort de l'ordinaire, pour savoir où ouvrir."""
        vus = Counter(acte.marque for acte in self.actes)
        return ", ".join(f"{vus[m]} {MARQUES[m][0]}{_s(m, vus[m])}" for m in MARQUES if m != PRESENT and vus[m])


def _s(marque, nombre):
    return "s" if nombre > 1 and marque != EN_PLUS else ""


class Case(NamedTuple):
    """Un jour du calendrier ; ``quantieme`` vide hors du mois, ``marque`` vide un jour sans acte."""

    quantieme: int | str = ""
    marque: str = ""
    mot: str = ""
    phrase: str = ""


class Part(NamedTuple):
    """La part d'un enfant dans la facture."""

    prenom: str
    rangees: list
    total: Decimal
    tetes: list  # les jours de la semaine du calendrier
    semaines: list

    @property
    def legende(self):
        """Les marques que montre ce calendrier, chacune avec ses mots."""
        vues = {case.marque for semaine in self.semaines for case in semaine}
        return [(marque, *MARQUES[marque]) for marque in MARQUES if marque in vues]


def detailler(mois, actes):
    """Les ``Part`` d'une facture, dans l'ordre de ses lignes : par enfant, par activité, jusqu'au jour."""
    enfants = defaultdict(list)
    for acte in actes:
        enfants[acte.enfant, acte.prenom].append(acte)
    parts = []
    for (_, prenom), siens in enfants.items():
        par_activite = defaultdict(list)
        for acte in siens:
            par_activite[acte.activite, acte.texte].append(acte)
        rangees = [
            Rangee(texte, sum((a.montant for a in groupe), ZERO), sorted(groupe, key=lambda a: (a.jour, a.pk)))
            for (_, texte), groupe in par_activite.items()
        ]
        rangees.sort(key=lambda rangee: (-rangee.montant, rangee.texte))
        parts.append(Part(prenom, rangees, sum((r.montant for r in rangees), ZERO), *calendrier(mois, siens)))
    return parts


TETES = [("L", "lundi"), ("M", "mardi"), ("M", "mercredi"), ("J", "jeudi"), ("V", "vendredi"), ("S", "samedi"),
         ("D", "dimanche")]  # fmt: skip


def calendrier(mois, actes):
    """``(têtes, semaines)`` du mois d'un enfant. Le week-end ne s'y montre que s'il a un acte."""
    par_jour = defaultdict(list)
    for acte in actes:
        par_jour[acte.jour].append(acte)
    colonnes = 7 if any(jour.weekday() > 4 for jour in par_jour) else 5
    semaines = [
        [_case(jour, mois, par_jour.get(jour)) for jour in semaine[:colonnes]]
        for semaine in calendar.Calendar().monthdatescalendar(mois.year, mois.month)
    ]
    return TETES[:colonnes], [semaine for semaine in semaines if any(case.quantieme for case in semaine)]


def _case(jour, mois, actes):
    if jour.month != mois.month:
        return Case()
    if not actes:
        return Case(jour.day)
    marque = next(m for m in MARQUES if any(acte.marque == m for acte in actes))
    dits = ", ".join(f"{acte.texte} {euros(acte.montant)} ({MARQUES[acte.marque][0]})" for acte in actes)
    return Case(jour.day, marque, MARQUES[marque][0], f"{dire_le_jour(jour, semaine=True, an=False)} : {dits}")


# --- Les mois d'avant ---------------------------------------------------------------------------------------------
class Bilan(NamedTuple):
    """Ce qu'un mois a coûté : ``nombres`` donne, par prestation, le nombre d'actes facturés."""

    mois: dt.date
    total: Decimal
    nombres: dict
    facture: int | None = None

    @property
    def actes(self):
        return sum(self.nombres.values())


def bilan(mois, actes):
    """Le ``Bilan`` du mois que l'on regarde."""
    return Bilan(mois, sum((acte.montant for acte in actes), ZERO), Counter(acte.texte for acte in actes))


def comparer(ici, avant):
    """« 12,00 € de plus qu'en septembre : 4 repas de plus. » ; ``avant`` est le ``Bilan`` du mois d'avant."""
    ecart, quand = ici.total - avant.total, f"en {MOIS[avant.mois.month - 1]}"
    debut = f"Autant qu'{quand}" if not ecart else f"{euros(abs(ecart))} de {_sens(ecart)} qu'{quand}"
    ecarts = {t: ici.nombres.get(t, 0) - avant.nombres.get(t, 0) for t in sorted({*ici.nombres, *avant.nombres})}
    dits = [_dire_ecart(texte, n) for texte, n in sorted(ecarts.items(), key=lambda e: -abs(e[1])) if n]
    if dits:
        return f"{debut}\u00a0: {', '.join(dits)}."
    if not ecart:
        return f"{debut}, pour autant de prestations."
    return f"{debut}, pour autant de prestations\u00a0: ce sont leurs prix qui ont changé."


def _sens(ecart):
    return "plus" if ecart > 0 else "moins"


def _dire_ecart(texte, nombre):
    n = f"{abs(nombre):.0f}"
    quoi = f"{n} repas" if texte == "Repas" else f"{n} fois «\u00a0{texte}\u00a0»"
    return f"{quoi} de {_sens(nombre)}"

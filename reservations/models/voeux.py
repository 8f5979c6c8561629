"""Lire une ouverture comme la voit un foyer : ses enfants, leurs activités, chaque semaine et ses cases."""

from dataclasses import dataclass, field
from itertools import groupby

from commune.models import JourFerme
from commune.regles import lundi

from .. import regles
from .lecture import foyers_du_compte, inscriptions_de
from .ouvertures import Voeu, comptes_des_places, comptes_des_voeux
from .tables import Reservation

RESERVEE, PROPOSEE, ATTENTE = Reservation.Etat.RESERVEE, Reservation.Etat.PROPOSEE, Reservation.Etat.ATTENTE


@dataclass(slots=True)
class CaseVoeu:
    """Un enfant à une séance de l'ouverture. ``etat`` : libre, complet, reserve, attente ou autre (l'autre foyer)."""

    enfant: int
    seance: object
    etat: str
    voeux: int
    restantes: int | None
    cochee: bool

    @property
    def valeur(self):
        return f"{self.enfant}-{self.seance.pk}"

    @property
    def jour(self):
        """« lun. 21 »."""
        return f"{regles.JOURS_COURTS[self.seance.jour.weekday()]} {regles.quantieme(self.seance.jour)}"

    @property
    def jour_dit(self):
        return regles.date_dite(self.seance.jour)


@dataclass(slots=True)
class ActiviteVoulue:
    """Une activité pour un enfant : ``semaines`` est ``[(titre, [CaseVoeu])]``."""

    activite: object
    semaines: list


@dataclass(slots=True)
class EnfantVoulant:
    enfant: object
    famille: object
    activites: list = field(default_factory=list)


def lire_ouverture(ouverture, compte, cochees=None):
    """Les enfants de ce compte qui ont une activité de l'ouverture : ``[EnfantVoulant]``, l'aîné d'abord.

    ``cochees`` (des couples enfant, séance) est ce que la famille vient d'envoyer ; à défaut, ses vœux gardés. Le
    nombre de requêtes ne dépend ni des enfants ni des jours.
    """
    rattachements = list(foyers_du_compte(compte))
    if not rattachements:
        return []
    famille, enfants = rattachements[0].famille, [r.enfant for r in rattachements]
    fermetures = list(JourFerme.objects.entre(ouverture.du, ouverture.au).order_by("debut", "pk"))
    seances = [
        s for s in ouverture.seances.filter(ouverte=True).select_related("activite").order_by("jour")
        if not regles.fermeture(s.jour, s.activite, fermetures)
    ]  # fmt: skip
    inscriptions = list(inscriptions_de(enfants, famille, ouverture.du, ouverture.au))
    faits = _Faits(ouverture, famille, enfants, seances, cochees)
    return [
        EnfantVoulant(enfant, famille, activites) for enfant in enfants
        if (activites := _activites(enfant, inscriptions, seances, faits))
    ]  # fmt: skip


class _Faits:
    """Ce que la base sait de ces séances et de ces enfants, lu une fois."""

    def __init__(self, ouverture, famille, enfants, seances, cochees):
        self.famille = famille
        self.voeux, self.prises = comptes_des_voeux(seances), comptes_des_places(seances)
        siens = Voeu.objects.filter(ticket__ouverture=ouverture, enfant__in=enfants)
        self.des_autres = set()
        gardes = set()
        for enfant, seance, foyer in siens.values_list("enfant", "seance", "ticket__famille"):
            (gardes if foyer == famille.pk else self.des_autres).add((enfant, seance))
        self.cochees = gardes if cochees is None else cochees
        self.reservations = {
            (enfant, seance): (etat, foyer)
            for enfant, seance, etat, foyer in Reservation.objects.filter(enfant__in=enfants, seance__in=seances)
            .values_list("enfant", "seance", "etat", "famille")
        }  # fmt: skip

    def case(self, enfant, seance):
        cle = enfant.pk, seance.pk
        restantes = None if seance.capacite is None else max(0, seance.capacite - self.prises.get(seance.pk, 0))
        return CaseVoeu(
            enfant.pk, seance, self._etat(cle, restantes), self.voeux.get(seance.pk, 0), restantes, cle in self.cochees
        )

    def _etat(self, cle, restantes):
        etat, foyer = self.reservations.get(cle, ("", None))
        if etat in (RESERVEE, PROPOSEE, ATTENTE):
            if foyer != self.famille.pk:
                return "autre"
            return "attente" if etat == ATTENTE else "reserve"
        if cle in self.des_autres:
            return "autre"
        return "complet" if restantes == 0 else "libre"


def _activites(enfant, inscriptions, seances, faits):
    siennes = {}
    for i in inscriptions:
        if i.enfant_id == enfant.pk:
            siennes.setdefault(i.activite, []).append(i)
    voulues = []
    for activite, celles_ci in siennes.items():
        cases = [
            faits.case(enfant, s) for s in seances
            if s.activite_id == activite.pk and any(i.debut <= s.jour <= i.fin for i in celles_ci)
        ]  # fmt: skip
        if cases:
            voulues.append(ActiviteVoulue(activite, list(_par_semaine(cases))))
    return voulues


def _par_semaine(cases):
    for premier, jours in groupby(cases, key=lambda c: lundi(c.seance.jour)):
        jours = list(jours)
        yield f"Semaine du {regles.date_dite(premier).split(' ', 1)[1]}", jours

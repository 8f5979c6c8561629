"""Juger ce qu'une famille a coché, sur ce que la base dit maintenant : rien ne s'écrit ici."""

import uuid
from dataclasses import dataclass, field, replace

from familles.models import Enfant
from inscriptions.models import Activite

from .. import regles
from ..models import Contexte, Reservation, Seance, cochees, manques

RESERVEE, ATTENTE, ANNULEE = Reservation.Etat.RESERVEE, Reservation.Etat.ATTENTE, Reservation.Etat.ANNULEE
PROPOSEE = Reservation.Etat.PROPOSEE


@dataclass(frozen=True, slots=True)
class Changement:
    """Une case qui change : ``avant`` et ``apres`` sont des états de réservation (« » : elle n'existait pas).

    Une place proposée dit jusqu'à quand (premier instant refusé, UTC).
    """

    enfant: object
    seance: object
    famille: object
    avant: str
    apres: str
    hors_delai: bool = False
    offre_jusqu_a: object = None


@dataclass(frozen=True, slots=True)
class Refus:
    """Une case refusée, et la phrase qui dit pourquoi."""

    enfant_id: int
    seance_id: int
    code: str
    phrase: str
    jour: object = None  # la date de Paris, si la séance existe


@dataclass(frozen=True, slots=True)
class Resultat:
    """Ce qui fut écrit (``lot`` est le numéro du reçu), ou les refus, et alors rien ne fut écrit."""

    lot: uuid.UUID | None = None
    faits: list = field(default_factory=list)
    refus: list = field(default_factory=list)

    @property
    def numero(self):
        return regles.numero_de(self.lot)

    @property
    def nombres(self):
        """« 3 réservations et 1 annulation »."""
        reservees = sum(changement.apres == RESERVEE for changement in self.faits)
        return regles.dire_les_nombres(reservees, len(self.faits) - reservees)


def prevoir(famille, souhaits, maintenant, verrouiller=False):
    """Ce que ferait :func:`enregistrer` maintenant, sans rien écrire : un aperçu, pas une promesse.

    ``verrouiller`` en fait une promesse jusqu'à la fin de la transaction, si les séances sont déjà verrouillées.
    """
    if not souhaits:
        return Resultat()
    changements, refus = examiner(famille, souhaits, maintenant, verrouiller)
    return Resultat(faits=changements, refus=refus)


def examiner(famille, souhaits, maintenant, verrouiller=False):
    """Juge chaque souhait avec :func:`regles.refus` sur ce que la base dit maintenant : ``(changements,
    refus)``.
    """
    juge = _Juge(famille, souhaits)
    changements, refus = [], []
    for cle, reserver in sorted(souhaits.items(), key=lambda s: (s[1], s[0][1], s[0][0])):
        cas = juge.faits(cle)
        if cas is None:
            phrase = "Une des cases n'existe pas ou n'existe plus : rechargez la page."
            refus.append(Refus(*cle, "inconnue", phrase))
            continue
        if cas.etat in ((RESERVEE,) if reserver else ("", ANNULEE)) and cas.chez_nous:
            continue
        code = regles.refus(cas, reserver, maintenant)
        if code:
            refus.append(Refus(*cle, code, regles.phrase_refus(code, cas, maintenant), cas.jour))
            continue
        juge.compter(cle, cas.etat, reserver)
        changements.append(juge.changement(cle, cas, reserver, maintenant))
    tombes = dict(manques(changements, maintenant, verrouiller))
    if tombes:
        refus = [r for r in refus if r.code != "complet" or not juge.reste_une_place(r, tombes, maintenant)]
    refus += [Refus(c.enfant.pk, c.seance.pk, m.code, m.phrase, c.seance.jour) for c, m in tombes.items()]
    return [c for c in changements if c not in tombes], refus


class _Juge:
    """Ce que la base sait des cases demandées, lu une fois ; les places s'y décomptent à mesure.

    Les faits viennent de ``Contexte``, comme ceux de la page : ce qu'une règle de plus y ajoute se juge ici aussi.
    """

    def __init__(self, famille, cles):
        enfants = Enfant.objects.de_la_famille(famille).filter(pk__in={enfant for enfant, _ in cles})
        lignes = cochees(cles, famille)
        jours = [ligne.jour for ligne in lignes]
        self.lignes = {(ligne.enfant, ligne.seance): ligne for ligne in lignes}
        self.contexte = Contexte(famille, enfants, min(jours), max(jours)) if jours else None
        if jours:
            manquantes = {ligne.activite for ligne in lignes} - self.contexte.activites.keys()
            self.contexte.activites |= Activite.objects.in_bulk(manquantes) if manquantes else {}
        self.places = {ligne.seance: ligne.restantes for ligne in lignes if ligne.restantes is not None}
        self.seances = {}

    def faits(self, cle):
        """Les faits de cette case maintenant, ou ``None`` si elle n'existe pas pour ce foyer."""
        ligne = self.lignes.get(cle)
        if ligne is None or ligne.enfant not in self.contexte.enfants:
            return None
        if ligne.seance in self.places:
            ligne = ligne._replace(restantes=self.places[ligne.seance])
        return self.contexte.faits(ligne, self.contexte.inscrit(ligne.enfant, ligne.activite, ligne.jour))

    def compter(self, cle, avant, reserver):
        """La place que ce changement prend ou rend ; une place proposée était déjà prise."""
        if cle[1] in self.places and reserver != (avant in Reservation.PRENANTS):
            self.places[cle[1]] += -1 if reserver else 1

    def reste_une_place(self, refus, tombes, maintenant):
        """La place que prenait une case tombée depuis (``tombes``) revient à celle que l'on disait complète."""
        rendues = [c for c in tombes if c.seance.pk == refus.seance_id and c.apres == RESERVEE and c.avant != PROPOSEE]
        cas = self.faits((refus.enfant_id, refus.seance_id))
        cas = replace(cas, restantes=(cas.restantes or 0) + len(rendues))
        return not regles.refus(cas, True, maintenant)

    def changement(self, cle, cas, reserver, maintenant):
        ligne = self.lignes[cle]
        if ligne.seance not in self.seances:
            self.seances[ligne.seance] = Seance(
                pk=ligne.seance, activite=self.contexte.activites[ligne.activite], jour=ligne.jour,
                capacite=ligne.capacite, ouverte=ligne.ouverte, motif=ligne.motif,
                limite_reservation=ligne.limite_reservation, limite_annulation=ligne.limite_annulation,
            )  # fmt: skip
        hors_delai = reserver and regles.est_hors_delai(cas, maintenant)
        return Changement(
            self.contexte.enfants[ligne.enfant], self.seances[ligne.seance], self.contexte.famille, cas.etat,
            RESERVEE if reserver else ANNULEE, hors_delai,
        )  # fmt: skip

"""Enregistrer ce qu'une famille a coché : tout ou rien, en un nombre de requêtes qui ne dépend pas du nombre
de cases.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction

from commune.actions import envoyer_courriel
from commune.models import JourFerme
from familles.models import Adulte, Enfant

from .. import regles
from ..models import Mouvement, Reservation, Seance, faits, inscriptions_de, restantes

RESERVEE, ATTENTE, ANNULEE = Reservation.Etat.RESERVEE, Reservation.Etat.ATTENTE, Reservation.Etat.ANNULEE
CHAMPS = ["famille", "etat", "hors_delai", "modifiee_le"]


@dataclass(frozen=True, slots=True)
class Changement:
    """Une case qui change : ``avant`` et ``apres`` sont des états de réservation (« » : elle n'existait pas)."""

    enfant: object
    seance: object
    famille: object
    avant: str
    apres: str
    hors_delai: bool = False


@dataclass(frozen=True, slots=True)
class Refus:
    """Une case refusée, et la phrase qui dit pourquoi."""

    enfant_id: int
    seance_id: int
    code: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Resultat:
    """Ce qui fut écrit (``lot`` est le numéro du reçu), ou les refus, et alors rien ne fut écrit."""

    lot: uuid.UUID | None = None
    faits: list = field(default_factory=list)
    refus: list = field(default_factory=list)


@transaction.atomic
def enregistrer(famille, compte, souhaits, maintenant, origine, motif=""):
    """Réserve et annule pour ce foyer ; ``souhaits`` : ``{(enfant_id, seance_id): vrai s'il faut réserver}``.

    Une case refusée et rien n'est écrit : ``Resultat.refus`` les nomme toutes. Ce qui est déjà comme voulu
    n'est pas un changement : le même enregistrement, reçu deux fois, n'écrit qu'une fois. Les annulations
    passent d'abord et peuvent libérer la place qu'un frère prend dans le même enregistrement. Un seul
    courriel récapitule le tout.
    """
    if not souhaits:
        return Resultat()
    changements, refus = _examiner(famille, souhaits, maintenant, Seance.objects.verrouillees(_seances(souhaits)))
    if refus or not changements:
        return Resultat(refus=refus)
    lot = ecrire(changements, compte, maintenant, origine, motif)
    recapituler(famille, compte, changements, lot, origine, motif)
    return Resultat(lot, changements)


def prevoir(famille, souhaits, maintenant):
    """Ce que ferait :func:`enregistrer` maintenant, sans verrou et sans rien écrire : un aperçu, pas une
    promesse.
    """
    if not souhaits:
        return Resultat()
    changements, refus = _examiner(
        famille, souhaits, maintenant, Seance.objects.filter(pk__in=_seances(souhaits)).order_by("pk")
    )
    return Resultat(faits=changements, refus=refus)


def _seances(souhaits):
    return {seance_id for _, seance_id in souhaits}


def _examiner(famille, souhaits, maintenant, seances):
    """Juge chaque souhait avec :func:`regles.refus` sur ce que la base dit maintenant : ``(changements,
    refus)``.
    """
    seances = {s.pk: s for s in seances.select_related("activite")}
    enfants = {e.pk: e for e in Enfant.objects.de_la_famille(famille).filter(pk__in={e for e, _ in souhaits})}
    juger = _Juge(famille, seances, enfants)
    changements, refus = [], []
    for (enfant_id, seance_id), reserver in sorted(souhaits.items(), key=lambda s: (s[1], s[0][1], s[0][0])):
        if enfant_id not in enfants or seance_id not in seances:
            phrase = "Une des cases n'existe pas ou n'existe plus : rechargez la page."
            refus.append(Refus(enfant_id, seance_id, "inconnue", phrase))
            continue
        enfant, seance = enfants[enfant_id], seances[seance_id]
        cas = juger.faits(enfant, seance)
        if cas.etat in ((RESERVEE,) if reserver else ("", ANNULEE)) and cas.chez_nous:
            continue
        code = regles.refus(cas, reserver, maintenant)
        if code:
            refus.append(Refus(enfant_id, seance_id, code, regles.phrase_refus(code, cas, maintenant)))
            continue
        juger.compter(seance_id, cas.etat, reserver)
        hors_delai = reserver and regles.est_hors_delai(cas, maintenant)
        changements.append(Changement(
            enfant, seance, famille, cas.etat, RESERVEE if reserver else ANNULEE, hors_delai
        ))  # fmt: skip
    return changements, refus


class _Juge:
    """Ce que la base sait des cases demandées, lu une fois ; les places s'y décomptent à mesure."""

    def __init__(self, famille, seances, enfants):
        jours = [s.jour for s in seances.values()]
        debut, fin = (min(jours), max(jours)) if jours else (None, None)
        self.famille = famille
        self.places = restantes(seances.values())
        self.inscriptions = defaultdict(list)
        self.fermetures = []
        if jours:
            self.fermetures = list(JourFerme.objects.entre(debut, fin).order_by("debut", "pk"))
            for i in inscriptions_de(enfants, famille, debut, fin):
                self.inscriptions[i.enfant_id, i.activite_id].append(i)
        self.reservations = {
            (r["enfant_id"], r["seance_id"]): r
            for r in Reservation.objects.filter(enfant__in=enfants, seance__in=seances)
            .order_by().values("enfant_id", "seance_id", "etat", "famille_id")
        }  # fmt: skip

    def faits(self, enfant, seance):
        reservation = self.reservations.get((enfant.pk, seance.pk), {})
        inscrit = any(i.debut <= seance.jour <= i.fin for i in self.inscriptions[enfant.pk, seance.activite_id])
        lue = {
            "jour": seance.jour, "ouverte": seance.ouverte, "motif": seance.motif, "excuse": "",
            "limite_reservation": seance.limite_reservation, "limite_annulation": seance.limite_annulation,
            "restantes": self.places.get(seance.pk), "etat": reservation.get("etat", ""),
            "foyer": reservation.get("famille_id"),
        }  # fmt: skip
        return faits(lue, seance.activite, enfant, self.famille, inscrit, self.fermetures)

    def compter(self, seance_id, avant, reserver):
        if seance_id in self.places and (reserver or avant == RESERVEE):
            self.places[seance_id] += -1 if reserver else 1


def ecrire(changements, compte, maintenant, origine, motif=""):
    """Écrit les réservations et leur journal, chacun en une requête ; rend le numéro du lot. Séances déjà
    verrouillées.
    """
    reservations = Reservation.objects.bulk_create(
        [
            Reservation(
                enfant=c.enfant, seance=c.seance, famille=c.famille, etat=c.apres, hors_delai=c.hors_delai,
                modifiee_le=maintenant,
            )
            for c in changements
        ],
        update_conflicts=True, unique_fields=["enfant", "seance"], update_fields=CHAMPS,
    )  # fmt: skip
    lot = uuid.uuid4()
    Mouvement.objects.bulk_create(
        Mouvement(
            lot=lot, reservation=reservation, avant=c.avant, apres=c.apres, origine=origine, compte=compte,
            instant=maintenant, motif=motif,
        )
        for reservation, c in zip(reservations, changements, strict=True)
    )  # fmt: skip
    return lot


def lignes(changements):
    """Les changements en :class:`regles.Ligne`, pour les dire."""
    return [
        regles.Ligne(
            c.enfant.prenom, c.seance.activite.nom, c.seance.jour, "réservé" if c.apres == RESERVEE else "annulé"
        )
        for c in changements
    ]


def adresses(famille, compte=None):
    """L'adresse de qui a enregistré ; à défaut (la mairie, un agent), celles des parents du foyer."""
    if compte:
        return [compte.email]
    return list(
        Adulte.objects.actuels().filter(famille=famille, compte__is_active=True)
        .order_by("pk").values_list("compte__email", flat=True)
    )  # fmt: skip


def recapituler(famille, compte, changements, lot, origine, motif):
    """Un courriel par enregistrement, jamais un par case."""
    a = adresses(famille, compte if origine == Mouvement.Origine.PARENT else None)
    if a:
        envoyer_courriel("reservations/courriels/enregistrement", a, {
            "groupes": regles.regrouper(lignes(changements)),
            "enfants": sorted({c.enfant.prenom for c in changements}),
            "reservees": sum(c.apres == RESERVEE for c in changements),
            "annulees": sum(c.apres == ANNULEE for c in changements),
            "hors_delai": sum(c.hors_delai for c in changements),
            "lot": lot, "origine": origine, "motif": motif,
        })  # fmt: skip

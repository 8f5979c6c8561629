"""Enregistrer ce qu'une famille a coché : tout ou rien, en un nombre de requêtes qui ne dépend pas du nombre
de cases.
"""

import uuid
from dataclasses import dataclass, field

from django.db import connection, transaction

from commune.actions import envoyer_courriel
from familles.models import Adulte, Enfant
from inscriptions.models import Activite

from .. import regles
from ..models import Contexte, Mouvement, Reservation, Seance, cochees, manques

RESERVEE, ATTENTE, ANNULEE = Reservation.Etat.RESERVEE, Reservation.Etat.ATTENTE, Reservation.Etat.ANNULEE


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
    Seance.objects.verrouiller({seance for _, seance in souhaits})
    changements, refus = _examiner(famille, souhaits, maintenant, verrouiller=True)
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
    changements, refus = _examiner(famille, souhaits, maintenant)
    return Resultat(faits=changements, refus=refus)


def _examiner(famille, souhaits, maintenant, verrouiller=False):
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


# Les réservations puis leur journal, en une requête : composer 1 500 lignes par l'ORM prenait la moitié du temps.
ECRIRE = """
WITH voulu AS (
  SELECT * FROM unnest(
    %(enfants)s::bigint[], %(seances)s::bigint[], %(familles)s::bigint[], %(avant)s::text[], %(apres)s::text[],
    %(hors_delai)s::bool[], %(offre_jusqu_a)s::timestamptz[]
  ) AS v(enfant_id, seance_id, famille_id, avant, apres, hors_delai, offre_jusqu_a)
), ecrit AS (
  INSERT INTO reservations_reservation
    (enfant_id, seance_id, famille_id, etat, hors_delai, modifiee_le, offre_jusqu_a)
  SELECT enfant_id, seance_id, famille_id, apres, hors_delai, %(maintenant)s, offre_jusqu_a FROM voulu
  ON CONFLICT (enfant_id, seance_id) DO UPDATE SET famille_id = EXCLUDED.famille_id, etat = EXCLUDED.etat,
    hors_delai = EXCLUDED.hors_delai, modifiee_le = EXCLUDED.modifiee_le, offre_jusqu_a = EXCLUDED.offre_jusqu_a
  RETURNING id, enfant_id, seance_id
)
INSERT INTO reservations_mouvement (lot, reservation_id, avant, apres, origine, compte_id, instant, motif)
SELECT %(lot)s, ecrit.id, voulu.avant, voulu.apres, %(origine)s, %(compte)s, %(maintenant)s, %(motif)s
  FROM ecrit JOIN voulu USING (enfant_id, seance_id)
"""


def ecrire(changements, compte, maintenant, origine, motif="", lot=None):
    """Écrit les réservations et leur journal ; rend le numéro du lot. Séances déjà verrouillées.

    Une place qui se libère ici, d'où que vienne le geste, passe à la liste d'attente dans la même transaction.
    """
    lot = lot or uuid.uuid4()
    with connection.cursor() as curseur:
        curseur.execute(ECRIRE, {
            "enfants": [c.enfant.pk for c in changements], "seances": [c.seance.pk for c in changements],
            "familles": [c.famille.pk for c in changements], "avant": [str(c.avant) for c in changements],
            "apres": [str(c.apres) for c in changements], "hors_delai": [c.hors_delai for c in changements],
            "offre_jusqu_a": [c.offre_jusqu_a for c in changements],
            "maintenant": maintenant, "lot": lot, "origine": str(origine), "compte": compte and compte.pk,
            "motif": motif,
        })  # fmt: skip
    prenants = Reservation.PRENANTS
    rendues = {c.seance.pk for c in changements if c.avant in prenants and c.apres not in prenants}
    if rendues:
        from .attente import offrir_les_places  # l'attente se juge et s'écrit avec ce qui est ici

        offrir_les_places(rendues, maintenant)
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


def recapituler(famille, compte, changements, lot, origine, motif=""):
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

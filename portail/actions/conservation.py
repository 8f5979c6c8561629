"""La fin de conservation, chaque nuit (RGPD, art. 5-1-e) : la santé d'abord, puis les familles.

La santé d'un enfant s'efface quelques mois après sa dernière inscription. Une famille qui ne donne plus signe de vie
est prévenue, puis effacée un mois plus tard : ses personnes, ses messages et ses fichiers disparaissent ; ce que la
comptabilité garde dix ans (factures, lignes, avoirs, règlements) reste tel qu'il fut émis ; le reste (réservations,
pointages, journaux, consentements) ne désigne plus personne.

Chaque famille tient dans une transaction, où tout est relu sous verrou : une purge interrompue reprend, deux purges
ensemble n'en font qu'une, et un parent qui se connecte à l'instant garde tout.
"""

import datetime as dt
import logging
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from commune.contexte import courante
from commune.models import AnneeScolaire
from commune.regles import decaler, instant_de_paris, jour_de_paris
from documents.models import Piece
from familles.actions import ecrire_aux_foyers
from familles.models import Enfant, Famille, FicheSanitaire, Rattachement
from inscriptions.models import Inscription
from inscriptions.regles import enumerer
from portail import regles
from portail.models import Compte, Effacement
from presences.models import Pointage
from reservations.models import Reservation

from .effacement import effacer_contenu, jeter

journal = logging.getLogger("portail.conservation")


@dataclass
class Prevision:
    """Ce que ferait la purge : des clés d'enfants, puis de familles."""

    sante: list = field(default_factory=list)
    sante_foyers: list = field(default_factory=list)
    prevenir: list = field(default_factory=list)
    effacer: list = field(default_factory=list)


@dataclass
class Bilan:
    """Ce que la purge a fait, en nombres ; ``echecs`` sont les familles à reprendre."""

    sante: int = 0
    prevenues: int = 0
    effacees: int = 0
    echecs: int = 0


def prevoir(maintenant):
    """La :class:`Prevision` de la nuit, en nombre constant de requêtes ; n'écrit rien."""
    jour = jour_de_paris(maintenant)
    return Prevision(
        sante=sante_echue(Enfant.objects.all(), jour),
        sante_foyers=sante_echue(Famille.objects.all(), jour),
        prevenir=list(a_prevenir(jour).values_list("pk", flat=True)),
        effacer=list(a_effacer(jour).values_list("pk", flat=True)),
    )


def purger(maintenant, dire=lambda phrase: None):
    """Efface et prévient ; rend un :class:`Bilan`. Relancée, ne fait que ce qui reste à faire.

    Une famille qui échoue n'arrête pas les autres : elle est comptée, journalisée par son numéro, et reprise demain.
    """
    prevision, bilan = prevoir(maintenant), Bilan()
    revenues = oublier_les_retours(maintenant)
    if revenues:
        dire(f"Prévenues puis revenues, gardées : {revenues}.")

    def tenter(action, quoi, *arguments):
        try:
            return action(*arguments, maintenant)
        except Exception as erreur:
            # Ni message ni trace : PostgreSQL y recopie les valeurs de la ligne.
            journal.error("Fin de conservation, %s : %s", quoi, type(erreur).__name__)
            bilan.echecs += 1
            return 0

    for foyers, enfants in _par_foyers(prevision.sante):
        bilan.sante += tenter(effacer_sante, f"enfants {enfants}", enfants, foyers)
    for pk in prevision.sante_foyers:
        tenter(effacer_sante_du_foyer, f"famille {pk}", pk)
    for pk in prevision.prevenir:
        bilan.prevenues += tenter(prevenir, f"famille {pk}", pk)
    for pk in prevision.effacer:
        bilan.effacees += tenter(effacer_famille, f"famille {pk}", pk)
    return bilan


# --- La santé -----------------------------------------------------------------------------------------------------
def _dernier(lignes, lien, date):
    """La plus récente ``date`` de ces lignes pour l'enfant ou le foyer lu (``lien`` est le nom de la clé)."""
    lignes = lignes.order_by().filter(**{lien: OuterRef("pk")}).values(lien)
    return Subquery(lignes.annotate(derniere=Max(date)).values("derniere"))


def sante_echue(quoi, jour):
    """Parmi ces enfants (ou ces foyers, pour leurs propres pièces de santé), les clés de ceux dont elle doit partir."""
    pieces = Piece.objects.filter(type__sante=True)
    if quoi.model is Enfant:
        lien, ecrite = "enfant", Greatest(F("fiche__modifiee_le"), _dernier(pieces, "enfant", "envoyee_le"))
    else:
        lien, ecrite = "famille", _dernier(pieces.filter(enfant=None), "famille", "envoyee_le")
    reserves = Reservation.objects.exclude(etat=Reservation.Etat.ANNULEE)
    lus = quoi.order_by("pk").annotate(
        ecrite=ecrite,
        accueil=Greatest(
            _dernier(Inscription.objects.vives(), lien, "fin"), _dernier(reserves, lien, "seance__jour")
        ),
    )
    annees = AnneeScolaire.objects.values_list("debut", "fin")
    annees, limite = list(annees), regles.limite_de_conservation(jour, courante().conservation_sante)
    lus = lus.filter(ecrite__isnull=False).values_list("pk", "ecrite", "accueil")
    return [
        pk for pk, ecrite, accueil in lus if regles.fin_de_sante(jour_de_paris(ecrite), accueil, annees) < limite
    ]


def _par_foyers(enfants):
    """Les enfants par foyers où ils vivent, pour n'écrire qu'une fois à une fratrie : ``[([foyer], [enfant])]``."""
    foyers = defaultdict(list)
    liens = Rattachement.objects.actuels().filter(enfant__in=enfants).order_by("famille_id")
    for enfant, famille in liens.values_list("enfant_id", "famille_id"):
        foyers[enfant].append(famille)
    groupes = defaultdict(list)
    for enfant in enfants:
        groupes[tuple(foyers[enfant])].append(enfant)
    return list(groupes.items())


@transaction.atomic
def effacer_sante(enfants, foyers, maintenant):
    """Efface les fiches et les pièces de santé de ces enfants, si c'est toujours l'heure ; rend leur nombre.

    ``enfants`` et ``foyers`` sont des clés. Les foyers l'apprennent : si l'enfant revient, ses allergies sont à redire.
    Les lectures consignées restent, elles ne disent rien de la santé.
    """
    # Le verrou des fiches : un parent qui en enregistre une attend, et la sienne est neuve.
    siens = Enfant.objects.select_for_update().filter(pk__in=enfants).order_by("pk").in_bulk()
    echus = sante_echue(Enfant.objects.filter(pk__in=siens), jour_de_paris(maintenant))
    _jeter_pieces(Piece.objects.filter(enfant__in=echus, type__sante=True))
    FicheSanitaire.objects.filter(enfant__in=echus).delete()
    if echus:
        contexte = {"prenoms": enumerer(siens[pk].prenom for pk in echus), "plusieurs": len(echus) > 1}
        ecrire_aux_foyers("portail/courriels/sante_effacee", dict.fromkeys(foyers, contexte))
    return len(echus)


@transaction.atomic
def effacer_sante_du_foyer(famille_pk, maintenant):
    """Efface les pièces de santé que la mairie demande au foyer entier ; rend 1, ou 0 s'il les a renouvelées."""
    Famille.objects.select_for_update().get(pk=famille_pk)
    if not sante_echue(Famille.objects.filter(pk=famille_pk), jour_de_paris(maintenant)):
        return 0
    _jeter_pieces(Piece.objects.filter(famille=famille_pk, enfant=None, type__sante=True))
    return 1


def _jeter_pieces(pieces):
    jeter(pieces.values_list("fichier", flat=True))
    pieces.delete()


# --- Les familles -------------------------------------------------------------------------------------------------
def inactives(limite):
    """Les familles dont aucun signe de vie ne date de ``limite`` (date de Paris) ou d'après.

    Un signe : une inscription, une réservation, une présence, une connexion, un compte, un enfant ou une validation.
    Ceux d'un enfant valent pour ses deux foyers : un agent doit encore pouvoir y appeler quelqu'un.
    """
    instant = instant_de_paris(limite, dt.time())
    inscrits = Inscription.objects.vives().filter(fin__gte=limite)
    reserves = Reservation.objects.exclude(etat=Reservation.Etat.ANNULEE).filter(seance__jour__gte=limite)
    pointes = Pointage.objects.filter(seance__jour__gte=limite)
    comptes = Compte.objects.filter(Q(last_login__gte=instant) | Q(cree_le__gte=instant))
    enfants_vus = Rattachement.objects.actuels().filter(
        Q(enfant__cree_le__gte=instant)
        | Exists(inscrits.filter(enfant=OuterRef("enfant")))
        | Exists(reserves.filter(enfant=OuterRef("enfant")))
        | Exists(pointes.filter(enfant=OuterRef("enfant")))
    )
    return Famille.objects.order_by("pk").filter(
        ~Exists(inscrits.filter(famille=OuterRef("pk"))),
        ~Exists(reserves.filter(famille=OuterRef("pk"))),
        ~Exists(comptes.filter(adulte__famille=OuterRef("pk"))),
        ~Exists(enfants_vus.filter(famille=OuterRef("pk"))),
        Q(validee_le=None) | Q(validee_le__lt=instant),
        creee_le__lt=instant,
    )


def bientot_inactives(jour):
    """Celles qui le seront au bout du préavis, ou le sont déjà."""
    return inactives(regles.limite_de_conservation(jour, 12 * courante().conservation - regles.PREAVIS))


def a_prevenir(jour):
    return bientot_inactives(jour).filter(effacement=None)


def a_effacer(jour):
    """Les familles inactives, prévenues depuis un mois au moins, et pas encore effacées."""
    return inactives(regles.limite_de_conservation(jour, 12 * courante().conservation)).filter(
        effacement__effacee_le=None,
        effacement__prevenue_le__date__lte=regles.limite_de_conservation(jour, regles.PREAVIS),
    )


def oublier_les_retours(maintenant):
    """Une famille prévenue qui a donné signe de vie n'est plus prévenue ; rend leur nombre."""
    bientot = bientot_inactives(jour_de_paris(maintenant)).order_by()
    revenues, _ = Effacement.objects.a_venir().exclude(famille__in=bientot.values("pk")).delete()
    return revenues


@transaction.atomic
def prevenir(famille_pk, maintenant):
    """Écrit à la famille qu'elle sera effacée dans un mois, sauf si elle revient ; rend 1, ou 0 si elle est revenue."""
    _verrouiller(famille_pk)
    jour = jour_de_paris(maintenant)
    if not a_prevenir(jour).filter(pk=famille_pk).exists():
        return 0
    Effacement.objects.create(famille_id=famille_pk, prevenue_le=maintenant)
    echeance = decaler(jour, regles.PREAVIS)
    ecrire_aux_foyers("portail/courriels/conservation", {famille_pk: {"jour": echeance}})
    return 1


@transaction.atomic
def effacer_famille(famille_pk, maintenant):
    """Efface tout ce qui désigne cette famille, si c'est toujours l'heure ; rend 1, ou 0 si elle est revenue.

    Un enfant qu'un autre foyer garde reste, sans ce que celui-ci en avait dit.
    """
    famille, enfants = _verrouiller(famille_pk)
    if not a_effacer(jour_de_paris(maintenant)).filter(pk=famille_pk).exists():
        return 0
    gardes = Rattachement.objects.filter(enfant__in=enfants).exclude(famille=famille)
    gardes = set(gardes.values_list("enfant_id", flat=True))
    effacer_contenu(famille, [pk for pk in enfants if pk not in gardes])
    Effacement.objects.filter(famille=famille).update(effacee_le=maintenant)
    return 1


def _verrouiller(famille_pk):
    """Le foyer, ses comptes et ses enfants, toujours dans cet ordre : rend le foyer et les clés de ses enfants.

    Une connexion écrit sur le compte : elle passe avant, et se voit, ou attend, et trouve un compte fermé.
    """
    famille = Famille.objects.select_for_update().get(pk=famille_pk)
    list(Compte.objects.select_for_update(of=("self",)).filter(adulte__famille=famille).order_by("pk"))
    enfants = Rattachement.objects.filter(famille=famille).values("enfant")
    enfants = Enfant.objects.select_for_update().filter(pk__in=enfants).order_by("pk")
    return famille, list(enfants.values_list("pk", flat=True))

"""Enregistrer ce qu'une famille a coché : tout ou rien, en un nombre de requêtes qui ne dépend pas du nombre
de cases.
"""

from collections import defaultdict

from django.db import transaction

from commune.actions import envoyer_courriel
from familles.actions import ecrire_aux_foyers

from .. import regles
from ..models import Mouvement, Seance
from .ecriture import ecrire
from .jugement import ANNULEE, RESERVEE, Resultat, examiner

RECAPITULATIF = "reservations/courriels/enregistrement"


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
    changements, refus = examiner(famille, souhaits, maintenant, verrouiller=True)
    if refus or not changements:
        return Resultat(refus=refus)
    lot = ecrire(changements, compte, maintenant, origine, motif)
    recapituler(compte, changements, lot, origine, motif)
    return Resultat(lot, changements)


def lignes(changements):
    """Les changements en :class:`regles.Ligne`, pour les dire."""
    return [
        regles.Ligne(
            c.enfant.prenom, c.seance.activite.nom, c.seance.jour, "réservé" if c.apres == RESERVEE else "annulé"
        )
        for c in changements
    ]


def recapituler(compte, changements, lot, origine, motif=""):
    """Un courriel par enregistrement, jamais un par case : à qui a enregistré ; à défaut (la mairie, un agent), aux
    parents, chaque foyer n'y lisant que ses propres jours.
    """
    par_foyer = defaultdict(list)
    for changement in changements:
        par_foyer[changement.famille.pk].append(changement)
    contextes = {foyer: _recapitulatif(siens, lot, origine, motif) for foyer, siens in par_foyer.items()}
    if compte and origine == Mouvement.Origine.PARENT:
        for contexte in contextes.values():
            envoyer_courriel(RECAPITULATIF, [compte.email], contexte)
    else:
        ecrire_aux_foyers(RECAPITULATIF, contextes)


def _recapitulatif(changements, lot, origine, motif):
    return {
        "groupes": regles.regrouper(lignes(changements)),
        "enfants": sorted({c.enfant.prenom for c in changements}),
        "reservees": sum(c.apres == RESERVEE for c in changements),
        "annulees": sum(c.apres == ANNULEE for c in changements),
        "hors_delai": sum(c.hors_delai for c in changements),
        "lot": lot, "origine": origine, "motif": motif,
    }  # fmt: skip

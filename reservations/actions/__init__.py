"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .excuses import decider_excuse, excuser, verifier_excuse
from .file import Position, admettre, entrer, finir_si_vide, position, quitter, revenir, suivre
from .mairie import ajouter_sur_place, annuler, annuler_seances, rouvrir_seances
from .ouvertures import deposer_voeux, preparer_ouverture, rattacher_les_seances, reserver_ce_qui_se_peut, ticket_de
from .seances import Ouverture, ouvrir_seances, prevoir_seances
from .tirage import blocs, tirer_au_sort

__all__ = [
    "Changement",
    "Ouverture",
    "Position",
    "Refus",
    "Resultat",
    "admettre",
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "blocs",
    "decider_excuse",
    "deposer_voeux",
    "enregistrer",
    "entrer",
    "excuser",
    "finir_si_vide",
    "lignes",
    "ouvrir_seances",
    "position",
    "preparer_ouverture",
    "prevoir",
    "prevoir_seances",
    "quitter",
    "rattacher_les_seances",
    "reserver_ce_qui_se_peut",
    "revenir",
    "rouvrir_seances",
    "suivre",
    "ticket_de",
    "tirer_au_sort",
    "verifier_excuse",
]

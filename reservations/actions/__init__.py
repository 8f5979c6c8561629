"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .defaire import Inverse, defaire, inverse
from .delais import Effet, changer_delais, prevoir_delais
from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .excuses import decider_excuse, excuser, verifier_excuse
from .limites import Calculateur
from .mairie import ajouter_sur_place, annuler, annuler_seances, rouvrir_seances
from .preferences import (
    fermer_agenda,
    jeton_d_agenda,
    jeton_de_desabonnement,
    lire_desabonnement,
    lire_jeton_d_agenda,
    ouvrir_agenda,
    regler,
)
from .rappels import rappeler, resumer_la_semaine
from .seances import Ouverture, ouvrir_seances, prevoir_seances

__all__ = [
    "Calculateur",
    "Changement",
    "Effet",
    "Inverse",
    "Ouverture",
    "Refus",
    "Resultat",
    "ajouter_sur_place",
    "annuler",
    "annuler_seances",
    "changer_delais",
    "decider_excuse",
    "defaire",
    "enregistrer",
    "excuser",
    "fermer_agenda",
    "inverse",
    "jeton_d_agenda",
    "jeton_de_desabonnement",
    "lignes",
    "lire_desabonnement",
    "lire_jeton_d_agenda",
    "ouvrir_agenda",
    "ouvrir_seances",
    "prevoir",
    "prevoir_delais",
    "prevoir_seances",
    "rappeler",
    "regler",
    "resumer_la_semaine",
    "rouvrir_seances",
    "verifier_excuse",
]

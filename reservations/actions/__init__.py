"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .attente import (
    attendre,
    changer_places,
    donner_une_place,
    offrir_les_places,
    quitter_attente,
    repondre,
    tenir_les_listes,
)
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
    "attendre",
    "changer_delais",
    "changer_places",
    "decider_excuse",
    "defaire",
    "donner_une_place",
    "enregistrer",
    "excuser",
    "fermer_agenda",
    "inverse",
    "jeton_d_agenda",
    "jeton_de_desabonnement",
    "lignes",
    "lire_desabonnement",
    "lire_jeton_d_agenda",
    "offrir_les_places",
    "ouvrir_agenda",
    "ouvrir_seances",
    "prevoir",
    "prevoir_delais",
    "prevoir_seances",
    "quitter_attente",
    "rappeler",
    "regler",
    "repondre",
    "resumer_la_semaine",
    "rouvrir_seances",
    "tenir_les_listes",
    "verifier_excuse",
]

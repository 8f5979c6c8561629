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
from .echanges import Suite, accepter_echange, proposer_echange, refuser_echange, retirer_echange, suite_de_l_echange
from .enregistrement import Changement, Refus, Resultat, enregistrer, lignes, prevoir
from .evenements import ANNONCER, CREDITER, annoncer, appliquer, lever
from .excuses import decider_excuse, excuser, verifier_excuse
from .limites import Calculateur
from .mairie import ajouter_sur_place, annuler, rouvrir
from .planning import enregistrer_pour_les_familles
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
    "ANNONCER",
    "CREDITER",
    "Calculateur",
    "Changement",
    "Effet",
    "Inverse",
    "Ouverture",
    "Refus",
    "Resultat",
    "Suite",
    "accepter_echange",
    "ajouter_sur_place",
    "annoncer",
    "annuler",
    "appliquer",
    "attendre",
    "changer_delais",
    "changer_places",
    "decider_excuse",
    "defaire",
    "donner_une_place",
    "enregistrer",
    "enregistrer_pour_les_familles",
    "excuser",
    "fermer_agenda",
    "inverse",
    "jeton_d_agenda",
    "jeton_de_desabonnement",
    "lever",
    "lignes",
    "lire_desabonnement",
    "lire_jeton_d_agenda",
    "offrir_les_places",
    "ouvrir_agenda",
    "ouvrir_seances",
    "prevoir",
    "prevoir_delais",
    "prevoir_seances",
    "proposer_echange",
    "quitter_attente",
    "rappeler",
    "refuser_echange",
    "regler",
    "repondre",
    "resumer_la_semaine",
    "retirer_echange",
    "rouvrir",
    "suite_de_l_echange",
    "tenir_les_listes",
    "verifier_excuse",
]

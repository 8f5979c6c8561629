"""Les écritures des réservations : chacune est une transaction, et dit ce qu'elle a fait."""

from .attente import (
    attendre,
    changer_places,
    donner_une_place,
    quitter_attente,
    repondre,
    tenir_les_listes,
)
from .defaire import Inverse, defaire, inverse
from .delais import Effet, changer_delais, prevoir_delais, recalculer
from .echanges import accepter_echange, proposer_echange, refuser_echange, retirer_echange, suite_de_l_echange
from .enregistrement import enregistrer, lignes
from .evenements import ANNONCER, CREDITER, annoncer, appliquer, lever
from .excuses import (
    certifiable_jusqu_a,
    decider_excuse,
    excusable_jusqu_a,
    excuser,
    joindre_certificat,
    verifier_certificat,
    verifier_excuse,
)
from .file import admettre, entrer, finir_si_vide, position, quitter, revenir, suivre
from .fins import (
    prevoir_depart,
    prevoir_fin,
    prevoir_retrait,
    quitter_foyer,
    retirer_inscription,
    terminer_inscription,
)
from .garde import suite_de_la_garde, suivre_la_garde
from .jugement import Changement, Refus, Resultat, prevoir
from .limites import Calculateur, Simulee, simuler
from .mairie import ajouter_sur_place, annuler, rouvrir
from .ouvertures import deposer_voeux, preparer_ouverture, reserver_ce_qui_se_peut
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
from .seances import Creation, ouvrir_seances, prevoir_seances
from .tirage import blocs, tirer_au_sort

__all__ = [
    "ANNONCER",
    "CREDITER",
    "Calculateur",
    "Changement",
    "Creation",
    "Effet",
    "Inverse",
    "Refus",
    "Resultat",
    "Simulee",
    "accepter_echange",
    "admettre",
    "ajouter_sur_place",
    "annoncer",
    "annuler",
    "appliquer",
    "attendre",
    "blocs",
    "certifiable_jusqu_a",
    "changer_delais",
    "changer_places",
    "decider_excuse",
    "defaire",
    "deposer_voeux",
    "donner_une_place",
    "enregistrer",
    "enregistrer_pour_les_familles",
    "entrer",
    "excusable_jusqu_a",
    "excuser",
    "fermer_agenda",
    "finir_si_vide",
    "inverse",
    "jeton_d_agenda",
    "jeton_de_desabonnement",
    "joindre_certificat",
    "lever",
    "lignes",
    "lire_desabonnement",
    "lire_jeton_d_agenda",
    "ouvrir_agenda",
    "ouvrir_seances",
    "position",
    "preparer_ouverture",
    "prevoir",
    "prevoir_delais",
    "prevoir_depart",
    "prevoir_fin",
    "prevoir_retrait",
    "prevoir_seances",
    "proposer_echange",
    "quitter",
    "quitter_attente",
    "quitter_foyer",
    "rappeler",
    "recalculer",
    "refuser_echange",
    "regler",
    "repondre",
    "reserver_ce_qui_se_peut",
    "resumer_la_semaine",
    "retirer_echange",
    "retirer_inscription",
    "revenir",
    "rouvrir",
    "simuler",
    "suite_de_l_echange",
    "suite_de_la_garde",
    "suivre",
    "suivre_la_garde",
    "tenir_les_listes",
    "terminer_inscription",
    "tirer_au_sort",
    "verifier_certificat",
    "verifier_excuse",
]

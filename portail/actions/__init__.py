"""Ce que le toit écrit : les comptes, les consentements, l'archive et l'effacement des données d'une famille."""

from commune.actions import compter

from .comptes import (
    annuler_changement_email,
    changement_a_annuler,
    changement_a_confirmer,
    changer_mot_de_passe,
    compte_du_lien,
    confirmer_changement_email,
    demande_du_lien,
    demander_changement_email,
    demander_compte,
    envoyer_lien_mot_de_passe,
    inviter,
    ouvrir_compte,
    purger_demandes,
    renouveler_mot_de_passe,
)
from .consentements import (
    accepter,
    installer_textes,
    numero_en_vigueur,
    publier,
    retirer,
    texte_en_vigueur,
    texte_rempli,
)
from .conservation import prevoir, purger
from .effacement import EFFACER_FICHIERS
from .export import exporter
from .invitations import (
    accepter_invitation,
    connait_l_enfant,
    demande_une_naissance,
    invitation_du_lien,
    inviter_autre_parent,
    inviter_responsable,
    purger_invitations,
)
from .reunion import ce_qui_suit, reunir

__all__ = [
    "EFFACER_FICHIERS",
    "accepter",
    "accepter_invitation",
    "annuler_changement_email",
    "ce_qui_suit",
    "changement_a_annuler",
    "changement_a_confirmer",
    "changer_mot_de_passe",
    "compte_du_lien",
    "compter",
    "confirmer_changement_email",
    "connait_l_enfant",
    "demande_du_lien",
    "demande_une_naissance",
    "demander_changement_email",
    "demander_compte",
    "envoyer_lien_mot_de_passe",
    "exporter",
    "installer_textes",
    "invitation_du_lien",
    "inviter",
    "inviter_autre_parent",
    "inviter_responsable",
    "numero_en_vigueur",
    "ouvrir_compte",
    "prevoir",
    "publier",
    "purger",
    "purger_demandes",
    "purger_invitations",
    "renouveler_mot_de_passe",
    "retirer",
    "reunir",
    "texte_en_vigueur",
    "texte_rempli",
]

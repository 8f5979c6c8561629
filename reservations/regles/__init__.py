"""Les règles des réservations : le calendrier, les limites, les cases, et comment tout cela se dit.

Fonctions pures : ni base, ni horloge, ni requête.
"""

from .apercus import dire_refus, titre
from .calendrier import a_lieu, fermeture, jours_du_site
from .calendriers import activites_comptees, annee, bornes, mois
from .cases import (
    DELAI_EXCUSE,
    MODIFIABLES,
    MOTS,
    Faits,
    Statut,
    est_hors_delai,
    peut_excuser,
    phrase_case,
    phrase_refus,
    refus,
    statut,
)
from .copies import Copie, copier_enfant, copier_semaine
from .grille import UN_JOUR, CaseVue, EnfantVu, JourVu, Semaine, lire_cle, lire_retenues, lire_vu, semaine
from .limites import (
    CALENDAIRES,
    OUVERTURE,
    Calendrier,
    Limites,
    derniere_minute,
    instant_entier,
    jour_limite,
    limite,
    limites,
    phrase_limite,
)
from .mots import JOURS_COURTS, date_dite, instant_dit, nom_du_mois, quantieme, semaine_dite
from .rappels import SemaineARappeler, a_rappeler, est_habituelle, semaine_du_resume, soir_du_rappel
from .resumes import Groupe, Ligne, regrouper

__all__ = [
    "CALENDAIRES",
    "DELAI_EXCUSE",
    "JOURS_COURTS",
    "MODIFIABLES",
    "MOTS",
    "OUVERTURE",
    "UN_JOUR",
    "Calendrier",
    "CaseVue",
    "Copie",
    "EnfantVu",
    "Faits",
    "Groupe",
    "JourVu",
    "Ligne",
    "Limites",
    "Semaine",
    "SemaineARappeler",
    "Statut",
    "a_lieu",
    "a_rappeler",
    "activites_comptees",
    "annee",
    "bornes",
    "copier_enfant",
    "copier_semaine",
    "date_dite",
    "derniere_minute",
    "dire_refus",
    "est_habituelle",
    "est_hors_delai",
    "fermeture",
    "instant_dit",
    "instant_entier",
    "jour_limite",
    "jours_du_site",
    "limite",
    "limites",
    "lire_cle",
    "lire_retenues",
    "lire_vu",
    "mois",
    "nom_du_mois",
    "peut_excuser",
    "phrase_case",
    "phrase_limite",
    "phrase_refus",
    "quantieme",
    "refus",
    "regrouper",
    "semaine",
    "semaine_dite",
    "semaine_du_resume",
    "soir_du_rappel",
    "statut",
    "titre",
]

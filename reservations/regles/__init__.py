"""Les règles des réservations : le calendrier, les limites, les cases, et comment tout cela se dit.

Fonctions pures : ni base, ni horloge, ni requête.
"""

from commune.regles import UN_JOUR

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
from .grille import CaseVue, JourVu, Semaine, lire_vu, semaine
from .limites import CALENDAIRES, OUVERTURE, derniere_minute, instant_entier, jour_limite, limite, phrase_limite
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
    "CaseVue",
    "Faits",
    "Groupe",
    "JourVu",
    "Ligne",
    "Semaine",
    "SemaineARappeler",
    "Statut",
    "a_lieu",
    "a_rappeler",
    "activites_comptees",
    "annee",
    "bornes",
    "date_dite",
    "derniere_minute",
    "est_habituelle",
    "est_hors_delai",
    "fermeture",
    "instant_dit",
    "instant_entier",
    "jour_limite",
    "jours_du_site",
    "limite",
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
]

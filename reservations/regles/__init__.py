"""Les règles des réservations : le calendrier, les limites, les cases, et comment tout cela se dit.

Fonctions pures : ni base, ni horloge, ni requête.
"""

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
from .ensemble import Deja, Manque, Pas, Reglages, examiner
from .grille import CaseVue, JourVu, Semaine, lire_vu, semaine
from .limites import Calendrier, Limites, derniere_minute, jour_limite, limite, limites, phrase_limite
from .mots import JOURS_COURTS, date_dite, instant_dit, nom_du_mois, quantieme, semaine_dite
from .resumes import Groupe, Ligne, regrouper

__all__ = [
    "DELAI_EXCUSE",
    "JOURS_COURTS",
    "MODIFIABLES",
    "MOTS",
    "Calendrier",
    "CaseVue",
    "Deja",
    "Faits",
    "Groupe",
    "JourVu",
    "Ligne",
    "Limites",
    "Manque",
    "Pas",
    "Reglages",
    "Semaine",
    "Statut",
    "a_lieu",
    "activites_comptees",
    "annee",
    "bornes",
    "date_dite",
    "derniere_minute",
    "est_hors_delai",
    "examiner",
    "fermeture",
    "instant_dit",
    "jour_limite",
    "jours_du_site",
    "limite",
    "limites",
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
    "statut",
]

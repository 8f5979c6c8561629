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
from .evenements import DUREE_MAX, PAR_CLASSE, annonce, enumerer, jours_dits, revient_a
from .grille import CaseVue, JourVu, Semaine, lire_vu, semaine
from .limites import CALENDAIRES, OUVERTURE, derniere_minute, jour_limite, limite, phrase_limite
from .mots import JOURS_COURTS, date_dite, instant_dit, nom_du_mois, quantieme, semaine_dite
from .resumes import Groupe, Ligne, regrouper

__all__ = [
    "CALENDAIRES",
    "DELAI_EXCUSE",
    "DUREE_MAX",
    "JOURS_COURTS",
    "MODIFIABLES",
    "MOTS",
    "OUVERTURE",
    "PAR_CLASSE",
    "CaseVue",
    "Faits",
    "Groupe",
    "JourVu",
    "Ligne",
    "Semaine",
    "Statut",
    "a_lieu",
    "activites_comptees",
    "annee",
    "annonce",
    "bornes",
    "date_dite",
    "derniere_minute",
    "enumerer",
    "est_hors_delai",
    "fermeture",
    "instant_dit",
    "jour_limite",
    "jours_dits",
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
    "revient_a",
    "semaine",
    "semaine_dite",
    "statut",
]

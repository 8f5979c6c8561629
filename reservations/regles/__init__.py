"""Les règles des réservations : le calendrier, les limites, les cases, et comment tout cela se dit.

Fonctions pures : ni base, ni horloge, ni requête.
"""

from .attente import SORTIES, Attente, Candidat, fin_d_offre, ordre_d_attente, raison_de_sortir
from .calendrier import a_lieu, fermeture, jours_du_site
from .calendriers import activites_comptees, annee, bornes, mois
from .cases import (
    DELAI_EXCUSE,
    MODIFIABLES,
    MOTS,
    Faits,
    Statut,
    est_hors_delai,
    mene_a_la_liste,
    offre_en_cours,
    peut_attendre,
    peut_excuser,
    phrase_case,
    phrase_refus,
    refus,
    statut,
)
from .grille import CaseVue, JourVu, Semaine, lire_vu, semaine
from .limites import CALENDAIRES, OUVERTURE, derniere_minute, jour_limite, limite, limite_datee, phrase_limite
from .mots import JOURS_COURTS, date_dite, instant_dit, nom_du_mois, quantieme, rang_dit, semaine_dite
from .resumes import Groupe, Ligne, regrouper

__all__ = [
    "CALENDAIRES",
    "DELAI_EXCUSE",
    "JOURS_COURTS",
    "MODIFIABLES",
    "MOTS",
    "OUVERTURE",
    "SORTIES",
    "Attente",
    "Candidat",
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
    "bornes",
    "date_dite",
    "derniere_minute",
    "est_hors_delai",
    "fermeture",
    "fin_d_offre",
    "instant_dit",
    "jour_limite",
    "jours_du_site",
    "limite",
    "limite_datee",
    "lire_vu",
    "mene_a_la_liste",
    "mois",
    "nom_du_mois",
    "offre_en_cours",
    "ordre_d_attente",
    "peut_attendre",
    "peut_excuser",
    "phrase_case",
    "phrase_limite",
    "phrase_refus",
    "quantieme",
    "raison_de_sortir",
    "rang_dit",
    "refus",
    "regrouper",
    "semaine",
    "semaine_dite",
    "statut",
]

"""Les comptes et ce qu'ils ont consenti, demandé ou reçu ; et ce que la mairie lit en arrivant."""

from .comptes import (
    ChangementEmail,
    Compte,
    Consentement,
    DemandeCompte,
    Effacement,
    Invitation,
    TexteConsentement,
)
from .mairie import journee, piles, semaine

__all__ = [
    "ChangementEmail",
    "Compte",
    "Consentement",
    "DemandeCompte",
    "Effacement",
    "Invitation",
    "TexteConsentement",
    "journee",
    "piles",
    "semaine",
]

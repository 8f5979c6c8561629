"""La famille : le foyer, ses adultes, ses enfants, et ce qu'elle a dit d'eux."""

from .classes import ranger_par_classe
from .enfant import ROLES, Autorisation, Enfant, PersonneAutorisee, Rattachement
from .foyer import CODE_POSTAL, TELEPHONE, Adulte, Civilite, Famille, Quotient
from .garde import Echange, Garde, Gardes, PeriodeDeGarde, garde_des
from .sante import FicheSanitaire, LectureFiche

__all__ = [
    "CODE_POSTAL",
    "ROLES",
    "TELEPHONE",
    "Adulte",
    "Autorisation",
    "Civilite",
    "Echange",
    "Enfant",
    "Famille",
    "FicheSanitaire",
    "Garde",
    "Gardes",
    "LectureFiche",
    "PeriodeDeGarde",
    "PersonneAutorisee",
    "Quotient",
    "Rattachement",
    "garde_des",
    "ranger_par_classe",
]

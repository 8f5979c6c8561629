"""Les réservations dans l'administration : les séances, les réservations et leur journal, les excuses."""

from .delais import RegleDelaiAdmin
from .evenements import EvenementAdmin
from .excuses import ExcuseAdmin
from .ouvertures import OuvertureAdmin
from .reservations import MouvementAdmin, ReservationAdmin
from .seances import SeanceAdmin

__all__ = [
    "EvenementAdmin",
    "ExcuseAdmin",
    "MouvementAdmin",
    "OuvertureAdmin",
    "RegleDelaiAdmin",
    "ReservationAdmin",
    "SeanceAdmin",
]

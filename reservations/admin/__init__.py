"""Les réservations dans l'administration : les séances, les réservations et leur journal, les excuses."""

from .evenements import EvenementAdmin
from .excuses import ExcuseAdmin
from .reservations import MouvementAdmin, ReservationAdmin
from .seances import SeanceAdmin

__all__ = ["EvenementAdmin", "ExcuseAdmin", "MouvementAdmin", "ReservationAdmin", "SeanceAdmin"]

"""Les réservations dans l'administration : les séances, les réservations et leur journal, les excuses."""

from .excuses import ExcuseAdmin
from .ouvertures import OuvertureAdmin
from .reservations import MouvementAdmin, ReservationAdmin
from .seances import SeanceAdmin

__all__ = ["ExcuseAdmin", "MouvementAdmin", "OuvertureAdmin", "ReservationAdmin", "SeanceAdmin"]

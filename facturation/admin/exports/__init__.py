"""Ce qui sort vers d'autres : les exports et leur journal, les codes comptables, les recettes, les heures CAF."""

from . import codes, journal

__all__ = ["codes", "journal"]

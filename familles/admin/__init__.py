"""Les familles vues de la mairie."""

from . import enfants, famille, sante  # noqa: F401

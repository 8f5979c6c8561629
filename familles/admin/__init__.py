"""Les familles vues de la mairie."""

from . import enfants, famille, garde, sante  # noqa: F401

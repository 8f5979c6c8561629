"""Les activités et les inscriptions vues de la mairie."""

from . import activites, inscriptions  # noqa: F401

"""Ce que chaque gabarit sait de la commune."""

from django.core.cache import caches
from django.utils.functional import SimpleLazyObject

from .models import Commune


def courante():
    """La commune, relue au plus une fois par minute et par processus ; une fiche vide avant l'installation."""
    return caches["local"].get_or_set("commune", lambda: Commune.objects.first() or Commune(nom="Mairie", ville=""), 60)


def commune(request):
    return {"commune": SimpleLazyObject(courante)}

"""Ce que chaque gabarit sait de la commune."""

from django.core.cache import caches

from .models import Commune


def courante():
    """La commune, relue au plus une fois par minute et par processus ; une fiche vide avant l'installation."""
    return caches["local"].get_or_set("commune", lambda: Commune.objects.first() or Commune(nom="Mairie", ville=""), 60)


def commune(request):
    # Elle-même, et non une promesse : le cadre la lit vingt fois par page, et chaque lecture passerait par la promesse.
    return {"commune": courante()}

"""Les tâches de fond des réservations."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from reservations import actions


@app.task(name=actions.ANNONCER, queue="evenements", retry=RetryStrategy(max_attempts=20, linear_wait=30))
def annoncer(evenement):
    """Les courriels d'un événement appliqué ou levé. Interrompue, elle n'a rien envoyé : elle recommence."""
    actions.annoncer(evenement, timezone.now())

"""Les tâches de fond des réservations."""

from django.utils import timezone
from procrastinate.contrib.django import app

from reservations import actions


@app.periodic(cron="*/2 * * * *")
@app.task(name="tenir_les_listes", queueing_lock="tenir_les_listes", lock="tenir_les_listes")
def tenir_les_listes(timestamp):
    """Toutes les deux minutes : les offres sans réponse passent au suivant, les listes closes se disent."""
    actions.tenir_les_listes(timezone.now())

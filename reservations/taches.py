"""Ce que l'heure fait toute seule : tirer au sort, lever une file vide."""

from django.utils import timezone
from procrastinate.contrib.django import app

from reservations import actions
from reservations.models import Ouverture


@app.periodic(cron="* * * * *")
@app.task(name="ouvertures", queueing_lock="ouvertures", lock="ouvertures")
def ouvertures(timestamp):
    """Chaque minute. La file, elle, avance sans cette tâche : par ceux qui y sont."""
    maintenant = timezone.now()
    for ouverture in Ouverture.objects.a_tirer(maintenant):
        actions.tirer_au_sort(ouverture, None, maintenant)
    for ouverture in Ouverture.objects.files_ouvertes(maintenant):
        actions.finir_si_vide(ouverture.pk, maintenant)

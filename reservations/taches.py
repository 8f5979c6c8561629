"""Les tâches de fond des réservations : les listes d'attente, les ouvertures, les rappels, les événements."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from commune.actions import RECALCULER
from reservations import actions
from reservations.models import Ouverture


@app.periodic(cron="*/10 * * * *")
@app.task(name="rappels", queueing_lock="rappels", lock="rappels")
def rappels(timestamp):
    """Toutes les dix minutes, les règles disent s'il est l'heure ; l'heure d'été ne décale rien."""
    maintenant = timezone.now()
    echecs = actions.rappeler(maintenant)[1] + actions.resumer_la_semaine(maintenant)[1]
    if echecs:
        raise RuntimeError(f"{echecs} rappels ne sont pas partis : voir le journal du serveur.")


@app.periodic(cron="*/2 * * * *")
@app.task(name="tenir_les_listes", queueing_lock="tenir_les_listes", lock="tenir_les_listes")
def tenir_les_listes(timestamp):
    """Toutes les deux minutes : les offres sans réponse passent au suivant, les listes closes se disent."""
    actions.tenir_les_listes(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="ouvertures", queueing_lock="ouvertures", lock="ouvertures")
def ouvertures(timestamp):
    """Chaque minute : tirer au sort, lever une file vide. La file avance sans cette tâche, par ceux qui y sont."""
    maintenant = timezone.now()
    for ouverture in Ouverture.objects.a_tirer(maintenant):
        actions.tirer_au_sort(ouverture, None, maintenant)
    for ouverture in Ouverture.objects.files_ouvertes(maintenant):
        actions.finir_si_vide(ouverture.pk, maintenant)


@app.task(name=RECALCULER, lock=RECALCULER, retry=RetryStrategy(max_attempts=20, linear_wait=30))
def recalculer():
    """Les limites après un calendrier, des jours ou des heures changés. Relancée, elle ne trouve rien à faire."""
    actions.recalculer(timezone.now())


@app.task(name=actions.ANNONCER, queue="evenements", retry=RetryStrategy(max_attempts=20, linear_wait=30))
def annoncer(evenement):
    """Les courriels d'un événement appliqué ou levé. Interrompue, elle n'a rien envoyé : elle recommence."""
    actions.annoncer(evenement, timezone.now())

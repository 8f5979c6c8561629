"""La tâche de fond des inscriptions : le règlement paraît quand la commune change ce qu'il dit."""

from django.contrib.auth import get_user_model
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from commune.actions import PUBLIER
from inscriptions import actions


@app.task(name=PUBLIER, retry=RetryStrategy(max_attempts=20, linear_wait=30))
def publier(compte):
    """Le compte (sa clé) est celui qui l'a changé. Relancée, elle ne publie rien de plus."""
    actions.publier_reglement(get_user_model().objects.get(pk=compte), timezone.now())

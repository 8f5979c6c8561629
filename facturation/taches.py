"""Les tâches de fond de la facturation."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from facturation import actions
from facturation.models import Facturation, Impression
from reservations.actions import CREDITER


@app.periodic(cron="* * * * *")
@app.task(name="payfip", queueing_lock="payfip", lock="payfip", queue="facturation")
def payfip(timestamp):
    """Chaque minute, les paiements en suspens : une notification peut ne jamais venir."""
    actions.redemander(timezone.now())


@app.task(name=actions.TACHE, queue="facturation", retry=RetryStrategy(max_attempts=10, wait=30))
def facturer(mois):
    """Émet les factures du mois (« 2026-09-01 »). Interrompue, elle est reprise ; un refus s'affiche sur son suivi."""
    jour = dt.date.fromisoformat(mois)
    try:
        actions.facturer(jour, None, timezone.now())
    except ValidationError as refus:
        Facturation.objects.filter(mois=jour).update(incident=" ".join(refus.messages)[:500])
    else:
        actions.refaire_les_statistiques()


@app.task(name=actions.ANNONCER, queue="facturation", retry=RetryStrategy(max_attempts=10, linear_wait=30))
def annoncer(factures, facturation=None):
    """Écrit aux familles prélevées le montant, le jour et le mandat que leur facture annonce.

    ``facturation`` n'y sert qu'à retrouver la tâche dans la file.
    """
    actions.annoncer(factures)


@app.task(name=actions.PREVENIR, queue="facturation", retry=RetryStrategy(max_attempts=10, linear_wait=30))
def prevenir(factures, facturation=None):
    """Écrit aux familles que leur facture est arrivée ; ``facturation`` : comme ci-dessus."""
    actions.prevenir(factures)


@app.task(name=CREDITER, queue="facturation", retry=RetryStrategy(max_attempts=20, linear_wait=30))
def crediter(evenement):
    """Les avoirs d'un événement appliqué après coup, ou ce que la régie doit savoir de sa levée."""
    actions.crediter(evenement, timezone.now())


@app.task(name=actions.TACHE_RELANCES, queue="facturation", lock="relances",
          retry=RetryStrategy(max_attempts=10, wait=30))
def relancer(envoi):
    """Envoie des relances lancées par la régie. Interrompues, elles sont reprises au foyer suivant."""
    actions.envoyer_relances(envoi, timezone.now())


@app.task(name=actions.TACHE_IMPRESSION, queue="facturation", lock="impression",
          retry=RetryStrategy(max_attempts=3, wait=30))
def imprimer(impression):
    """Fait un fichier de factures à imprimer. Interrompue, elle est reprise ; un refus s'affiche où il se demande."""
    try:
        actions.imprimer(impression, timezone.now())
    except ValidationError as refus:
        Impression.objects.filter(pk=impression, terminee_le=None).update(incident=" ".join(refus.messages)[:500])


@app.task(name=actions.TACHE_PREVISION, queue="facturation", lock="prevision",
          retry=RetryStrategy(max_attempts=3, wait=30))
def prevoir(prevision):
    """Calcule l'aperçu d'un mois. Interrompue, elle le recommence ; un refus s'affiche où il se demande."""
    actions.calculer_prevision(prevision, timezone.now())


@app.task(name=actions.TACHE_EXPORT, queue="facturation", lock="export", retry=RetryStrategy(max_attempts=3, wait=30))
def exporter(demande):
    """Fait un export long. Interrompue, elle le recommence ; un refus s'affiche où il se demande."""
    actions.faire_export(demande, timezone.now())


@app.periodic(cron="42 6 * * *")
@app.task(name="recouvrement", queueing_lock="recouvrement", lock="recouvrement", queue="facturation")
def recouvrement(timestamp):
    """Chaque matin : les échéances passées se rappellent, et les relances partent si la régie l'a choisi."""
    actions.rappeler_les_echeances(timezone.now())
    actions.relancer_automatiquement(timezone.now())

"""Les tâches de fond du portail : reprendre ce qui s'est interrompu, faire le ménage."""

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from facturation.actions import purger_exports, purger_impressions, purger_previsions, suspendre_impayes
from portail import actions
from portail.courriel import PATIENCE

MOIS = 30 * 24  # heures


@app.periodic(cron="* * * * *")
@app.task(name="reprendre", queueing_lock="reprendre", pass_context=True)
async def reprendre(context, timestamp):
    """Remet dans la file les tâches d'un ouvrier mort sans prévenir (kill -9, panne de courant)."""
    taches = context.app.job_manager
    for tache in await taches.get_stalled_jobs(seconds_since_heartbeat=60):
        await taches.retry_job(tache)


@app.periodic(cron="17 3 * * *")
@app.task(name="menage", queueing_lock="menage")
def menage(timestamp):
    """La nuit : sessions finies, vieux essais de connexion, demandes sans réponse, factures à imprimer, exports."""
    call_command("clearsessions")
    call_command("axes_reset_logs", age=30, verbosity=0)
    actions.purger_demandes(timezone.now())
    actions.purger_invitations(timezone.now())
    purger_exports(timezone.now())
    purger_impressions(timezone.now())
    purger_previsions(timezone.now())


@app.periodic(cron="7 4 * * *")
@app.task(name="impayes", queueing_lock="impayes", lock="impayes")
def impayes(timestamp):
    """Chaque nuit : les foyers dont une facture attend trop, si la commune a choisi de suspendre leurs réservations."""
    suspendre_impayes(timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(name="conservation", queueing_lock="conservation", lock="conservation")
def conservation(timestamp):
    """Chaque nuit : la santé et les familles dont la conservation finit. Une famille qui échoue se voit ici."""
    bilan = actions.purger(timezone.now())
    if bilan.echecs:
        raise RuntimeError(f"{bilan.echecs} familles n'ont pas pu être effacées : voir le journal du serveur.")


@app.task(name=actions.EFFACER_FICHIERS, queue="fichiers", retry=PATIENCE)
def effacer_fichiers(noms):
    """Les fichiers privés d'une famille effacée. Un fichier déjà parti n'est pas une erreur."""
    for nom in noms:
        default_storage.delete(nom)


@app.periodic(cron="27 3 * * *")
@app.task(name="oublier_les_taches", queueing_lock="oublier_les_taches", pass_context=True)
async def oublier_les_taches(context, timestamp):
    """Une tâche en échec contient un courriel : un mois pour la regarder, pas davantage."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=MOIS, include_failed=True, include_cancelled=True, include_aborted=True
    )

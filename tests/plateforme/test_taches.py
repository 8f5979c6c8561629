"""Les tâches de fond : ce qui s'est interrompu reprend."""

import pytest
from django.core.mail import send_mail
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from portail import taches
from tests.conftest import travailler


@pytest.mark.django_db(transaction=True)
def test_une_tache_dont_l_ouvrier_est_mort_reprend(courriels):
    send_mail("Votre facture", "…", None, ["celine@exemple.fr"])
    with connection.cursor() as curseur:
        curseur.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
        )
        curseur.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", curseur.fetchone())
    assert courriels() == []

    taches.reprendre.defer(timestamp=0)
    travailler()
    assert [c["Subject"] for c in courriels()] == ["Votre facture"]


@pytest.mark.django_db(transaction=True)
def test_le_menage_et_l_oubli_se_font_sans_erreur():
    taches.menage.defer(timestamp=0)
    taches.oublier_les_taches.defer(timestamp=0)
    travailler()
    assert set(ProcrastinateJob.objects.values_list("status", flat=True)) == {"succeeded"}


def test_chaque_tache_periodique_est_connue_de_l_ouvrier():
    app.perform_import_paths()
    periodiques = {tache.task.name for tache in app.periodic_registry.periodic_tasks.values()}
    assert {"reprendre", "menage", "conservation", "oublier_les_taches", "tenir_les_listes", "payfip"} <= periodiques

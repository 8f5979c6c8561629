"""L'ouvrier tué pendant qu'il rappelle : le suivant finit, et aucune famille n'est rappelée deux fois."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from reservations.models import RappelEnvoye

from .test_rappels import DIMANCHE_18H, ecole, habitue  # noqa: F401 - la même école

FAMILLES = 40
# Un vrai ouvrier, dans son processus, à l'heure dite ; les courriels restent dans la file.
OUVRIER = """
import datetime, sys
import django
import time_machine
if __name__ == "__main__":
    django.setup()
    from procrastinate.contrib.django import app
    app.periodic_registry.periodic_tasks = {}
    with time_machine.travel(datetime.datetime.fromisoformat(sys.argv[1])):
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(queues=["default"], wait=False, install_signal_handlers=False, listen_notify=False)
"""


@pytest.fixture
def ouvrier(tmp_path):
    """Lance un ouvrier sur la base de l'essai, le dimanche à 18 h."""
    (tmp_path / "ouvrier.py").write_text(OUVRIER)
    reglages = connection.settings_dict
    base = f"postgresql://postgres@/{reglages['NAME']}?host={reglages['HOST'] or reglages['OPTIONS'].get('host', '')}"
    lances = []

    def lancer():
        lances.append(subprocess.Popen(
            [sys.executable, tmp_path / "ouvrier.py", DIMANCHE_18H.isoformat()],
            env=os.environ | {"PYTHONPATH": os.getcwd(), "DATABASE_URL": base},
        ))  # fmt: skip
        return lances[-1]

    yield lancer
    for processus in lances:
        processus.kill()
        processus.wait()


@pytest.mark.django_db(transaction=True)
def test_tue_en_plein_envoi_puis_relance_il_ne_rappelle_personne_deux_fois(ecole, courriels, ouvrier):  # noqa: F811
    for _ in range(FAMILLES):
        habitue(ecole)
    app.configure_task("rappels").defer(timestamp=0)
    premier, limite = ouvrier(), time.monotonic() + 60
    while RappelEnvoye.objects.count() < 3 and time.monotonic() < limite:
        time.sleep(0.005)
    premier.send_signal(signal.SIGKILL)
    assert premier.wait() == -signal.SIGKILL
    assert 3 <= RappelEnvoye.objects.count() < FAMILLES
    tache = ProcrastinateJob.objects.get(task_name="rappels")
    assert tache.status == "doing", "la tâche est restée à l'ouvrier mort"

    with connection.cursor() as curseur:  # son dernier signe de vie a deux minutes
        curseur.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 minutes'")
    app.configure_task("reprendre").defer(timestamp=0)
    assert ouvrier().wait(60) == 0
    tache = ProcrastinateJob.objects.get(task_name="rappels")
    assert (tache.status, tache.attempts) == ("succeeded", 2)
    assert RappelEnvoye.objects.count() == FAMILLES
    adresses = [message["To"] for message in courriels()]
    assert len(adresses) == len(set(adresses)) == FAMILLES

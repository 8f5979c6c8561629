"""``manage.py demo`` : le portail d'une ville inventée, sur cette machine, en une commande."""

import fcntl
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from facturation.models import Regie
from facturation.simulateur_particulier import JETON
from portail import surveillance
from portail.demo.montre import a_essayer


class Command(BaseCommand):
    help = "Lance la démonstration, tout compris. PORT= et VAR= choisissent le port et le dossier."
    requires_system_checks = []

    def handle(self, **options):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.debut = time.monotonic()
        hote, port = os.environ.get("HOTE", "127.0.0.1"), int(os.environ.get("PORT") or 8000)
        try:
            surveillance.exiger_port_libre(hote, port, "python3 manage.py demo")
            adresse = f"http://{'localhost' if hote in ('127.0.0.1', '0.0.0.0') else hote}:{port}"
            # Les liens des courriels : ceux du chargement, puis ceux des processus que l'on lance.
            settings.ADRESSE = os.environ["ADRESSE"] = adresse
            self.payfip = surveillance.port_suivant(hote, port)
            # Jamais celui de la DGFiP : ce que lisent les processus que l'on lance, et la page où ils mènent.
            ici = "127.0.0.1" if hote == "0.0.0.0" else hote
            os.environ["PAYFIP_URL"] = f"http://{ici}:{self.payfip}/tpa/services/securite"
            os.environ["PAYFIP_PAGE"] = f"{adresse.rpartition(':')[0]}:{self.payfip}/tpa/paiementws.web"
            self.particulier = surveillance.port_suivant(hote, self.payfip)
            os.environ["API_PARTICULIER_URL"] = f"http://{ici}:{self.particulier}"
            os.environ["API_PARTICULIER_JETON"] = JETON
            self.preparer()
            self.servir(hote, port, adresse)
        except surveillance.Refus as refus:
            raise CommandError(str(refus)) from refus
        except KeyboardInterrupt:
            self.dire("Arrêté avant la fin ; la prochaine fois reprendra.")

    def dire(self, message):
        self.stdout.write(f"{time.monotonic() - self.debut:5.1f} s  {message}")
        self.stdout.flush()

    def preparer(self):
        with open(settings.VAR / "demo.verrou", "a") as verrou:
            # Deux démonstrations lancées ensemble ne remplissent la ville qu'une fois.
            fcntl.flock(verrou, fcntl.LOCK_EX)
            with statiques_reunis():
                self.dire("Les tables de la base")
                call_command("installer", verbosity=0, stdout=io.StringIO())
                self.charger()

    def charger(self):
        """La ville entière, ou rien : interrompu, le chargement n'a pas eu lieu."""
        if get_user_model().objects.exists():
            return
        from portail.demo import charger_demo

        with transaction.atomic():
            charger_demo(dire=self.dire)

    def servir(self, hote, port, adresse):
        # Le service d'essai des quotients ne tourne que si la ville a gardé l'option.
        particulier = self.particulier if Regie.objects.filter(api_particulier=True).exists() else None
        contexte = {"adresse": adresse, "var": settings.VAR, "quotient": particulier, **a_essayer(timezone.now())}
        connection.close()
        self.dire("Le serveur et les tâches")
        with surveillance.Gardien(hote, port, os.cpu_count() or 1, self.payfip, particulier) as gardien:
            gardien.attendre_reponse(f"http://{hote}:{port}/connexion/")
            if not gardien.fin.is_set():
                self.dire("Prêt.")
                self.stdout.write(render_to_string("portail/demo.txt", contexte))
                self.stdout.flush()
                gardien.veiller()
            self.stdout.write("\nArrêt…")
        self.stdout.write("Tout est arrêté ; la ville est gardée pour la prochaine fois.")


@contextmanager
def statiques_reunis():
    """Réunit style et scripts dans var/static, pendant le reste, s'ils ont changé depuis la dernière fois."""
    cachet, etat = settings.VAR / "static.empreinte", etat_des_statiques()
    if cachet.exists() and cachet.read_text() == etat:
        yield
        return
    cachet.unlink(missing_ok=True)
    collecte = subprocess.Popen(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    except BaseException:
        collecte.terminate()
        raise
    if collecte.wait():
        raise CommandError("Style et scripts n'ont pas pu être réunis (voir ci-dessus).")
    cachet.write_text(etat)


def etat_des_statiques():
    etat = hashlib.sha256()
    for moteur in get_finders():
        for chemin, stockage in moteur.list([]):
            fichier = os.stat(stockage.path(chemin))
            etat.update(f"{chemin} {fichier.st_size} {fichier.st_mtime_ns}\n".encode())
    return etat.hexdigest()

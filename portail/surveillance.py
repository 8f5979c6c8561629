"""Le serveur HTTP et l'ouvrier des tâches : deux processus, tenus par celui qui les a lancés.

La démonstration en a deux autres : le guichet d'essai de PayFiP, et celui des quotients si la ville en a pris l'option.

Qui les lance les arrête ; s'il disparaît sans prévenir (kill -9), ils s'en aperçoivent et s'arrêtent
d'eux-mêmes.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

PATIENCE_ARRET = 8  # secondes laissées à chacun pour finir ce qu'il fait
VIE_COURTE = 10  # secondes : mort avant, un processus n'a pas vraiment démarré
CHUTES = 3  # démarrages manqués de suite avant de renoncer


class Refus(RuntimeError):
    """Une phrase pour qui lance la commande."""


def exiger_port_libre(hote, port, exemple):
    """À vérifier soi-même : granian partage volontiers un port déjà pris."""
    with socket.socket() as prise:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind((hote, port))
        except OSError as erreur:
            raise Refus(
                f"Le port {port} n'est pas libre ({erreur.strerror}). "
                f"Choisissez-en un autre : PORT={port + 1} {exemple}"
            ) from erreur


def port_suivant(hote, port):
    """Le premier port libre après celui-ci."""
    for suivant in range(port + 1, min(port + 100, 65536)):
        with socket.socket() as prise, suppress(OSError):
            prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            prise.bind((hote, suivant))
            return suivant
    raise Refus(f"Aucun port n'est libre après {port} pour les guichets d'essai. Choisissez un autre PORT.")


class Gardien:
    """Lance les processus, relance celui qui tombe, arrête tout au signal. Un port par guichet d'essai voulu."""

    def __init__(self, hote, port, ouvriers, payfip=None, particulier=None):
        self.roles = {"web": ["web", hote, str(port), str(ouvriers)], "taches": ["taches"]}
        if payfip:
            self.roles["payfip"] = ["payfip", hote, str(payfip)]
        if particulier:
            self.roles["particulier"] = ["particulier", hote, str(particulier)]
        self.vivants, self.naissances, self.chutes = {}, {}, dict.fromkeys(self.roles, 0)
        self.fin = threading.Event()

    def lancer(self, role):
        self.naissances[role] = time.monotonic()
        self.vivants[role] = subprocess.Popen(
            [sys.executable, "-m", "portail.surveillance", str(os.getpid()), *self.roles[role]],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # le Ctrl-C du terminal n'arrive qu'au gardien, qui arrête les autres
        )

    def __enter__(self):
        for nom in (signal.SIGINT, signal.SIGTERM):
            signal.signal(nom, lambda *_: self.fin.set())
        self.lancer("web")
        return self

    def attendre_reponse(self, url, secondes=30):
        """Rend la main dès que le serveur répond, quoi qu'il réponde, ou dès qu'on demande l'arrêt."""
        limite = time.monotonic() + secondes
        while time.monotonic() < limite and not self.fin.is_set():
            self.relever()
            try:
                urllib.request.urlopen(url, timeout=1.5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                self.fin.wait(0.1)
        if not self.fin.is_set():
            raise Refus(f"Le serveur ne répond pas à {url} après {secondes} secondes.")

    def veiller(self):
        """Jusqu'au signal d'arrêt. Le reste ne démarre qu'ici : le premier visiteur passe avant les tâches."""
        for role in self.roles:
            if role not in self.vivants:
                self.lancer(role)
        while not self.fin.wait(1):
            self.relever()

    def relever(self):
        """Relance ce qui est tombé ; renonce si cela tombe sans cesse."""
        for role, processus in list(self.vivants.items()):
            if processus.poll() is None or self.fin.is_set():
                continue
            tuer(processus)  # ses propres enfants, s'il en laisse
            breve = time.monotonic() - self.naissances[role] < VIE_COURTE
            self.chutes[role] = self.chutes[role] + 1 if breve else 1
            if self.chutes[role] >= CHUTES:
                raise Refus(f"« {role} » s'arrête aussitôt lancé (code {processus.returncode}).")
            self.lancer(role)

    def __exit__(self, *_):
        for processus in self.vivants.values():
            processus.terminate()
        limite = time.monotonic() + PATIENCE_ARRET
        for processus in self.vivants.values():
            with suppress(subprocess.TimeoutExpired):
                processus.wait(max(0.1, limite - time.monotonic()))
            tuer(processus)


def tuer(processus):
    """Tout le groupe du processus, né avec sa propre session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(processus.pid, signal.SIGKILL)
    processus.wait()


# --- Dans les processus lancés ---------------------------------------------------------------------------
def partir_avec(parent, code=signal.SIGTERM):
    """Un fil qui guette la mort du parent : le processus change alors de père."""

    def guetter():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), code)
        time.sleep(PATIENCE_ARRET)
        os._exit(1)

    threading.Thread(target=guetter, daemon=True).start()


def application():
    """Chargée par granian dans chacun de ses processus."""
    partir_avec(os.getppid(), signal.SIGKILL)
    from portail.wsgi import application

    return application


def web(hote, port, ouvriers):
    from granian import Granian
    from granian.constants import Interfaces

    import portail.wsgi  # noqa: F401 - chargé une fois, avant que granian ne se dédouble

    Granian(
        "portail.wsgi:application",
        address=hote,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(ouvriers),
        blocking_threads=1,
        workers_kill_timeout=3,  # sans lui, un arrêt sur huit reste pendu
        respawn_failed_workers=True,
        log_level="warning",
    ).serve(target_loader=application, wrap_loader=False)


def taches():
    import django

    django.setup()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()):
        # Une tâche réussie s'efface : son courriel n'a plus à rester dans la base.
        app.run_worker(concurrency=2, delete_jobs="successful", shutdown_graceful_timeout=PATIENCE_ARRET - 2)


def payfip(hote, port):
    """Le guichet d'essai, qui paie sans argent : à la démonstration seulement."""
    if not os.environ.get("DEMO"):
        sys.exit("Le guichet d'essai de PayFiP n'existe qu'à la démonstration.")
    from facturation.simulateur_payfip import ouvrir

    ouvrir(int(port), hote=hote).serve_forever()


def particulier(hote, port):
    """L'API Particulier d'essai, aux familles inventées : à la démonstration seulement."""
    if not os.environ.get("DEMO"):
        sys.exit("L'API Particulier d'essai n'existe qu'à la démonstration.")
    from facturation.simulateur_particulier import ouvrir

    ouvrir(int(port), hote=hote).serve_forever()


if __name__ == "__main__":
    parent, role, *arguments = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
    # Un arrêt pendant le démarrage passe lui aussi par atexit, qui rend PostgreSQL.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    partir_avec(int(parent))
    if "DATABASE_URL" not in os.environ and role not in ("payfip", "particulier"):
        from portail import postgres
        from portail.settings import VAR

        postgres.attacher(VAR / "postgres")
    {"web": web, "taches": taches, "payfip": payfip, "particulier": particulier}[role](*arguments)

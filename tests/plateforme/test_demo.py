"""``manage.py demo``, la vraie, dans un dossier à elle : premier départ, arrêt, kill -9, port pris."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

RACINE = Path(__file__).resolve().parent.parent.parent


def port_libre():
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return prise.getsockname()[1]


class Demo:
    """Une démonstration lancée, et ce qu'elle a écrit."""

    def __init__(self, var, port):
        self.var, self.port, self.journal = var, port, var.with_name("sortie.txt")
        env = {nom: valeur for nom, valeur in os.environ.items() if nom not in ("DATABASE_URL", "DEMO", "HTTPS")}
        self.processus = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=RACINE,
            env=env | {"VAR": str(var), "PORT": str(port), "DJANGO_SETTINGS_MODULE": "portail.settings"},
            stdout=self.journal.open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def texte(self):
        return self.journal.read_text()

    def attendre_prete(self, secondes):
        limite = time.monotonic() + secondes
        while "Ctrl-C arrête tout" not in self.texte():
            assert self.processus.poll() is None, self.texte()
            assert time.monotonic() < limite, self.texte()
            time.sleep(0.1)
        return self

    def page(self, chemin="/connexion/"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{chemin}", timeout=10) as reponse:
            return reponse.status, reponse.headers, reponse.read().decode()

    def finir(self, signal_, secondes=15):
        self.processus.send_signal(signal_)
        self.processus.wait(secondes)


def encore_la(var):
    """Les processus nés de cette démonstration, PostgreSQL compris, d'après leur environnement ou leurs arguments."""
    restes = []
    for dossier in Path("/proc").glob("[0-9]*"):
        try:
            vus = (dossier / "environ").read_bytes() + (dossier / "cmdline").read_bytes()
            mort = "\nState:\tZ" in (dossier / "status").read_text()
        except OSError:
            continue
        if str(var).encode() in vus and not mort and int(dossier.name) != os.getpid():
            restes.append((dossier / "cmdline").read_text().replace("\0", " "))
    return restes


def plus_rien(var, secondes=15):
    limite = time.monotonic() + secondes
    while restes := encore_la(var):
        assert time.monotonic() < limite, restes
        time.sleep(0.2)


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    """Le dossier d'une démonstration déjà partie une fois : la ville est chargée, les statiques réunis."""
    var = tmp_path_factory.mktemp("demo") / "var"
    demo = Demo(var, port_libre())
    try:
        demo.attendre_prete(300)  # sans limite serrée : la machine des essais est partagée
        demo.finir(signal.SIGINT)
    finally:
        demo.processus.kill()
    return var


@pytest.fixture
def lancer(var):
    lancees = []

    def lancer(port=None):
        lancees.append(Demo(var, port or port_libre()))
        return lancees[-1]

    yield lancer
    for demo in lancees:
        demo.processus.kill()
    plus_rien(var)


def test_elle_sert_la_page_et_son_style_dit_ou_aller_et_ctrl_c_ne_laisse_rien(lancer, var):
    demo = lancer().attendre_prete(20)
    assert f"http://localhost:{demo.port}" in demo.texte()
    assert "celine@demo.fr" in demo.texte()
    statut, _, page = demo.page()
    assert statut == 200

    style = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
    statut, entetes, _ = demo.page(style)
    assert (statut, entetes["Cache-Control"]) == (200, "max-age=315360000, public, immutable")

    demo.finir(signal.SIGINT)
    assert demo.processus.returncode == 0
    assert "Tout est arrêté" in demo.texte()
    assert "Traceback" not in demo.texte()
    assert encore_la(var) == []


def test_un_parent_y_paie_au_guichet_d_essai_qui_s_arrete_avec_elle(lancer, var):
    demo = lancer().attendre_prete(20)
    lances = "\n".join(attendre_le_guichet(var))
    guichet = re.search(r"surveillance \d+ payfip 127\.0\.0\.1 (\d+)", lances)[1]
    quotients = re.search(r"surveillance \d+ particulier 127\.0\.0\.1 (\d+)", lances)[1]  # la ville en a pris l'option
    assert len({demo.port, int(guichet), int(quotients)}) == 3
    with pytest.raises(urllib.error.HTTPError, match="401"):  # il répond, et demande son jeton
        urllib.request.urlopen(f"http://127.0.0.1:{quotients}/v3/dss/quotient_familial/identite", timeout=5)
    politique = demo.page()[1]["Content-Security-Policy"]
    assert f"form-action 'self' http://localhost:{guichet}" in politique  # « Payer » mène là, et nulle part ailleurs
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{guichet}/tpa/paiementws.web?idop=inconnu", timeout=5)
    demo.finir(signal.SIGINT)
    assert encore_la(var) == []
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{guichet}/", timeout=5)


def attendre_le_guichet(var, secondes=15):
    """Il démarre après le serveur, avec les tâches."""
    limite = time.monotonic() + secondes
    while not any(" payfip " in ligne for ligne in encore_la(var)):
        assert time.monotonic() < limite
        time.sleep(0.1)
    time.sleep(1)
    return encore_la(var)


def test_sigterm_arrete_tout_aussi(lancer, var):
    demo = lancer().attendre_prete(20)
    demo.finir(signal.SIGTERM)
    assert demo.processus.returncode == 0
    assert encore_la(var) == []


def test_un_kill_9_ne_laisse_rien_et_la_suivante_repart(lancer, var):
    port = port_libre()
    demo = lancer(port).attendre_prete(20)
    demo.finir(signal.SIGKILL)
    plus_rien(var)
    assert lancer(port).attendre_prete(20).page()[0] == 200


def test_un_port_pris_se_dit_en_une_phrase(lancer):
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        prise.listen()
        port = prise.getsockname()[1]
        demo = lancer(port)
        assert demo.processus.wait(20) == 1
    assert f"Le port {port} n'est pas libre" in demo.texte()
    assert f"PORT={port + 1} python3 manage.py demo" in demo.texte()
    assert "Traceback" not in demo.texte()


def test_elle_ne_charge_la_ville_qu_une_fois(lancer):
    demo = lancer().attendre_prete(20)
    assert "familles" not in demo.texte().split("Le portail est ouvert")[0]

"""PostgreSQL embarqué : il démarre une fois, sert tout le monde, s'arrête au dernier, survit aux kill -9."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from portail import postgres

RACINE = Path(postgres.__file__).resolve().parent.parent
ATTACHER = """
import sys, psycopg
from portail import postgres
url = postgres.attacher(sys.argv[1], fsync="off")
with psycopg.connect(url) as connexion:
    print(connexion.execute("SELECT current_database()").fetchone()[0], flush=True)
if sys.argv[2:]:
    sys.stdin.read()
"""


def attacher(dossier, *rester):
    return subprocess.Popen(
        [sys.executable, "-c", ATTACHER, str(dossier), *rester],
        cwd=RACINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def finir(processus):
    assert processus.communicate(timeout=60)[0] == "portail\n"
    assert processus.returncode == 0


def tourne(dossier):
    try:
        psycopg.connect(postgres.adresse(dossier)).close()
    except psycopg.OperationalError:
        return False
    return True


def pid_du_serveur(dossier):
    return int((dossier / "postmaster.pid").read_text().split("\n")[0])


@pytest.fixture
def dossier(tmp_path):
    return tmp_path / "var" / "postgres"


def test_huit_processus_lances_ensemble_ont_tous_la_base_et_le_dernier_l_arrete(dossier):
    for processus in [attacher(dossier) for _ in range(8)]:
        finir(processus)
    assert not tourne(dossier)


def test_un_postmaster_pid_qui_designe_un_autre_programme_est_oublie(dossier):
    finir(attacher(dossier))
    (dossier / "postmaster.pid").write_text(f"{os.getpid()}\n{dossier}\n1\n5432\n")
    finir(attacher(dossier))


def test_une_creation_interrompue_recommence(dossier):
    moitie = dossier.with_name("postgres.neuf")
    moitie.mkdir(parents=True)
    (moitie / "PG_VERSION").write_text("18")
    finir(attacher(dossier))


def test_apres_un_kill_du_serveur_la_base_revient_avec_ce_qui_etait_ecrit(dossier):
    present = attacher(dossier, "rester")
    assert present.stdout.readline() == "portail\n"
    with psycopg.connect(postgres.adresse(dossier), autocommit=True) as connexion:
        connexion.execute("CREATE TABLE essai AS SELECT 42 AS n")
        os.kill(pid_du_serveur(dossier), signal.SIGKILL)
    finir(attacher(dossier, "rester"))
    present.communicate()

    suivant = attacher(dossier, "rester")
    suivant.stdout.readline()
    with psycopg.connect(postgres.adresse(dossier)) as connexion:
        assert connexion.execute("SELECT n FROM essai").fetchone() == (42,)
    suivant.communicate()


def test_un_kill_de_qui_l_avait_lance_n_empeche_pas_le_suivant_de_l_arreter(dossier):
    premier = attacher(dossier, "rester")
    premier.stdout.readline()
    premier.kill()
    premier.communicate()
    assert tourne(dossier)
    finir(attacher(dossier))
    assert not tourne(dossier)


def test_il_reste_tant_que_quelqu_un_reste(dossier):
    premier = attacher(dossier, "rester")
    premier.stdout.readline()
    finir(attacher(dossier))
    assert tourne(dossier)
    premier.communicate()
    assert not tourne(dossier)


def test_un_chemin_trop_long_pour_un_socket_passe_par_un_dossier_court(tmp_path):
    dossier = tmp_path / ("un-tres-long-nom-de-dossier-" * 4) / "postgres"
    assert len(str(postgres.dossier_du_socket(dossier))) < postgres.LONGUEUR_SOCKET
    finir(attacher(dossier))


def test_rien_n_ecoute_sur_le_reseau_et_le_dossier_est_prive(dossier):
    present = attacher(dossier, "rester")
    present.stdout.readline()
    with psycopg.connect(postgres.adresse(dossier)) as connexion:
        assert connexion.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connexion.execute("SHOW random_page_cost").fetchone() == ("1.1",)
    assert dossier.stat().st_mode & 0o077 == 0
    present.communicate()


def test_un_serveur_qui_ne_peut_pas_demarrer_le_dit_avec_son_journal(dossier, monkeypatch):
    monkeypatch.setattr(postgres, "ESSAIS", 1)
    with pytest.raises(postgres.Indisponible, match="n'a pas démarré"):
        postgres.attacher(dossier, shared_buffers="une valeur absurde")


# --- Lancé par root, que PostgreSQL refuse -------------------------------------------------------------------------
UNSHARE, SETPRIV = ["unshare", "--user"], ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.mark.parametrize(
    ("cas", "euid", "a_root", "sait", "prefixe", "confie"),
    [
        ("un utilisateur ordinaire", 1000, False, {"unshare", "setpriv"}, [], False),
        ("root, et le noyau donne un espace à lui", 0, True, {"unshare", "setpriv"}, UNSHARE, False),
        ("root dans un conteneur qui refuse unshare", 0, True, {"setpriv"}, SETPRIV, True),
        ("root, le dossier déjà confié", 0, False, {"unshare", "setpriv"}, SETPRIV, False),
        ("root, sans unshare ni setpriv", 0, True, set(), None, True),
        ("root, devant le dossier d'un autre", 0, False, {"unshare"}, None, False),
    ],
)
def test_postgresql_ne_se_sait_jamais_root(monkeypatch, tmp_path, cas, euid, a_root, sait, prefixe, confie):
    donnees, confies = tmp_path / "var" / "postgres", []
    donnees.mkdir(parents=True)
    (donnees / "PG_VERSION").touch()
    monkeypatch.setattr(os, "geteuid", lambda: euid)
    monkeypatch.setattr(os, "chown", lambda chemin, uid, gid, follow_symlinks: confies.append((chemin, uid, gid)))
    monkeypatch.setattr(postgres, "_a_root", lambda dossier: a_root)
    monkeypatch.setattr(postgres, "_sait", lambda outil, *arguments: outil in sait)
    if prefixe is None:
        with pytest.raises(postgres.Indisponible, match="Lancez la commande sans être root, ou donnez DATABASE_URL"):
            postgres._prefixe(donnees)
    else:
        assert postgres._prefixe(donnees) == prefixe
    tout = [(chemin, 65534, 65534) for chemin in (donnees, donnees / "PG_VERSION")]
    assert confies == (tout if confie else [])
    if confie:
        assert donnees.parent.stat().st_mode & 0o777 == 0o711, "un autre traverse le dossier, et ne le lit pas"

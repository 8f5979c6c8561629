"""La production : ce qu'elle exige, ce qu'elle refuse, ce que ses réponses portent."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from portail.entetes import Discret
from portail.management.commands import serve
from portail.management.commands.test import en_parallele
from tests import fabriques

RACINE = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "DATABASE_URL": "postgresql://portail@base.exemple/portail",
    "SECRET_KEY": "une-longue-cle-de-production-qui-ne-sert-qu-aux-essais-0123456789",
    "CLES_FICHES": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "famille.exemple.fr",
    "ADRESSE": "https://famille.exemple.fr",
    "DEFAULT_FROM_EMAIL": "Mairie <mairie@exemple.fr>",
    "EMAIL_URL": "smtp+tls://mairie:secret@courrier.exemple:587",
}


def manage(tmp_path, *arguments, **env):
    env = {"PATH": os.environ["PATH"], "VAR": str(tmp_path / "var"), "SECRET_KEY_FALLBACKS": ""} | env
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=RACINE, env=env, capture_output=True, text=True, timeout=60
    )


def test_une_production_bien_reglee_n_a_aucune_remarque(tmp_path):
    fin = manage(tmp_path, "check", "--deploy", "--fail-level=WARNING", **PRODUCTION)
    assert (fin.returncode, fin.stderr) == (0, "")


@pytest.mark.parametrize("manquant", ["SECRET_KEY", "CLES_FICHES"])
def test_un_secret_qui_manque_arrete_tout(tmp_path, manquant):
    fin = manage(tmp_path, "check", **{nom: valeur for nom, valeur in PRODUCTION.items() if nom != manquant})
    assert fin.returncode != 0
    assert f"{manquant} manque" in fin.stderr


def test_une_machine_d_essai_ne_passe_pas_pour_une_production(tmp_path):
    fin = manage(tmp_path, "check", "--deploy")
    assert fin.returncode != 0
    assert "portail.E001" in fin.stderr


@pytest.mark.parametrize("reglage", ["PAYFIP_URL", "PAYFIP_PAGE"])
def test_le_guichet_d_essai_ne_passe_pas_en_production(tmp_path, reglage):
    fin = manage(tmp_path, "check", "--deploy", **PRODUCTION | {reglage: "http://127.0.0.1:8001/tpa"})
    assert fin.returncode != 0
    assert "portail.E003" in fin.stderr


def test_une_api_particulier_d_essai_ne_passe_pas_en_production(tmp_path):
    fin = manage(tmp_path, "check", "--deploy", **PRODUCTION | {"API_PARTICULIER_URL": "http://127.0.0.1:8002"})
    assert fin.returncode != 0
    assert "portail.E004" in fin.stderr


@pytest.mark.parametrize("role", ["payfip", "particulier"])
def test_un_guichet_d_essai_ne_se_lance_pas_hors_de_la_demonstration(tmp_path, role):
    fin = subprocess.run(
        [sys.executable, "-m", "portail.surveillance", str(os.getpid()), role, "127.0.0.1", "0"], cwd=RACINE,
        env={"PATH": os.environ["PATH"], "VAR": str(tmp_path / "var")}, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert fin.returncode == 1
    assert "n'existe qu'à la démonstration" in fin.stderr


def test_une_machine_d_essai_garde_ses_secrets_pour_elle(tmp_path):
    assert manage(tmp_path, "check").returncode == 0
    secret = tmp_path / "var" / "secret_key"
    avant = secret.read_text()
    assert manage(tmp_path, "check").returncode == 0
    assert secret.read_text() == avant
    assert secret.stat().st_mode & 0o077 == 0


@pytest.fixture
def installee(settings, tmp_path, monkeypatch):
    """Une production prête à servir, dont on retire ensuite une pièce."""
    monkeypatch.setattr(serve, "call_command", lambda *a, **k: None)
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").touch()


@pytest.mark.django_db
def test_serve_accepte_une_installation_complete(installee):
    serve.Command().exiger_une_production()


@pytest.mark.django_db
def test_serve_refuse_les_comptes_de_la_demonstration(installee):
    fabriques.compte(email="celine@demo.fr")
    with pytest.raises(CommandError, match="démonstration"):
        serve.Command().exiger_une_production()


@pytest.mark.django_db
def test_serve_refuse_sans_les_statiques(installee, settings, tmp_path):
    (tmp_path / "staticfiles.json").unlink()
    with pytest.raises(CommandError, match="collectstatic"):
        serve.Command().exiger_une_production()


@pytest.mark.django_db
def test_serve_refuse_une_machine_d_essai():
    with pytest.raises(CommandError, match=r"portail\.E001"):
        call_command("serve")


@pytest.mark.django_db
def test_une_page_porte_ses_protections(client):
    reponse = client.get("/admin/login/")
    assert "no-store" in reponse["Cache-Control"]
    assert "'unsafe-eval'" in reponse["Content-Security-Policy"]

    reponse = client.get("/n-existe-pas/")
    assert reponse["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in reponse["Content-Security-Policy"]
    assert "unsafe" not in reponse["Content-Security-Policy"]
    assert "worker-src 'self' blob:" in reponse["Content-Security-Policy"]
    assert reponse["X-Frame-Options"] == "DENY"
    assert "camera=()" in reponse["Permissions-Policy"]


def test_les_journaux_ne_citent_pas_le_courriel_d_une_tache():
    ligne = logging.LogRecord("procrastinate.worker", logging.ERROR, "", 1, "Job courriel[7](to=celine@…)", (), None)
    ligne.job, ligne.action = {"task_name": "courriel", "id": 7}, "job_error"
    Discret().filter(ligne)
    assert ligne.getMessage() == "job_error : courriel n° 7"


@pytest.mark.parametrize(
    ("demandes", "attendu"),
    [
        ([], ["-n", "2"]),
        (["tests/commune"], ["-n", "2"]),
        (["tests/commune/test_regles.py"], []),
        (["tests/commune/test_regles.py::test_x", "-k", "pont"], []),
        (["a.py", "b.py"], ["-n", "2"]),
        (["-n", "0"], []),
        (["-n4", "tests"], []),
    ],
)
def test_deux_processus_sauf_pour_un_seul_fichier(demandes, attendu):
    assert en_parallele(demandes) == attendu

"""La préparation de l'environnement : elle décide sans rien installer quand il n'y a rien à faire."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import preparation

FIGE = "django==5.2.99 \\\n    --hash=sha256:00\n"


class Relance(Exception):
    pass


@pytest.fixture
def projet(tmp_path, monkeypatch):
    """Un projet vide, où tout ce que la préparation ferait est noté au lieu d'être fait."""
    for nom, valeur in {
        "RACINE": tmp_path,
        "VAR": tmp_path / "var",
        "VENV": tmp_path / ".venv",
        "PYTHON": tmp_path / ".venv" / "bin" / "python",
        "CACHET": tmp_path / ".venv" / "prepare",
    }.items():
        monkeypatch.setattr(preparation, nom, valeur)
    (tmp_path / "requirements.txt").write_text(FIGE)
    (tmp_path / "requirements-dev.txt").write_text(FIGE + "pytest==9.0\n")
    installes = []

    def installer(fichier):
        installes.append(fichier.name)
        preparation.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        preparation.PYTHON.touch()
        preparation.CACHET.write_text(preparation.empreinte(fichier.name))

    def relancer():
        raise Relance

    monkeypatch.setattr(preparation, "installer", installer)
    monkeypatch.setattr(preparation, "relancer", relancer)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("PORTAIL_PRET", raising=False)
    return installes


def test_une_machine_nue_installe_puis_relance(projet):
    with pytest.raises(Relance):
        preparation.preparer()
    assert projet == ["requirements.txt"]


def test_un_environnement_a_jour_n_est_pas_touche(projet):
    with pytest.raises(Relance):
        preparation.preparer()
    with pytest.raises(Relance):
        preparation.preparer()
    assert projet == ["requirements.txt"]


def test_les_essais_demandent_leurs_outils_en_plus(projet):
    with pytest.raises(Relance):
        preparation.preparer()
    with pytest.raises(Relance):
        preparation.preparer(essais=True)
    assert projet == ["requirements.txt", "requirements-dev.txt"]


def test_qui_a_les_outils_d_essai_les_garde(projet):
    (preparation.VENV / "bin").mkdir(parents=True)
    (preparation.VENV / "bin" / "pytest").touch()
    with pytest.raises(Relance):
        preparation.preparer()
    assert projet == ["requirements-dev.txt"]


def test_une_dependance_changee_reinstalle(projet):
    with pytest.raises(Relance):
        preparation.preparer()
    (preparation.RACINE / "requirements.txt").write_text(FIGE + "un-de-plus==1\n")
    with pytest.raises(Relance):
        preparation.preparer()
    assert projet == ["requirements.txt"] * 2


@pytest.mark.parametrize("variable", ["DATABASE_URL", "PORTAIL_PRET"])
def test_quelqu_un_d_autre_a_prepare(projet, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    preparation.preparer()
    assert projet == []


CONDITION = "brotlicffi==1.2 ; platform_python_implementation != 'CPython' \\\n    --hash=sha256:00\n"


def test_tout_a_sa_version_figee_hors_de_venv_suffit(projet, monkeypatch):
    """Une ligne à condition n'est pas exigée : elle est peut-être d'une autre machine."""
    (preparation.RACINE / "requirements.txt").write_text(FIGE + CONDITION + "granian==2.8 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(preparation, "version", {"django": "5.2.99", "granian": "2.8"}.get)
    preparation.preparer()
    assert projet == []


@pytest.mark.parametrize(
    "trouve", [{}, {"django": "5.2.1", "granian": "2.8"}, {"django": "5.2.99"}, {"django": "5.2.99", "granian": "2.7"}]
)
def test_un_paquet_absent_ou_d_une_autre_version_ne_suffit_pas(projet, monkeypatch, trouve):
    (preparation.RACINE / "requirements.txt").write_text(FIGE + "granian==2.8 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(preparation, "version", trouve.get)
    with pytest.raises(Relance):
        preparation.preparer()
    assert projet == ["requirements.txt"]


def test_chaque_version_figee_est_lue(monkeypatch):
    """Le vrai fichier : autant de paquets que de lignes « nom==version », à condition ou non."""
    fichier = Path(preparation.__file__).parent / "requirements.txt"
    lignes = [ligne for ligne in fichier.read_text().splitlines() if "==" in ligne and not ligne.startswith(" ")]
    lus = dict(preparation.versions_figees(fichier))
    assert {"django", "granian", "psycopg", "procrastinate", "typst"} <= lus.keys()
    assert len(lus) == len([ligne for ligne in lignes if ";" not in ligne]) > 40


def test_un_python_sans_ensurepip_dit_le_paquet_a_installer(monkeypatch):
    monkeypatch.setattr(preparation.util, "find_spec", lambda nom: None)
    with pytest.raises(SystemExit, match=r"apt-get install python3\.\d+-venv"):
        preparation.creer_sans_uv()


def test_un_python_trop_vieux_le_dit(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"Il faut Python 3\.11"):
        preparation.preparer()


def test_la_preparation_n_importe_que_la_bibliotheque_standard():
    """Avec -S, rien de ce qui est installé n'est visible."""
    code = "import preparation, manage"
    racine = Path(preparation.__file__).parent
    env = {"PATH": os.environ["PATH"]}
    assert subprocess.run([sys.executable, "-S", "-c", code], cwd=racine, env=env).returncode == 0


def test_les_versions_figees_ont_leurs_empreintes_et_aucune_adresse():
    racine = Path(preparation.__file__).parent
    for nom in ("requirements.txt", "requirements-dev.txt", "requirements-s3.txt"):
        texte = (racine / nom).read_text()
        assert "http" not in texte
        assert "index" not in texte
        assert texte.count("==") <= texte.count("--hash=sha256:")

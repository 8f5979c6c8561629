"""Ce que pip n'apporte pas : installé par root sur Debian, sinon dit ; jamais un essai qui saute en silence."""

import os
import sys
from types import SimpleNamespace

import pytest

from portail import systeme
from portail.management.commands import test as commande_test

TOUT = ["Chromium", "Poppler"]
PAQUETS = "chromium poppler-utils"
INSTALLER = f"apt-get install -y -q --no-install-recommends {PAQUETS}"
METTRE_A_JOUR = "apt-get update -q"
BREW = "brew install --cask chromium && brew install poppler"


class Machine:
    """Une machine dont on choisit tout : qui l'on est, ce qu'elle a, ce que ses ``apt-get install`` rendent."""

    def __init__(self, monkeypatch, euid, apt, systeme_, presents=(), rendus=()):
        self.presents, self.rendus, self.lances, self.dits = set(presents), list(rendus), [], []
        for nom in TOUT:
            monkeypatch.setattr(systeme, nom.lower(), lambda nom=nom: nom in self.presents)
        monkeypatch.setattr(os, "geteuid", lambda: euid)
        monkeypatch.setattr(systeme.shutil, "which", lambda outil: "/usr/bin/apt-get" if apt else None)
        monkeypatch.setattr(systeme.subprocess, "run", self.lancer)
        monkeypatch.setattr(sys, "platform", systeme_)

    def lancer(self, commande, env, **options):
        assert env["DEBIAN_FRONTEND"] == "noninteractive", "apt-get ne pose aucune question"
        self.lances.append(" ".join(commande))
        code = self.rendus.pop(0) if "install" in commande else 0
        if "install" in commande and code == 0:
            self.presents |= {nom for nom in TOUT if systeme.DEBIAN[nom] in commande}
        return SimpleNamespace(returncode=code, stderr="E: paquet introuvable")


@pytest.mark.parametrize(
    ("cas", "machine", "lances", "manque", "a_taper"),
    [
        ("tout est là", (0, True, "linux", TOUT), [], [], None),
        ("root sur Debian", (0, True, "linux", [], [0]), [INSTALLER], [], None),
        ("une machine neuve, sans liste de paquets", (0, True, "linux", [], [100, 0]),
         [INSTALLER, METTRE_A_JOUR, INSTALLER], [], None),
        ("root, mais apt-get ne trouve pas", (0, True, "linux", [], [100, 100]),
         [INSTALLER, METTRE_A_JOUR, INSTALLER], TOUT, f"sudo apt-get install {PAQUETS}"),
        ("pas root", (1000, True, "linux", []), [], TOUT, f"sudo apt-get install {PAQUETS}"),
        ("pas root, il ne manque que Poppler", (1000, True, "linux", ["Chromium"]), [], ["Poppler"],
         "sudo apt-get install poppler-utils"),
        ("macOS", (501, False, "darwin", []), [], TOUT, BREW),
    ],
)  # fmt: skip
def test_ce_qui_manque_s_installe_ou_se_dit(monkeypatch, cas, machine, lances, manque, a_taper):
    ici = Machine(monkeypatch, *machine)
    assert systeme.completer(TOUT, ici.dits.append) == manque
    assert ici.lances == lances
    debut = ["Installation de Chromium et Poppler (apt-get)…"] if lances else []
    assert ici.dits == debut + ([f"Il manque {' et '.join(manque)} :\n    {a_taper}"] if manque else [])


@pytest.fixture
def pytest_lance(monkeypatch):
    """Les arguments que pytest aurait reçus ; rien, s'il n'est pas lancé."""
    lances = []
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", os.environ.get("DJANGO_SETTINGS_MODULE", "tests.reglages"))
    monkeypatch.setattr(os, "execv", lambda python, arguments: lances.append(arguments[1:]))
    monkeypatch.setattr(os, "chdir", lambda dossier: None)
    return lances


def test_les_essais_ne_commencent_pas_a_moitie(monkeypatch, pytest_lance):
    """Sans Poppler, des dizaines d'essais échoueraient un à un sur un fichier introuvable."""
    monkeypatch.setattr(systeme, "completer", lambda noms, dire: ["Poppler"])
    with pytest.raises(SystemExit, match=r"^Les essais n'ont pas commencé"):
        commande_test.Command().run_from_argv(["manage.py", "test"])
    assert pytest_lance == []


def test_les_essais_commencent_quand_tout_est_la(monkeypatch, pytest_lance):
    demandes = []
    monkeypatch.setattr(systeme, "completer", lambda noms, dire: demandes.extend(noms) or [])
    commande_test.Command().run_from_argv(["manage.py", "test", "-k", "mois"])
    assert demandes == TOUT
    assert pytest_lance == [["-m", "pytest", "-n", "2", "-k", "mois"]]

"""Ce que pip n'apporte pas aux essais : Chromium et Poppler, par qui ils voient les pages et les PDF."""

import os
import shutil
import subprocess
import sys

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
DEBIAN = {
    "Chromium": "chromium",
    "Poppler": "poppler-utils",
}
HOMEBREW = {"Chromium": "--cask chromium", "Poppler": "poppler"}


def chromium():
    """Le chemin du navigateur, ou None."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def poppler():
    """Le chemin de ``pdftotext``, ou None."""
    return shutil.which("pdftotext")


def manquants(noms):
    presents = {"Chromium": chromium, "Poppler": poppler}
    return [nom for nom in noms if not presents[nom]()]


def commande(noms):
    """Ce qu'il faut taper pour avoir ``noms``."""
    if sys.platform == "darwin":
        return " && ".join(f"brew install {HOMEBREW[nom]}" for nom in noms)
    return "sudo apt-get install " + " ".join(DEBIAN[nom] for nom in noms)


def completer(noms, dire):
    """Installe ce qui manque si l'on est root sur Debian, sinon dit comment. Rend ce qui manque encore."""
    absents = manquants(noms)
    if absents and os.geteuid() == 0 and shutil.which("apt-get"):
        dire(f"Installation de {' et '.join(absents)} (apt-get)…")
        _apt(*(DEBIAN[nom] for nom in absents))
        absents = manquants(noms)
    if absents:
        dire(f"Il manque {' et '.join(absents)} :\n    {commande(absents)}")
    return absents


def _apt(*paquets):
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *paquets]
    if subprocess.run(apt, env=env, capture_output=True).returncode:
        # Une machine neuve n'a pas encore la liste des paquets.
        subprocess.run(["apt-get", "update", "-q"], env=env, capture_output=True)
        fin = subprocess.run(apt, env=env, capture_output=True, text=True)
        if fin.returncode:
            print(fin.stderr.strip(), file=sys.stderr)

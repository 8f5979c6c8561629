"""Ce que pip n'apporte pas : Pango pour les PDF ; Chromium et Poppler, par qui les essais voient pages et PDF."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
DEBIAN = {
    "Pango": ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"],
    "Chromium": ["chromium"],
    "Poppler": ["poppler-utils"],
}
HOMEBREW = {"Pango": "pango", "Chromium": "--cask chromium", "Poppler": "poppler"}


def pango():
    """Les trois bibliothèques que WeasyPrint ouvre ; vrai si toutes s'ouvrent."""
    return all(_ouvre(nom) for nom in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))


def _ouvre(nom):
    for fichier in (f"lib{nom}.so.0", f"lib{nom}.0.dylib", ctypes.util.find_library(nom)):
        try:
            if fichier:
                ctypes.CDLL(fichier)
                return True
        except OSError:
            continue
    return False


def chromium():
    """Le chemin du navigateur, ou None."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def poppler():
    """Le chemin de ``pdftotext``, ou None."""
    return shutil.which("pdftotext")


def manquants(noms):
    presents = {"Pango": pango, "Chromium": chromium, "Poppler": poppler}
    return [nom for nom in noms if not presents[nom]()]


def commande(noms):
    """Ce qu'il faut taper pour avoir ``noms``."""
    if sys.platform == "darwin":
        return " && ".join(f"brew install {HOMEBREW[nom]}" for nom in noms)
    return "sudo apt-get install " + " ".join(paquet for nom in noms for paquet in DEBIAN[nom])


def completer(noms, dire):
    """Installe ce qui manque si l'on est root sur Debian, sinon dit comment. Rend ce qui manque encore."""
    absents = manquants(noms)
    if absents and os.geteuid() == 0 and shutil.which("apt-get"):
        dire(f"Installation de {' et '.join(absents)} (apt-get)…")
        _apt(*(paquet for nom in absents for paquet in DEBIAN[nom]))
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

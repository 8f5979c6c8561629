"""Prépare l'environnement Python du projet, une fois : .venv et les versions figées par leurs empreintes.

Bibliothèque standard seulement. Ne fait rien quand tout est déjà là, ou quand quelqu'un d'autre s'en charge :
DATABASE_URL donnée, PORTAIL_PRET=1 (un conteneur), ou tout ce qui est figé importable à sa version.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path

RACINE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("VAR") or RACINE / "var").resolve()
VENV = RACINE / ".venv"
PYTHON = VENV / "bin" / "python"
CACHET = VENV / "prepare"  # écrit en dernier : l'empreinte de ce qui est installé


def preparer(essais=False):
    """Rend la main dans un Python complet ; au besoin installe, puis relance la même commande dans .venv."""
    if sys.version_info < (3, 11):  # noqa: UP036 - c'est ici qu'on le dit
        sys.exit("Il faut Python 3.11 ou plus ; celui-ci est {}.{}.".format(*sys.version_info[:2]))
    essais = essais or (VENV / "bin" / "pytest").exists()  # ne pas reprendre ses outils à qui les a déjà
    fichier = RACINE / ("requirements-dev.txt" if essais else "requirements.txt")
    if prepare_par_un_autre(fichier):
        if util.find_spec("django"):
            return
        if a_jour(essais) and not dans_le_venv():
            relancer()
        sys.exit(
            "Ce Python n'a pas Django, et DATABASE_URL ou PORTAIL_PRET dit qu'un autre s'en occupe. "
            f"Lancez le bon Python, ou : pip install --require-hashes -r {fichier.name}"
        )
    if not a_jour(essais):
        with un_seul_a_la_fois():
            if not a_jour(essais):  # un autre processus vient peut-être de le faire
                installer(fichier)
        relancer()
    if not dans_le_venv():
        relancer()


def prepare_par_un_autre(fichier):
    if "DATABASE_URL" in os.environ or os.environ.get("PORTAIL_PRET"):
        return True
    return not dans_le_venv() and all(version(nom) == figee for nom, figee in versions_figees(fichier))


def dans_le_venv():
    return Path(sys.prefix).resolve() == VENV.resolve()


def version(paquet):
    try:
        return metadata.version(paquet)
    except metadata.PackageNotFoundError:
        return None


def versions_figees(fichier):
    """``[(paquet, version)]``, moins les lignes à condition (``; …``), qui ne valent pas sur toutes les machines."""
    return re.findall(r"^([\w.-]+)==(\S+) \\$", fichier.read_text(), re.MULTILINE)


def empreinte(nom):
    return hashlib.sha256((RACINE / nom).read_bytes()).hexdigest()


def a_jour(essais):
    if not PYTHON.exists() or not CACHET.exists():
        return False
    suffisants = {empreinte("requirements-dev.txt")} | (set() if essais else {empreinte("requirements.txt")})
    return CACHET.read_text() in suffisants


def relancer():
    os.execv(PYTHON, [str(PYTHON), *sys.argv])


@contextmanager
def un_seul_a_la_fois():
    import fcntl

    VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(VAR / "preparation.verrou", "a") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        yield


def installer(fichier):
    """Crée .venv et y installe ``fichier`` ; dit ce qu'il fait, et quel paquet installer s'il ne peut pas."""
    debut = time.monotonic()
    uv = shutil.which("uv")
    dire(f"Préparation de .venv, une fois ({fichier.name}, avec {'uv' if uv else 'pip'})…")
    CACHET.unlink(missing_ok=True)
    if uv:
        if not PYTHON.exists():
            lancer(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
        lancer(uv, "pip", "sync", "--require-hashes", "--python", str(PYTHON), str(fichier))
    else:
        if not PYTHON.exists() or subprocess.run([PYTHON, "-m", "pip", "-V"], capture_output=True).returncode:
            creer_sans_uv()
        avec_pip(fichier)
    CACHET.write_text(empreinte(fichier.name))
    dire(f"Environnement prêt en {time.monotonic() - debut:.0f} s.")


def creer_sans_uv():
    if not util.find_spec("ensurepip") or not util.find_spec("venv"):
        paquet = "python{}.{}-venv".format(*sys.version_info[:2])
        sys.exit(
            "Ce Python ne sait pas créer d'environnement. Installez ce qui manque, puis recommencez :\n"
            f"    sudo apt-get install {paquet}"
        )
    lancer(sys.executable, "-m", "venv", "--clear", str(VENV))


def avec_pip(fichier):
    """pip sans son bavardage, mais avec un compteur : la première fois dure une demi-minute."""
    total = len(re.findall(r"^\S+==", fichier.read_text(), re.MULTILINE))
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    commande = [*pip, "install", "--no-compile", "--require-hashes", "-r", fichier]
    vus, lignes = 0, []
    with subprocess.Popen(commande, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as execution:
        for ligne in execution.stdout:
            lignes.append(ligne)
            if ligne.startswith(("Collecting", "Requirement already")):
                vus += 1
                if sys.stderr.isatty() or vus % 20 == 0:
                    dire(f"  {vus}/{total} paquets", fin="\r" if sys.stderr.isatty() else "\n")
    if execution.returncode:
        sys.exit("".join(lignes[-15:]) + "\nL'installation a échoué ; recommencez une fois la cause levée.")


def lancer(*commande):
    if subprocess.call(commande, stdout=sys.stderr):
        sys.exit("L'installation a échoué (voir ci-dessus) ; recommencez une fois la cause levée.")


def dire(texte, fin="\n"):
    print(texte, file=sys.stderr, end=fin, flush=True)

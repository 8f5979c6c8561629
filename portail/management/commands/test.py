"""``manage.py test [chemin] [-k …]`` : pytest, avec ce qu'il lui faut autour."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from portail import systeme


class Command(BaseCommand):
    help = "Lance les essais ; tout ce qui suit est donné à pytest. VAR= choisit le dossier de travail."

    def run_from_argv(self, argv):
        demandes = argv[2:]
        if systeme.completer(["Chromium", "Poppler"], lambda message: print(message, flush=True)):
            sys.exit("Les essais n'ont pas commencé : ils ouvrent de vraies pages et de vrais PDF.")
        os.chdir(settings.BASE_DIR)
        del os.environ["DJANGO_SETTINGS_MODULE"]  # les essais ont les leurs, tests/reglages.py
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *en_parallele(demandes), *demandes])


def en_parallele(demandes):
    """Deux processus, sauf pour un seul fichier ou si l'on a choisi soi-même."""
    if any(mot.startswith(("-n", "--pdb", "-h", "--help", "--co", "--version")) for mot in demandes):
        return []
    un_seul_fichier = any(".py" in mot for mot in demandes) and sum(".py" in mot for mot in demandes) == 1
    return [] if un_seul_fichier else ["-n", "2"]

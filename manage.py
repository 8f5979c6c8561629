#!/usr/bin/env python3
"""La porte du projet : `python3 manage.py demo` pour essayer, `python3 manage.py test` pour vérifier."""

import os
import sys

import preparation

# Ce qui se fait sans base : inutile d'y démarrer PostgreSQL.
SANS_BASE = {"help", "version", "--help", "--version", "check", "collectstatic", "test"}


def main():
    commande = sys.argv[1] if len(sys.argv) > 1 else "help"
    preparation.preparer(essais=commande == "test")  # l'environnement Python, la première fois seulement

    if "DATABASE_URL" not in os.environ and commande not in SANS_BASE:
        from portail import postgres

        try:
            postgres.attacher(preparation.VAR / "postgres")
        except (postgres.Indisponible, PermissionError) as refus:
            sys.exit(str(refus))

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
    if commande == "demo":
        os.environ["DEMO"] = "1"  # avant de lire les réglages
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

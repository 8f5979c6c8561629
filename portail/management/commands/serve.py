"""``manage.py serve`` : la production. Le serveur HTTP et l'ouvrier des tâches, jusqu'au signal d'arrêt."""

import os

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portail import surveillance


class Command(BaseCommand):
    help = "Sert le portail, HTTP et tâches de fond. HOTE=, PORT=, OUVRIERS= : l'adresse et le nombre."

    def handle(self, **options):
        hote, port = os.environ.get("HOTE", "127.0.0.1"), int(os.environ.get("PORT") or 8000)
        ouvriers = int(os.environ.get("OUVRIERS") or os.cpu_count() or 1)
        self.exiger_une_production()
        connection.close()
        try:
            surveillance.exiger_port_libre(hote, port, "manage.py serve")
            with surveillance.Gardien(hote, port, ouvriers) as gardien:
                gardien.veiller()
        except surveillance.Refus as refus:
            raise CommandError(str(refus)) from refus

    def exiger_une_production(self):
        """Refuse de servir à moitié installé, ou avec les comptes de la démonstration."""
        try:
            call_command("check", deploy=True, fail_level="ERROR")
        except SystemCheckError as erreur:
            raise CommandError(str(erreur)) from erreur
        executeur = MigrationExecutor(connection)
        if executeur.migration_plan(executeur.loader.graph.leaf_nodes()):
            raise CommandError("La base n'est pas à jour. Lancez d'abord : manage.py installer")
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            raise CommandError("Style et scripts manquent. D'abord : manage.py collectstatic --noinput")
        if get_user_model().objects.filter(email__endswith="@demo.fr").exists():
            raise CommandError(
                "Cette base a les comptes de la démonstration, au mot de passe public : on ne la sert pas."
            )

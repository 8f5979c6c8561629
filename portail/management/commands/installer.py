"""``manage.py installer`` : met la base au niveau du code. Se relance à chaque mise à jour sans rien casser."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from portail.groupes import installer_groupes


class Command(BaseCommand):
    help = "Prépare ou met à jour la base : tables, cache, groupes de la mairie, textes de départ."

    def handle(self, verbosity, **options):
        from facturation.models import installer_niveaux
        from portail.actions import installer_textes

        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("createcachetable", verbosity=verbosity)
        installer_groupes()
        installer_textes()
        installer_niveaux()
        self.stdout.write(self.style.SUCCESS("La base est prête."))

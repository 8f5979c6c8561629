"""``manage.py bench`` : mesure les pages et les actions chères, dans ce processus, et écrit ``var/bench.json``."""

import json
import tempfile

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.test.utils import override_settings

from commune.memoire import ramassage_espace
from portail.banc import mesures
from portail.banc.grand import FOYERS, GrandeVille
from portail.banc.mois import VilleAuMois
from portail.banc.ville import Ville
from portail.management.commands.demo import statiques_reunis


class Command(BaseCommand):
    help = "Mesure le portail sur une ville de 540 foyers et un service de 424 enfants, dans une base à part."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--grand", action="store_true",
            help="une ville de 60 000 foyers et vingt millions de réservations (une demi-heure, 15 Go de disque)",
        )  # fmt: skip
        parser.add_argument(
            "--mois", type=int, nargs="?", const=FOYERS, metavar="FOYERS",
            help="le mois facturé d'une ville de 60 000 foyers, ou d'autant qu'on en dit (5 Go de disque)",
        )  # fmt: skip

    def handle(self, *, grand=False, mois=None, **options):
        connection.settings_dict["TEST"]["NAME"] = "banc"
        # Les réglages des essais, sans leurs gabarits espionnés : ils ralentiraient chaque page d'un dixième.
        with statiques_reunis(), tempfile.TemporaryDirectory(prefix="banc-") as dossier, override_settings(
            DEMO=True, DEBUG=False, ALLOWED_HOSTS=["*"], EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
            STORAGES={**settings.STORAGES, "default": a_part(dossier)},
        ):
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                resultats = self.mesurer(grand, mois)
            finally:
                connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)
        fichier = settings.VAR / ("bench-mois.json" if mois else "bench-grand.json" if grand else "bench.json")
        fichier.write_text(json.dumps({m.nom: m.en_json() for m in resultats}, indent=2) + "\n")
        self.stdout.write(f"\n{mesures.tableau(resultats)}\n\nÉcrit dans {fichier}.")

    def mesurer(self, grand, mois):
        dire = self.stdout.write
        ville = VilleAuMois(dire, mois) if mois else (GrandeVille if grand else Ville)(dire)
        ramassage_espace()  # comme un serveur
        resultats = []
        for nom in ville.ordre:
            resultats.append(getattr(ville, nom)())
            self.stdout.write(f"  {nom}")
        return resultats


def a_part(dossier):
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": dossier}}

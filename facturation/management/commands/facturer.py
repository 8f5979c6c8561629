"""``manage.py facturer 2026-09`` : émet les factures d'un mois, ou reprend leur émission."""

import datetime as dt
import subprocess
import sys
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format

from facturation import actions, regles


def mois(texte):
    try:
        return dt.datetime.strptime(texte, "%Y-%m").date()
    except ValueError as erreur:
        raise CommandError(f"« {texte} » n'est pas un mois : écrivez-le comme 2026-09.") from erreur


@contextmanager
def a_plusieurs(mois, echeance, lot, autres):
    """``autres`` processus émettent le même mois à côté de nous : ils se partagent les lots de foyers."""
    commande = [sys.executable, sys.argv[0], "facturer", mois, "--lot", str(lot)]
    commande += ["--echeance", echeance.isoformat()] if echeance else []
    aides = [subprocess.Popen(commande, stdout=subprocess.DEVNULL) for _ in range(autres)]
    try:
        yield
    finally:
        for aide in aides:
            aide.wait()


class Command(BaseCommand):
    help = "Émet les factures d'un mois. Interrompue, relancez-la : elle reprend où elle s'est arrêtée."

    def add_arguments(self, parser):
        parser.add_argument("mois", help="2026-09")
        parser.add_argument("--echeance", type=dt.date.fromisoformat, help="À payer avant le, comme 2026-11-15.")
        parser.add_argument("--apercu", action="store_true", help="Dit ce que cela donnerait, n'émet rien.")
        parser.add_argument("--lot", type=int, default=actions.LOT, help="Foyers par transaction.")
        parser.add_argument("--processus", type=int, default=1, help="Pour une grande ville : un par cœur.")

    def handle(self, *args, **options):
        jour = mois(options["mois"])
        try:
            if options["apercu"]:
                resultat = actions.apercu(jour)
                montant = regles.euros(resultat.total)
                self.stdout.write(f"{len(resultat.totaux)} factures à émettre, pour {montant}. Rien n'est écrit.")
                return
            with a_plusieurs(options["mois"], options["echeance"], options["lot"], options["processus"] - 1):
                facturation = actions.facturer(jour, None, timezone.now(), options["echeance"], options["lot"])
            actions.refaire_les_statistiques()
        except ValidationError as refus:
            raise CommandError(" ".join(refus.messages)) from refus
        self.stdout.write(f"{date_format(jour, 'F Y').capitalize()} : {facturation.faites} factures émises.")

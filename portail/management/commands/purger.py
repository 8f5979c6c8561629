"""``manage.py purger`` : la fin de conservation, à la demande. ``--dire`` la raconte sans rien faire."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from portail import actions

QUOI = {
    "sante": "Enfants dont la santé s'efface",
    "sante_foyers": "Foyers dont les pièces de santé s'effacent",
    "prevenir": "Familles à prévenir",
    "effacer": "Familles à effacer",
}


class Command(BaseCommand):
    help = "Efface ce dont la conservation finit, comme chaque nuit. Avec --dire, dit ce qui serait fait."

    def add_arguments(self, parser):
        parser.add_argument("--dire", action="store_true", help="ne rien effacer, seulement le dire")

    def handle(self, dire=False, **options):
        if dire:
            prevision = actions.prevoir(timezone.now())
            for champ, titre in QUOI.items():
                cles = getattr(prevision, champ)
                # Des numéros et non des noms : ce qui s'affiche ici finit souvent dans un journal.
                numeros = f" (n° {', '.join(map(str, cles))})" if cles else ""
                self.stdout.write(f"{titre} : {len(cles)}{numeros}")
            return
        bilan = actions.purger(timezone.now(), self.stdout.write)
        self.stdout.write(
            f"Santé effacée : {bilan.sante} enfants. "
            f"Familles prévenues : {bilan.prevenues}, effacées : {bilan.effacees}."
        )
        if bilan.echecs:
            self.stderr.write(f"{bilan.echecs} familles n'ont pas pu être effacées : voir le journal.")
            raise SystemExit(1)

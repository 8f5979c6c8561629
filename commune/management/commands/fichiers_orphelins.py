"""Les fichiers privés que plus aucune ligne ne nomme : une famille effacée, une transaction abandonnée."""

import datetime as dt

from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.db.models import FileField
from django.utils import timezone

RECENT = dt.timedelta(days=1)  # un fichier du jour est peut-être d'une transaction encore en cours


class Command(BaseCommand):
    help = "Compte les fichiers que rien ne nomme ; avec --effacer, les efface."

    def add_arguments(self, parser):
        parser.add_argument("--effacer", action="store_true", help="les efface pour de bon")

    def handle(self, *args, effacer, **options):
        limite = timezone.now() - RECENT
        dossiers, nommes = fichiers_nommes()
        orphelins = [
            nom
            for dossier in sorted(dossiers)
            for nom in parcourir(dossier)
            if nom not in nommes and default_storage.get_modified_time(nom) < limite
        ]
        if effacer:
            for nom in orphelins:
                default_storage.delete(nom)
        sort = "effacés" if effacer else "que rien ne nomme ; --effacer les efface"
        self.stdout.write(f"{len(orphelins)} fichier(s) {sort}.")


def fichiers_nommes():
    """Les dossiers de nos applications, et tous les noms de fichiers que portent leurs tables."""
    dossiers, noms = set(), set()
    for modele in apps.get_models():
        champs = [champ.name for champ in modele._meta.fields if isinstance(champ, FileField)]
        for champ in champs:
            dossiers.add(modele._meta.app_label)
            noms.update(modele.objects.exclude(**{champ: ""}).values_list(champ, flat=True).iterator())
    return dossiers, noms


def parcourir(dossier):
    """Chaque fichier du dossier et de ceux qu'il contient."""
    try:
        sous_dossiers, fichiers = default_storage.listdir(dossier)
    except FileNotFoundError:
        return
    for fichier in fichiers:
        yield f"{dossier}/{fichier}"
    for sous_dossier in sous_dossiers:
        yield from parcourir(f"{dossier}/{sous_dossier}")

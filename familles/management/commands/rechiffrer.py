"""Refait avec la première clé de ``CLES_FICHES`` tout ce qui dépend encore d'une ancienne."""

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from familles.chiffrement import TexteChiffre, coffre

LOT = 500  # lignes par transaction : une famille qui enregistre n'attend pas la fin


class Command(BaseCommand):
    help = (
        "Rechiffre les champs de santé avec la première clé de CLES_FICHES. "
        "Ensuite, les autres clés peuvent être retirées."
    )

    def add_arguments(self, parser):
        parser.add_argument("--verifier", action="store_true", help="Compte sans rien changer.")

    def handle(self, *, verifier, **options):
        total = sum(
            self.rechiffrer(modele, champs, verifier)
            for modele in apps.get_models()
            if (champs := [c.column for c in modele._meta.local_fields if isinstance(c, TexteChiffre)])
        )
        if verifier and total:
            self.stdout.write(f"{total} lignes dépendent d'une ancienne clé : lancez « manage.py rechiffrer ».")
        elif verifier:
            self.stdout.write("Tout est chiffré avec la première clé : les autres peuvent être retirées.")
        else:
            self.stdout.write(f"{total} lignes rechiffrées avec la première clé.")

    def rechiffrer(self, modele, colonnes, verifier):
        """Par lots, ligne verrouillée, sans toucher aux dates : la fiche n'a pas changé, seul son coffre."""
        table, cle = modele._meta.db_table, modele._meta.pk.column
        noms = ", ".join(f'"{colonne}"' for colonne in colonnes)
        affectations = ", ".join(f'"{colonne}" = %s' for colonne in colonnes)
        dernier, total = 0, 0
        while True:
            with transaction.atomic(), connection.cursor() as curseur:
                curseur.execute(
                    f'SELECT "{cle}", {noms} FROM "{table}" WHERE "{cle}" > %s ORDER BY "{cle}" LIMIT {LOT} FOR UPDATE',
                    [dernier],
                )
                lignes = curseur.fetchall()
                anciennes = [ligne for ligne in lignes if any(map(_ancien, ligne[1:]))]
                if anciennes and not verifier:
                    curseur.executemany(
                        f'UPDATE "{table}" SET {affectations} WHERE "{cle}" = %s',
                        [[*map(_refait, jetons), pk] for pk, *jetons in anciennes],
                    )
            total += len(anciennes)
            if len(lignes) < LOT:
                return total
            dernier = lignes[-1][0]


def _ancien(jeton):
    """Vrai si la première clé n'ouvre pas ce texte. Une clé inconnue arrête tout : on ne perd rien en silence."""
    if not jeton:
        return False
    try:
        Fernet(settings.CLES_FICHES[0]).decrypt(jeton.encode())
    except InvalidToken:
        coffre().decrypt(jeton.encode())
        return True
    return False


def _refait(jeton):
    return coffre().rotate(jeton.encode()).decode() if jeton else jeton

"""Les bases d'essai : une vide, migrée une fois pour toutes, que chaque processus copie.

Passer toutes les migrations prend quinze secondes ; copier une base, une demie. Le modèle porte l'empreinte des
migrations : qu'un fichier change, et il se refait. La copie passe encore celles qu'il n'aurait pas.
"""

import hashlib
import os

import psycopg
from django.conf import settings
from django.db import connection

from portail import postgres


def _serveur():
    dossier = postgres.dossier_du_socket(settings.VAR / "postgres")
    return psycopg.connect(dbname="postgres", user="postgres", host=str(dossier), autocommit=True)


def effacer_les_bases_des_morts():
    """Un kill -9 laisse sa base d'essai ; le suivant l'efface."""
    with _serveur() as serveur:
        bases = serveur.execute(r"SELECT datname FROM pg_database WHERE datname ~ '^essais_'").fetchall()
        for (nom,) in bases:
            pid = nom.split("_")[1]
            if not os.path.exists(f"/proc/{pid}") and os.path.exists("/proc"):
                serveur.execute(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')


def modele_de_base():
    """Le nom de la base à copier, faite si elle manque ; deux processus qui commencent n'en font qu'une."""
    nom = f"modele_{_empreinte()}"
    with _serveur() as serveur:
        serveur.execute("SELECT pg_advisory_lock(1)")  # rendu avec la connexion
        modeles = {m for (m,) in serveur.execute("SELECT datname FROM pg_database WHERE datname ~ '^modele_'")}
        if nom not in modeles:
            serveur.execute(f'ALTER DATABASE "{_migrer()}" RENAME TO "{nom}"')  # entière, ou pas du tout
            for ancien in modeles:
                serveur.execute(f'DROP DATABASE "{ancien}"')
    return nom


def _migrer():
    """Fait une base vide par toutes les migrations et la quitte ; rend son nom."""
    reglages, nom = connection.settings_dict, f"essais_{os.getpid()}_modele"
    avant = reglages["NAME"], reglages["TEST"]["NAME"]
    reglages["TEST"]["NAME"] = nom
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    reglages["NAME"], reglages["TEST"]["NAME"] = avant
    settings.DATABASES["default"]["NAME"] = avant[0]
    return nom


def _empreinte():
    somme = hashlib.sha256()
    for fichier in sorted([*settings.BASE_DIR.glob("*/migrations/*.*"), settings.BASE_DIR / "requirements-dev.txt"]):
        somme.update(fichier.name.encode() + fichier.read_bytes())
    return somme.hexdigest()[:16]

"""Une connexion à PostgreSQL comme celle de Django, aux types près. Voir « Subclassing the built-in backends »."""

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.numeric import Int8Dumper


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        connexion = super().get_new_connection(conn_params)
        # psycopg donne à un entier un type selon sa taille : PostgreSQL préparerait une requête pour les foyers jusqu'à
        # 32 767, et une autre pour ceux d'après.
        connexion.adapters.register_dumper(int, Int8Dumper)
        return connexion

    def create_cursor(self, name=None):
        curseur = super().create_cursor(name)
        # Django relit chaque instant en Python ; psycopg le fait en C, quinze fois plus vite, et en UTC de même.
        curseur.adapters.register_loader("timestamptz", TimestamptzLoader)
        return curseur

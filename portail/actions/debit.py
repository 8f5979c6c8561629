"""Compter les essais, dans le cache que tous les processus partagent."""

import hashlib

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from commune.regles import PARIS
from portail import regles

TROP = "Trop d'essais depuis votre connexion à internet. Réessayez après %(heure)s, ou appelez le service."


def compter(quoi, qui, limite, duree, maintenant, message=TROP):
    """Compte un essai de ``quoi`` par ``qui`` ; au-delà de ``limite`` par période de ``duree``, refuse.

    Le nom de ``qui`` (adresse IP ou e-mail) n'est gardé qu'en empreinte, le temps de la période.
    Lève ``ValidationError`` (code ``trop``), qui dit à quelle heure de Paris recommencer.
    """
    fin = regles.fin_de_periode(maintenant, duree)
    cle = hashlib.sha256(f"{quoi}|{qui}|{fin.timestamp()}".encode()).hexdigest()
    with transaction.atomic():
        # Lire puis écrire sans verrou laisserait cent essais lancés ensemble compter pour un seul.
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_xact_lock(%s)", [int(cle[:15], 16)])
        faits = cache.get(f"debit:{cle}", 0) + 1
        cache.set(f"debit:{cle}", faits, duree.total_seconds() + 60)
    if faits > limite:
        heure = f"{fin.astimezone(PARIS):%H h %M}"
        raise ValidationError(message, code="trop", params={"heure": heure})

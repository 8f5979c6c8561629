"""Les mesures de ``manage.py bench`` : chaque page et chaque action chère, dans ce processus, sur la démonstration.

Une mesure est la médiane de plusieurs passages après un échauffement : la machine est bruyante, un passage ne dit rien.
``ms`` : millisecondes de bout en bout (intergiciels, requêtes, gabarit) ; ``queries`` : requêtes SQL ;
``kb`` : kibioctets de la réponse avant compression.
"""

import statistics
import time
from dataclasses import dataclass

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

PASSAGES = 15
# Ce ne sont pas des questions posées à la base.
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Mesure:
    nom: str
    ms: float
    queries: int
    kb: float
    cible_ms: float | None = None
    cible_queries: int | None = None
    cible_kb: float | None = None

    @property
    def tenue(self):
        """Vrai si la mesure tient ses cibles ; une cible absente ne se manque pas."""
        return (self.cible_ms is None or self.ms <= self.cible_ms) and (
            self.cible_queries is None or self.queries <= self.cible_queries
        ) and (self.cible_kb is None or self.kb <= self.cible_kb)

    def en_json(self):
        return {"ms": round(self.ms, 1), "queries": self.queries, "kb": round(self.kb, 1)}


class Annule(Exception):
    """Sort d'une transaction en la défaisant : une action mesurée n'a pas eu lieu."""


def mesurer(nom, acte, passages=PASSAGES, annuler=False, **cibles):
    """Mesure ``acte()``, qui rend le contenu produit (octets) ou rien ; ``annuler`` défait chaque passage."""

    def passer():
        if not annuler:
            return acte()
        resultat = None
        try:
            with transaction.atomic():
                resultat = acte()
                raise Annule
        except Annule:
            return resultat

    contenu = passer()  # échauffement : gabarits, polices, caches
    with CaptureQueriesContext(connection) as requetes:
        passer()
    # Comptées avant les autres passages : une nouvelle requête HTTP vide le relevé de Django.
    queries = sum(not r["sql"].startswith(TRANSACTION) for r in requetes)
    durees = []
    for _ in range(passages):
        debut = time.perf_counter()
        passer()
        durees.append((time.perf_counter() - debut) * 1000)
    return Mesure(nom, statistics.median(durees), queries, len(contenu or b"") / 1024, **cibles)


def page(compte, adresse):
    """Un acte qui demande ``adresse`` comme le ferait le navigateur de ``compte`` (aucun : un visiteur)."""
    navigateur = Client(headers={"accept-language": "fr"})
    if compte:
        navigateur.force_login(compte, backend="django.contrib.auth.backends.ModelBackend")

    def demander():
        reponse = navigateur.get(adresse)
        assert reponse.status_code == 200, f"{adresse} répond {reponse.status_code}"
        return reponse.content

    return demander


def tableau(mesures):
    """Les mesures en colonnes, une ligne par nom, ``!`` devant celles qui manquent leur cible."""
    lignes = [f"  {'':24}{'ms':>9}{'cible':>8}{'SQL':>7}{'cible':>7}{'KiB':>9}"]
    for m in mesures:
        lignes.append(
            f"{' ' if m.tenue else '!'} {m.nom:24}{m.ms:9.1f}{m.cible_ms or '–':>8}{m.queries:7}"
            f"{m.cible_queries or '–':>7}{m.kb:9.1f}"
        )
    return "\n".join(lignes)

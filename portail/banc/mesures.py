"""Les mesures de ``manage.py bench`` : chaque page et chaque action chère, dans ce processus, sur la démonstration.

Une mesure est la médiane de plusieurs passages après un rodage : la machine est bruyante, un passage ne dit rien.
``ms`` : millisecondes de bout en bout (intergiciels, requêtes, gabarit) ; ``mieux`` : le plus court des passages, ce
que fait la machine quand un voisin ne lui prend pas la moitié d'un cœur ; ``cpu`` : celles du processeur, pour ce seul
processus, sans PostgreSQL ni les voisins ; ``sql`` : celles passées à attendre PostgreSQL ; ``queries`` : requêtes
SQL ; ``kb`` : kibioctets de la réponse avant compression ; ``pages`` : ``cpu`` en pages nues, chacune mesurée juste
avant un passage, sous la même charge.

D'une machine à l'autre, on compare ``pages`` ; le repère, un travail de Python pur, dit ce que vaut le processeur.
"""

import statistics
import time
from dataclasses import dataclass

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

PASSAGES = 15
# Passages d'avant, qui ne comptent pas : gabarits et polices lus, et le plan des requêtes arrêté. PostgreSQL n'en
# garde un qu'après sept passages (deux avant de la préparer, cinq à l'éprouver) ; un serveur qui tourne l'a.
RODAGE = 8
# Ce ne sont pas des questions posées à la base.
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Mesure:
    nom: str
    ms: float
    cpu: float
    sql: float
    pages: float
    queries: int
    kb: float
    cible_ms: float | None = None
    cible_queries: int | None = None
    cible_kb: float | None = None
    cible_sql: float | None = None
    mieux: float | None = None

    @property
    def tenue(self):
        """Vrai si la mesure tient ses cibles ; une cible absente ne se manque pas."""
        promis = [
            (self.ms, self.cible_ms), (self.queries, self.cible_queries), (self.kb, self.cible_kb),
            (self.sql, self.cible_sql),
        ]  # fmt: skip
        return all(cible is None or valeur <= cible for valeur, cible in promis)

    def en_json(self):
        return {
            "ms": round(self.ms, 1), "mieux": round(self.mieux or self.ms, 1), "cpu": round(self.cpu, 1),
            "sql": round(self.sql, 1), "pages": round(self.pages, 2), "queries": self.queries, "kb": round(self.kb, 1),
        }  # fmt: skip


class Annule(Exception):
    """Sort d'une transaction en la défaisant : une action mesurée n'a pas eu lieu."""


def mesurer(nom, acte, page_nue, passages=PASSAGES, annuler=False, **cibles):
    """Mesure ``acte()``, qui rend le contenu produit (octets) ou rien ; ``annuler`` défait chaque passage.

    ``page_nue`` est l'acte à quoi on le compare.
    """

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

    for _ in range(RODAGE if passages >= PASSAGES else 1):  # un acte cher n'y gagnerait rien
        contenu = passer()
    with CaptureQueriesContext(connection) as requetes:
        passer()
    # Comptées avant les autres passages : une nouvelle requête HTTP vide le relevé de Django.
    queries = sum(not r["sql"].startswith(TRANSACTION) for r in requetes)
    temoins, durees = zip(*[(chronometrer(page_nue), chronometrer(passer)) for _ in range(passages)], strict=True)
    ms, cpu, sql = mediane(durees)
    pages, kb, mieux = cpu / mediane(temoins)[1], len(contenu or b"") / 1024, min(duree[0] for duree in durees)
    return Mesure(nom, ms, cpu, sql, pages, queries, kb, mieux=mieux, **cibles)


def chronometrer(acte):
    """Ce que prend ``acte()`` en millisecondes : de bout en bout, de processeur, et à attendre PostgreSQL."""
    attente = 0

    def attendre(executer, *requete):
        nonlocal attente
        depuis = time.perf_counter()
        try:
            return executer(*requete)
        finally:
            attente += time.perf_counter() - depuis

    debut, debut_cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(attendre):
        acte()
    return tuple(
        duree * 1000 for duree in (time.perf_counter() - debut, time.process_time() - debut_cpu, attente)
    )


def mediane(durees):
    return [statistics.median(serie) for serie in zip(*durees, strict=True)]


def repere():
    """Un travail de Python pur, toujours le même : des mots à compter, à trier, à joindre."""
    comptes = {}
    for n in range(10_000):
        mot = f"enfant {n * 7919 % 997}"
        comptes[mot] = comptes.get(mot, 0) + n
    return ", ".join(f"{mot} : {n}" for mot, n in sorted(comptes.items())).encode()


def page(compte, adresse):
    """Un acte qui demande ``adresse`` comme le ferait le navigateur de ``compte`` (aucun : un visiteur)."""
    navigateur = Client(headers={"accept-language": "fr"})
    navigateur.handler.load_middleware()  # la chaîne d'un navigateur d'essai ne compte pas dans sa première page
    if compte:
        navigateur.force_login(compte, backend="portail.session.Comptes")

    def demander():
        reponse = navigateur.get(adresse)
        assert reponse.status_code == 200, f"{adresse} répond {reponse.status_code}"
        return reponse.content

    return demander


def tableau(mesures):
    """Les mesures en colonnes, une ligne par nom, ``!`` devant celles qui manquent leur cible."""
    lignes = [f"  {'':20}{'ms':>9}{'mieux':>9}{'cible':>7}{'cpu':>9}{'pages':>8}{'sql':>8}{'cible':>7}"
              f"{'requêtes':>10}{'cible':>7}{'KiB':>9}"]
    for m in mesures:
        lignes.append(
            f"{' ' if m.tenue else '!'} {m.nom:20}{m.ms:9.1f}{m.mieux or m.ms:9.1f}{m.cible_ms or '–':>7}{m.cpu:9.1f}"
            f"{m.pages:8.1f}{m.sql:8.1f}{m.cible_sql or '–':>7}{m.queries:10}{m.cible_queries or '–':>7}{m.kb:9.1f}"
        )
    return "\n".join(lignes)

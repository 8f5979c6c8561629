"""Un mois de grande ville : soixante mille foyers, deux millions de prestations, à facturer d'un trait.

Un seul passage, sans échauffement : émises, les factures ne s'effacent plus. La mémoire est celle du second processus,
né pour cela : le nôtre a déjà pris la sienne en peuplant la ville.
"""

import datetime as dt
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from commune.models import Commune
from commune.regles import jour_de_paris, lundi
from facturation import regles
from facturation.actions import facturer
from facturation.models import Ajustement, Facture, Ligne, Tarif, Tranche
from familles.models import Adulte, Famille, Quotient

from .grand import FOYERS, GrandeVille, charger
from .mesures import Mesure

CIBLE = 60_000  # ms, pour soixante mille foyers
RESERVER = """
INSERT INTO reservations_reservation (enfant_id, seance_id, famille_id, etat, hors_delai, modifiee_le)
SELECT i.enfant_id, s.id, i.famille_id, 'reservee', (i.enfant_id + s.id) % 41 = 0, now()
  FROM inscriptions_inscription i JOIN reservations_seance s ON s.activite_id = i.activite_id
 WHERE s.jour BETWEEN '{debut}' AND '{fin}' AND extract(isodow FROM s.jour) <> 3 AND (i.enfant_id + s.id) % 7 < 5
 ORDER BY s.jour, s.id
"""
POINTER = """
INSERT INTO presences_pointage (enfant_id, seance_id, etat, recu_le)
SELECT enfant_id, seance_id, CASE WHEN (enfant_id + seance_id) % 23 = 0 THEN 'absent' ELSE 'present' END, now()
  FROM reservations_reservation WHERE (enfant_id + seance_id) % 50 > 0
"""


class VilleAuMois(GrandeVille):
    """Les foyers de la grande ville et leur mois passé : semaines de quatre jours, cinq places sur sept, pointées."""

    ordre = ["facturer_60000"]

    def __init__(self, dire, foyers=FOYERS):
        self.dire, self.maintenant, self.foyers = dire, timezone.now(), foyers
        self.lundi = lundi(jour_de_paris(self.maintenant))
        self.mois = regles.premier(regles.premier(jour_de_paris(self.maintenant)) - dt.timedelta(days=1))
        Commune.objects.get_or_create(pk=1, defaults={"nom": "Mairie de Grandeville", "ville": "Grandeville"})
        dire(f"{foyers} foyers…")
        self.installer_les_foyers(foyers)
        self.tarifer()
        dire("Un mois réservé et pointé…")
        charger("reservations_reservation", RESERVER.format(debut=self.mois, fin=regles.dernier(self.mois)))
        charger("presences_pointage", POINTER)
        with connection.cursor() as curseur:
            curseur.execute("VACUUM ANALYZE")

    def tarifer(self):
        """Quatre tranches, une remise de fratrie, un supplément hors délai ; un foyer sur dix sans quotient."""
        for genre in ("midi", "soir"):
            tarif = Tarif.objects.create(nom=f"Tarif du {genre}", genre=genre, debut=self.mois)
            Tranche.objects.bulk_create(
                Tranche(tarif=tarif, jusqu_a=seuil, prix=prix)
                for seuil, prix in ((400, 1), (800, 2), (1200, 3), (None, 4))
            )
            Ajustement.objects.create(tarif=tarif, cas="fratrie", rang=2, mode="pourcentage", valeur=-10)
            Ajustement.objects.create(tarif=tarif, cas="hors_delai", mode="montant", valeur=1, ordre=1)
        cles = list(Famille.objects.order_by("pk").values_list("pk", "nom"))
        Adulte.objects.bulk_create(
            (Adulte(famille_id=pk, civilite="mme", nom=nom, prenom="Anne", lien=Adulte.Lien.MERE,
                    responsable_legal=True) for pk, nom in cles), batch_size=5000,
        )  # fmt: skip
        Quotient.objects.bulk_create(
            (Quotient(famille_id=pk, valeur=150 + pk * 13 % 1800, debut=self.mois, preuve="attestation CAF")
             for pk, _ in cles if pk % 10), batch_size=5000,
        )  # fmt: skip

    def facturer_60000(self):
        """La commande de la mairie, sur deux cœurs : celui-ci et un processus d'à côté."""
        debut, cpu = time.perf_counter(), time.process_time()
        with a_cote(self.mois):
            facturation = facturer(self.mois, None, self.maintenant)
        ms, cpu = (time.perf_counter() - debut) * 1000, (time.process_time() - cpu) * 1000
        self.dire_le_mois(facturation)
        return Mesure(
            "facturer_60000", ms, cpu, sql=ms - cpu, pages=0, queries=0, kb=0,
            cible_ms=CIBLE * self.foyers / FOYERS,
        )

    def dire_le_mois(self, facturation):
        assert facturation.faites == Facture.objects.count() > self.foyers * 0.9, facturation.faites
        self.dire(
            f"  {facturation.faites} factures, {Ligne.objects.count()} lignes ; le second processus a pris au plus"
            f" {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} Mio"
        )


@contextmanager
def a_cote(mois):
    """Un second processus, qui émet le même mois dans la base du banc."""
    reglages = connection.settings_dict
    hote = reglages["HOST"] or reglages["OPTIONS"].get("host", "")
    adresse = f"postgresql://postgres@/{reglages['NAME']}?host={quote(hote)}"
    environnement = os.environ | {"DATABASE_URL": adresse, "DEMO": "1"}
    commande = [sys.executable, "manage.py", "facturer", f"{mois:%Y-%m}"]
    autre = subprocess.Popen(commande, cwd=settings.BASE_DIR, env=environnement, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        assert autre.wait() == 0

"""Une année passée, entière : de quoi essayer un tarif sur de vraies réservations."""

import datetime as dt
from decimal import Decimal

from django.db import connection

from commune.models import Ecole
from commune.regles import jours
from facturation.models import Ajustement, Tarif, Tranche
from familles.models import Enfant, Famille, Quotient, Rattachement
from inscriptions.models import Activite
from reservations.models import Seance


def installer_une_annee(annee, maintenant, foyers=1500, jours_d_ecole=140):
    """L'année d'avant celle-ci : six cent mille réservations de trois mille enfants, presque toutes pointées.

    Elle a ses activités et ses tarifs à elle. Rend un projet de tarif de midi, et ses bornes (premier et dernier jour).
    """
    debut = dt.date(annee.debut.year - 1, 9, 1)
    dates = [jour for jour in jours(debut, dt.date(annee.debut.year, 7, 3)) if jour.weekday() in (0, 1, 3, 4)]
    dates = dates[:jours_d_ecole]
    site = Ecole.objects.create(nom="École de l'année d'avant", niveau="primaire")
    seances = []
    for n, genre in enumerate(("midi", "soir")):
        activite = Activite.objects.create(
            nom=f"{genre} d'avant", genre=genre, site=site, jours=[0, 1, 3, 4], heure_debut=dt.time(12 + 4 * n),
            heure_fin=dt.time(13 + 4 * n),
        )  # fmt: skip
        tarif = Tarif.objects.create(
            nom=f"{genre} d'avant", genre=genre, activite=activite, debut=debut, fin=annee.debut - dt.timedelta(days=1)
        )
        Tranche.objects.bulk_create(
            Tranche(tarif=tarif, jusqu_a=seuil, prix=prix) for seuil, prix in ((400, 1), (800, 2), (1200, 3), (None, 4))
        )
        Ajustement.objects.create(tarif=tarif, cas="fratrie", rang=2, mode="pourcentage", valeur=-10)
        seances += Seance.objects.bulk_create(
            Seance(activite=activite, jour=jour, limite_reservation=maintenant, limite_annulation=maintenant)
            for jour in dates
        )
    _remplir(site, seances, debut, maintenant, foyers)
    activite = Activite.objects.get(nom="midi d'avant")
    projet = Tarif.objects.create(
        nom="Projet du banc", genre="midi", activite=activite, debut=annee.debut, projet=True, mode="effort",
        taux=Decimal("0.0031"), plancher=200, plafond=1500,
    )  # fmt: skip
    return projet, debut, dates[-1]


def _remplir(site, seances, debut, maintenant, foyers):
    """Deux enfants par foyer, un foyer sur dix sans quotient, leurs réservations, pointées sauf une sur cinquante."""
    familles = Famille.objects.bulk_create(
        Famille(nom=f"BANC {n}", adresse="1 rue du Banc", code_postal="86440", ville="Migné-Auxances",
                statut=Famille.Statut.VALIDEE, validee_le=maintenant, hors_commune=n % 9 == 0) for n in range(foyers)
    )  # fmt: skip
    Quotient.objects.bulk_create(
        Quotient(famille=f, valeur=150 + n * 13 % 1800, debut=debut, preuve="attestation")
        for n, f in enumerate(familles) if n % 10
    )
    petits = Enfant.objects.bulk_create(
        Enfant(nom=f.nom, prenom=f"Enfant {n}", sexe="f", date_naissance=dt.date(2015 + n, 2, 7), classe="cp",
               ecole=site) for f in familles for n in range(2)
    )  # fmt: skip
    leurs = [f for f in familles for _ in range(2)]
    Rattachement.objects.bulk_create(
        Rattachement(enfant=petit, famille=f) for petit, f in zip(petits, leurs, strict=True)
    )
    with connection.cursor() as curseur:
        # Cinq jours sur sept : 3 000 enfants × 280 séances × 5/7 = 600 000.
        places = {"enfants": [p.pk for p in petits], "seances": [s.pk for s in seances], "maintenant": maintenant}
        curseur.execute("""
            INSERT INTO reservations_reservation (enfant_id, seance_id, famille_id, etat, hors_delai, modifiee_le)
            SELECT f.enfant_id, s, f.famille_id, 'reservee', (f.enfant_id + s) %% 41 = 0, %(maintenant)s
            FROM familles_rattachement f, unnest(%(seances)s) AS s
            WHERE f.enfant_id = ANY(%(enfants)s) AND (f.enfant_id + s) %% 7 < 5
        """, places)
        curseur.execute("""
            INSERT INTO presences_pointage (enfant_id, seance_id, etat, recu_le)
            SELECT enfant_id, seance_id, CASE WHEN (enfant_id + seance_id) %% 23 = 0 THEN 'absent' ELSE 'present' END,
              %(maintenant)s
            FROM reservations_reservation WHERE seance_id = ANY(%(seances)s) AND (enfant_id + seance_id) %% 50 > 0
        """, places)
        curseur.execute("ANALYZE")

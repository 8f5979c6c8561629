"""Ce que le banc ajoute à la ville de démonstration pour mesurer ce qu'elle n'a pas."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from django.db import connection
from django.urls import reverse

from commune.models import Ecole, JourFerme
from commune.regles import est_ferme, instant_de_paris, jour_de_paris, jours, lundi
from facturation.models import Ajustement, Tarif, Tranche
from familles.models import Adulte, Enfant, Famille, Quotient, Rattachement
from inscriptions.models import Activite, Inscription
from portail.actions import accepter
from portail.models import Compte, TexteConsentement
from reservations.models import Seance

GENRES = ["matin", "midi", "soir", "mercredi"]
JOURS = 125  # trois enfants, quatre activités, cent vingt-cinq jours : quinze cents cases


def installer_fratrie(annee, maintenant):
    """Un foyer de trois enfants à la même école, chacun inscrit à quatre activités qui ont lieu tous les jours ouverts.

    Rend son ``compte``, sa ``famille``, l'adresse de sa ``semaine`` pleine et ses ``souhaits`` de l'année.
    """
    demain = jour_de_paris(maintenant) + dt.timedelta(days=2)
    fermes = list(JourFerme.objects.entre(demain, annee.fin))
    dates = [jour for jour in jours(demain, annee.fin) if not est_ferme(jour, fermes)][:JOURS]
    compte = Compte.objects.create_user(email="banc@demo.fr", password=None, prenom="Anne", nom="BANC")
    accepter(compte, TexteConsentement.objects.first(), maintenant, "192.0.2.1")
    famille = Famille.objects.create(
        nom="BANC", adresse="1 rue du Banc", code_postal="86440", ville="Migné-Auxances",
        statut=Famille.Statut.VALIDEE, validee_le=maintenant,
    )  # fmt: skip
    Adulte.objects.create(
        famille=famille, civilite="mme", nom="BANC", prenom="Anne", lien=Adulte.Lien.MERE, telephone="06 00 00 00 00",
        responsable_legal=True, compte=compte,
    )  # fmt: skip
    site = Ecole.objects.create(nom="École du banc", niveau="primaire")
    seances = []
    for n, genre in enumerate(GENRES):
        activite = Activite.objects.create(
            nom=f"Activité {genre}", genre=genre, site=site, jours=list(range(7)), heure_debut=dt.time(8 + 2 * n),
            heure_fin=dt.time(9 + 2 * n), capacite=80, ordre=n,
        )  # fmt: skip
        seances += [
            Seance(
                activite=activite, jour=jour, capacite=80, limite_reservation=instant_de_paris(jour, dt.time(0)),
                limite_annulation=instant_de_paris(jour, dt.time(0)),
            )
            for jour in dates
        ]
    Seance.objects.bulk_create(seances)
    souhaits = {}
    for n, prenom in enumerate(["Ana", "Basile", "Chloé"]):
        petit = Enfant.objects.create(
            nom="BANC", prenom=prenom, sexe="f", date_naissance=dt.date(2017 + n, 2, 7), classe="cp", ecole=site
        )
        Rattachement.objects.create(enfant=petit, famille=famille)
        Inscription.objects.bulk_create(
            Inscription(
                enfant=petit, famille=famille, activite=activite, annee=annee, etat=Inscription.Etat.VALIDEE,
                debut=annee.debut, fin=annee.fin, demandee_le=maintenant,
            )
            for activite in Activite.objects.filter(site=site)
        )
        souhaits |= {(petit.pk, seance.pk): True for seance in seances}
    semaine = f"{reverse('reservations:planning')}?jour={lundi(dates[0]) + dt.timedelta(days=7)}"
    return SimpleNamespace(compte=compte, famille=famille, semaine=semaine, souhaits=souhaits)


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

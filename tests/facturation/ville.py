"""Une ville entière en quelques requêtes : de quoi facturer des centaines de foyers."""

import datetime as dt
from decimal import Decimal

from commune.regles import instant_de_paris, jours
from familles.models import Adulte, Enfant, Famille, Quotient, Rattachement
from inscriptions.models import Activite
from presences.models import Pointage
from reservations.models import Reservation, Seance
from tests import fabriques

MAINTENANT = fabriques.a_paris(2026, 10, 2)
SEPTEMBRE = dt.date(2026, 9, 1)


def ville(foyers, par_jour=2, enfants=2):
    """``foyers`` familles de ``enfants`` enfants, réservés et pointés tout septembre à ``par_jour`` activités.

    Un foyer sur trois n'a pas de quotient, un sur sept est hors commune, un enfant sur dix absent chaque jour.
    """
    fabriques.commune()
    ecole = fabriques.ecole()
    genres = [Activite.Genre.MIDI, Activite.Genre.SOIR, Activite.Genre.MATIN][:par_jour]
    for genre in genres:
        fabriques.tarif(
            genre=genre, nom=genre.label,
            ajustements=[("hors_commune", "montant", "1.20"), ("fratrie", "pourcentage", "-10", 2)],
        )
    activites = [fabriques.activite(site=ecole, genre=genre, nom=genre.label) for genre in genres]
    seances = Seance.objects.bulk_create(
        Seance(activite=a, jour=j, limite_reservation=instant_de_paris(j, dt.time(0)),
               limite_annulation=instant_de_paris(j, dt.time(0)))
        for j in jours(SEPTEMBRE, dt.date(2026, 9, 30)) if j.weekday() in (0, 1, 3, 4) for a in activites
    )
    familles = Famille.objects.bulk_create(
        Famille(nom=f"FOYER {n}", adresse=f"{n} rue des Écoles", code_postal="86440", ville="Migné-Auxances",
                hors_commune=n % 7 == 0, statut="validee", validee_le=MAINTENANT)
        for n in range(foyers)
    )
    Adulte.objects.bulk_create(
        Adulte(famille=f, civilite="mme", nom=f.nom, prenom="Celine", responsable_legal=True) for f in familles
    )
    Quotient.objects.bulk_create(
        Quotient(famille=f, valeur=300 + n % 900, debut=SEPTEMBRE, preuve="attestation CAF du 02/09/2026")
        for n, f in enumerate(familles) if n % 3
    )
    petits = Enfant.objects.bulk_create(
        Enfant(nom=f.nom, prenom=f"Enfant {rang}", sexe="f", date_naissance=dt.date(2014 + rang, 2, 7), ecole=ecole)
        for f in familles for rang in range(enfants)
    )
    a_qui = [f for f in familles for _ in range(enfants)]
    Rattachement.objects.bulk_create(Rattachement(enfant=e, famille=f) for e, f in zip(petits, a_qui, strict=True))
    Reservation.objects.bulk_create(
        (Reservation(enfant=e, seance=s, famille=f, modifiee_le=MAINTENANT)
         for e, f in zip(petits, a_qui, strict=True) for s in seances), batch_size=5000,
    )
    Pointage.objects.bulk_create(
        (Pointage(enfant=e, seance=s, etat="absent" if (e.pk + s.pk) % 10 == 0 else "present", recu_le=MAINTENANT)
         for e in petits for s in seances), batch_size=5000,
    )
    return familles


def attendu(nombre_de_lignes, prix):
    return nombre_de_lignes * Decimal(prix)

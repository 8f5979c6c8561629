"""La grande ville : soixante mille foyers, vingt millions de réservations, autant de lignes de journal.

On y regarde ce que la taille change : le temps passé dans PostgreSQL (``sql``) par la semaine d'un foyer et par la
liste d'une école. Chaque passage prend un autre foyer, une autre école : une page déjà en mémoire ne prouverait rien.
"""

import datetime as dt
from itertools import cycle

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from commune.models import AnneeScolaire, Ecole
from commune.regles import instant_de_paris, jour_de_paris, lundi
from familles.models import Adulte, Enfant, Famille, Rattachement
from inscriptions.models import Activite, Inscription
from portail.actions import accepter, installer_textes
from portail.demo import annee_du
from portail.groupes import installer_groupes
from portail.models import Compte, TexteConsentement
from reservations.models import Seance

from . import mesures

ECOLES, FOYERS = 250, 60_000  # deux foyers sur trois ont deux enfants : cent mille enfants
SEMAINES = 10  # de classe, avant et après aujourd'hui : cent jours
ACTIVITES = {"midi": (12, 14), "soir": (16, 18)}
TOURS = 15
ACTES = mesures.RODAGE + 1 + TOURS  # rodés, comptés, mesurés : chaque fois un autre foyer
RESERVER = """
INSERT INTO reservations_reservation (enfant_id, seance_id, famille_id, etat, hors_delai, modifiee_le)
SELECT i.enfant_id, s.id, i.famille_id, 'reservee', false, now()
  FROM inscriptions_inscription i JOIN reservations_seance s ON s.activite_id = i.activite_id
 ORDER BY s.jour, s.id
"""
ECRIRE_AU_JOURNAL = """
INSERT INTO reservations_mouvement
       (lot, reservation_id, famille_id, avant, apres, origine, instant, motif)
SELECT gen_random_uuid(), id, famille_id, '', 'reservee', 'parent', modifiee_le, '' FROM reservations_reservation
"""


class GrandeVille:
    """La grande ville, et une mesure par méthode."""

    ordre = ["page_nue", "semaine_d_un_foyer", "liste_d_une_ecole"]

    def __init__(self, dire):
        self.maintenant = timezone.now()
        self.lundi = lundi(jour_de_paris(self.maintenant))
        installer_groupes()
        installer_textes()
        dire(f"{FOYERS} foyers, {ECOLES} écoles…")
        self.installer_les_foyers()
        dire("Vingt millions de réservations…")
        charger("reservations_reservation", RESERVER)
        dire("Leur journal…")
        charger("reservations_mouvement", ECRIRE_AU_JOURNAL)
        with connection.cursor() as curseur:
            curseur.execute("VACUUM ANALYZE")
            curseur.execute("SELECT count(*) FROM reservations_reservation")
            dire(f"  {curseur.fetchone()[0]} réservations")
        fratries = Famille.objects.annotate(n=Count("enfants")).filter(n=2).order_by("?")[:ACTES]
        self.comptes = [self.ouvrir(famille) for famille in fratries]
        self.agent = Compte.objects.create_user(email="agent@demo.fr", password=None, is_staff=True)
        self.agent.groups.add(Group.objects.get(name="Agents"))
        self.nue = mesures.page(self.comptes[0], "/mentions-legales/")

    def installer_les_foyers(self, nombre=None):
        rentree = dt.date(annee_du(self.lundi), 9, 1)
        annee = AnneeScolaire.objects.create(debut=rentree, fin=rentree + dt.timedelta(days=364))
        jours = [self.lundi + dt.timedelta(days=n) for n in range(-7 * SEMAINES, 7 * SEMAINES) if n % 7 < 5]
        limite = instant_de_paris(self.lundi + dt.timedelta(days=2), dt.time(0))
        ecoles = Ecole.objects.bulk_create(Ecole(nom=f"École {n}", niveau="primaire") for n in range(ECOLES))
        activites = Activite.objects.bulk_create(
            Activite(nom=f"Activité du {genre}", genre=genre, site=ecole, jours=[0, 1, 2, 3, 4], ordre=rang,
                     heure_debut=dt.time(de), heure_fin=dt.time(a), capacite=450)
            for ecole in ecoles for rang, (genre, (de, a)) in enumerate(ACTIVITES.items())
        )  # fmt: skip
        Seance.objects.bulk_create(
            (Seance(activite=activite, jour=jour, capacite=450, limite_reservation=limite, limite_annulation=limite)
             for activite in activites for jour in jours), batch_size=5000,
        )  # fmt: skip
        foyers = Famille.objects.bulk_create(
            (Famille(nom=f"FOYER {n}", adresse="1 rue du Banc", code_postal="86440", ville="Grandeville",
                     statut="validee", validee_le=self.maintenant) for n in range(nombre or FOYERS)), batch_size=5000,
        )  # fmt: skip
        enfants, ou = [], []
        for n, foyer in enumerate(foyers):
            for rang in range(1 if n % 3 == 0 else 2):
                enfants.append(Enfant(nom=foyer.nom, prenom=("Ana", "Basile")[rang], sexe="f", classe="cp",
                                      date_naissance=dt.date(2017 + rang, 2, 7), ecole=ecoles[n % ECOLES]))
                ou.append((foyer, n % ECOLES))
        Enfant.objects.bulk_create(enfants, batch_size=5000)
        Rattachement.objects.bulk_create(
            (Rattachement(enfant=enfant, famille=foyer) for enfant, (foyer, _) in zip(enfants, ou, strict=True)),
            batch_size=5000,
        )
        Inscription.objects.bulk_create(
            (Inscription(enfant=enfant, famille=foyer, activite=activite, annee=annee, etat="validee",
                         debut=annee.debut, fin=annee.fin, demandee_le=self.maintenant)
             for enfant, (foyer, ecole) in zip(enfants, ou, strict=True)
             for activite in activites[ecole * len(ACTIVITES):][:len(ACTIVITES)]), batch_size=5000,
        )  # fmt: skip

    def ouvrir(self, famille):
        compte = Compte.objects.create_user(email=f"foyer{famille.pk}@demo.fr", password=None, prenom="Anne")
        accepter(compte, TexteConsentement.objects.first(), self.maintenant, "192.0.2.1")
        Adulte.objects.create(
            famille=famille, civilite="mme", nom=famille.nom, prenom="Anne", lien=Adulte.Lien.MERE,
            telephone="06 00 00 00 00", responsable_legal=True, compte=compte,
        )  # fmt: skip
        return compte

    def mesurer(self, nom, actes, **cibles):
        """Chaque passage prend l'acte suivant."""
        tour = cycle(actes)
        return mesures.mesurer(nom, lambda: next(tour)(), self.nue, passages=TOURS, **cibles)

    def page_nue(self):
        return self.mesurer("page_nue", [self.nue])

    def semaine_d_un_foyer(self):
        adresse = f"/reservations/?jour={self.lundi}"
        pages = [mesures.page(compte, adresse) for compte in self.comptes]
        return self.mesurer("semaine_d_un_foyer", pages, cible_sql=5)

    def liste_d_une_ecole(self):
        seances = Seance.objects.filter(jour=self.lundi, activite__genre="midi").order_by("?")
        adresses = [
            f"/presences/?site={s.activite.site_id}&jour={s.jour}&activite={s.activite_id}"
            for s in seances.select_related("activite")[:ACTES]
        ]
        pages = [mesures.page(self.agent, adresse) for adresse in adresses]
        return self.mesurer("liste_d_une_ecole", pages, cible_sql=50)


def charger(table, requete):
    """Remplit ``table`` d'un trait : sans ses déclencheurs, ses index refaits à la fin.

    Vingt millions de vérifications de clés attendraient sinon, en mémoire, la fin de la requête.
    """
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)", [table, table],
        )  # fmt: skip
        index = curseur.fetchall()
        curseur.execute("SET session_replication_role = replica")
        curseur.execute("SET maintenance_work_mem = '1GB'")
        for nom, _ in index:
            curseur.execute(f'DROP INDEX "{nom}"')
        curseur.execute(requete)
        for _, definition in index:
            curseur.execute(definition)
        curseur.execute("SET session_replication_role = origin")

"""La ville du banc : 540 foyers, huit semaines réservées et pointées, deux mois facturés, un service de 424 enfants."""

import datetime as dt
import io
import random
import resource
from functools import cached_property

import pikepdf
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from commune.regles import jour_de_paris
from facturation.actions import demander_impression, facturer, imprimer
from facturation.models import Facturation, Facture, simuler
from facturation.pdf import produire
from familles.models import Enfant, Famille, Rattachement
from inscriptions.models import Activite, Inscription
from inscriptions.regles import OUVERTURE, RESERVER, Delai
from portail.demo import GRAINE, annee_du, factures, familles, vie, ville
from portail.groupes import installer_groupes
from portail.models import Compte
from reservations.actions import appliquer, changer_delais, enregistrer
from reservations.models import Evenement, Reservation, Seance

from . import mesures
from .annee import installer_une_annee
from .fratrie import installer_fratrie


class Ville:
    """La ville du banc, et une mesure par méthode. Les cibles sont celles d'une machine à deux cœurs."""

    ordre = [
        "repere", "page_nue", "connexion", "accueil", "planning_semaine", "planning_mois", "planning_annee",
        "enregistrer_mois", "planning_famille", "enregistrer_annee", "modifier_regle", "appliquer_evenement",
        "liste_jour_pdf", "facturer_500", "facture_pdf", "situation_financiere", "facture_page", "lot_500_pdf",
        "simulateur_tarif",
    ]

    def __init__(self, dire):
        self.dire = dire
        dire("La ville du banc : 540 foyers, huit semaines réservées, deux mois facturés…")
        self.maintenant = timezone.now()
        self.jour = jour_de_paris(self.maintenant)
        hasard = random.Random(GRAINE)
        installer_groupes()
        self.annee = ville.installer(self.jour.replace(year=annee_du(self.jour), month=9, day=1), self.maintenant)
        foyers = familles.installer(hasard, self.jour, self.maintenant, foyers=540)
        vie.installer(hasard, foyers, self.annee, self.jour, self.maintenant)
        self.mois = factures.mois_passes(self.annee, self.jour)
        self.installer_factures = lambda: factures.installer(hasard, self.annee, self.jour, self.maintenant)
        self.celine = Compte.objects.get(email="celine@demo.fr")
        self.agent = Compte.objects.get(email="agent@demo.fr")
        self.regie = Compte.objects.get(email="regie@demo.fr")
        self.hugo = Enfant.objects.du_compte(self.celine).get(prenom="Hugo")
        with connection.cursor() as curseur:
            curseur.execute("VACUUM ANALYZE")  # ce que PostgreSQL fait de lui-même d'une base qui vit
        # Ce que toute page coûte : la session, le compte, le cadre.
        self.nue = mesures.page(self.celine, "/mentions-legales/")

    def mesurer(self, nom, acte, **options):
        return mesures.mesurer(nom, acte, self.nue, **options)

    def page(self, nom, compte, adresse, **cibles):
        return self.mesurer(nom, mesures.page(compte, adresse), **cibles)

    def repere(self):
        return self.mesurer("repere", mesures.repere)

    def page_nue(self):
        return self.mesurer("page_nue", self.nue)

    def connexion(self):
        return self.page("connexion", None, "/connexion/")

    def accueil(self):
        return self.page("accueil", self.celine, "/accueil/", cible_ms=10, cible_queries=8)

    def planning_semaine(self):
        adresse = f"/reservations/enfants/{self.hugo.pk}/"
        return self.page("planning_semaine", self.celine, adresse, cible_ms=12, cible_queries=8)

    def planning_mois(self):
        adresse = f"/reservations/enfants/{self.hugo.pk}/mois/"
        return self.page("planning_mois", self.celine, adresse, cible_ms=15, cible_queries=8)

    def planning_annee(self):
        adresse = f"/reservations/enfants/{self.hugo.pk}/annee/"
        return self.page("planning_annee", self.celine, adresse, cible_ms=40, cible_queries=10)

    def enregistrer_mois(self):
        """Tout ce qu'une famille peut encore changer dans les cinq semaines qui viennent, en un enregistrement."""
        famille = Famille.objects.du_compte(self.celine).get()
        inscriptions = Inscription.objects.filter(famille=famille, etat="validee")
        ouvertes = Seance.objects.reservables(self.maintenant).order_by("jour")
        reservees = set(Reservation.objects.reservees().filter(famille=famille).values_list("enfant", "seance"))
        souhaits = {
            (i.enfant_id, seance.pk): (i.enfant_id, seance.pk) not in reservees
            for i in inscriptions for seance in ouvertes.filter(activite=i.activite)[:20]
        }

        def enregistrer_le_mois():
            resultat = enregistrer(famille, self.celine, souhaits, self.maintenant, "parent")
            assert len(resultat.faits) == len(souhaits), resultat.refus[:3]

        return self.mesurer("enregistrer_mois", enregistrer_le_mois, annuler=True, cible_queries=12)

    @cached_property
    def fratrie(self):
        """Un foyer de trois enfants, chacun à quatre activités toute l'année, aucune complète."""
        return installer_fratrie(self.annee, self.maintenant)

    def planning_famille(self):
        """La semaine de trois enfants à quatre activités."""
        foyer = self.fratrie
        return self.page("planning_famille", foyer.compte, foyer.semaine, cible_ms=15, cible_queries=10, cible_kb=40)

    def enregistrer_annee(self):
        """Quinze cents cases d'un coup, pour trois enfants."""
        foyer = self.fratrie

        def enregistrer_l_annee():
            resultat = enregistrer(foyer.famille, foyer.compte, foyer.souhaits, self.maintenant, "parent")
            assert len(resultat.faits) == len(foyer.souhaits), resultat.refus[:3]

        return self.mesurer(
            "enregistrer_annee", enregistrer_l_annee, passages=7, annuler=True, cible_ms=250, cible_queries=12
        )

    def appliquer_evenement(self):
        """Une grève qui ferme un site : 400 réservations annulées, leurs familles à prévenir."""
        seance = self.service(400)
        greve = Evenement.objects.create(
            nature="greve", libelle="Grève", du=seance.jour, au=seance.jour, cree_le=self.maintenant
        )
        greve.activites.add(seance.activite)

        def appliquer_la_greve():
            assert appliquer(greve, self.agent, self.maintenant) == 400

        cibles = {"cible_ms": 300, "cible_queries": 16}
        mesure = self.mesurer("appliquer_evenement", appliquer_la_greve, annuler=True, **cibles)
        Reservation.objects.filter(seance=seance).delete()
        return mesure

    def modifier_regle(self):
        """La même règle donnée à 170 activités : 20 400 séances à venir recalculées."""
        modele, maintenant = Activite.objects.filter(genre="midi").first(), self.maintenant
        jours = [self.jour + dt.timedelta(days=n) for n in range(1, 121)]
        activites = Activite.objects.bulk_create(
            Activite(nom=f"Banc {n}", genre="midi", site=modele.site, jours=modele.jours,
                     heure_debut=modele.heure_debut, heure_fin=modele.heure_fin) for n in range(170)
        )  # fmt: skip
        Seance.objects.bulk_create(
            Seance(activite=a, jour=j, limite_reservation=maintenant, limite_annulation=maintenant)
            for a in activites for j in jours
        )

        def modifier():
            effet = changer_delais(activites, [(RESERVER, Delai(nombre=3, decompte=OUVERTURE))], None, maintenant)
            assert effet.seances >= 20_000, effet

        mesure = self.mesurer("modifier_regle", modifier, passages=3, annuler=True, cible_ms=2000, cible_queries=17)
        Seance.objects.filter(activite__in=activites).delete()
        Activite.objects.filter(pk__in=[a.pk for a in activites]).delete()
        return mesure

    def liste_jour_pdf(self):
        """La feuille d'un service de 424 enfants."""
        adresse = f"/presences/seances/{self.service(424).pk}/feuille.pdf"
        return self.mesurer("liste_jour_pdf", mesures.page(self.agent, adresse), passages=5, cible_ms=600)

    def service(self, enfants):
        """Une séance d'aujourd'hui où tant d'enfants sont réservés."""
        modele = Activite.objects.filter(genre="midi").first()
        service = Activite.objects.create(
            nom=f"Restauration (banc, {enfants})", genre="midi", site=modele.site, jours=modele.jours,
            heure_debut=modele.heure_debut, heure_fin=modele.heure_fin,
        )
        seance = Seance.objects.create(
            activite=service, jour=self.jour, limite_reservation=self.maintenant, limite_annulation=self.maintenant
        )
        foyers = dict(Rattachement.objects.values_list("enfant_id", "famille_id"))
        Reservation.objects.bulk_create(
            Reservation(enfant_id=pk, seance=seance, famille_id=foyers[pk], modifiee_le=self.maintenant)
            for pk in Enfant.objects.order_by("pk").values_list("pk", flat=True)[:enfants]
        )
        return seance

    def facturer_500(self):
        def facturer_le_mois():
            facturer(self.mois[-1], self.regie, self.maintenant)
            assert Facture.objects.count() > 450, Facture.objects.count()

        return self.mesurer("facturer_500", facturer_le_mois, passages=5, annuler=True, cible_ms=500)

    def facture_pdf(self):
        """Une facture d'une page et d'une vingtaine de lignes, sans le fichier gardé."""
        self.installer_factures()
        longues = Facture.objects.annotate(n=Count("lignes")).filter(n__lte=25).order_by("-n", "pk")
        facture = next(facture for facture in longues if pages(produire(facture)) == 1)
        return self.mesurer("facture_pdf", lambda: produire(facture), cible_ms=100)

    def situation_financiere(self):
        return self.page("situation_financiere", self.celine, "/facturation/", cible_queries=8)

    def facture_page(self):
        facture = Facture.objects.du_compte(self.celine).order_by("-pk")[0]
        return self.page("facture_page", self.celine, f"/facturation/factures/{facture.pk}/", cible_queries=8)

    def lot_500_pdf(self):
        """Les factures d'un mois en un fichier, sur tous les cœurs : un seul passage, car leurs PDF sont gardés."""
        facturation = Facturation.objects.order_by("-faites").first()
        impression = demander_impression(facturation, True, True, self.maintenant)
        ms, cpu, sql = mesures.chronometrer(lambda: imprimer(impression.pk, self.maintenant))
        impression.refresh_from_db()
        assert impression.faites == facturation.faites > 450, impression.faites
        memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.dire(
            f"  {impression.faites} factures, {impression.pages} pages, {impression.fichier.size / 1e6:.1f} Mo ; au"
            f" plus {memoire} Mio, la ville comprise"
        )
        return mesures.Mesure("lot_500_pdf", ms, cpu, sql, pages=0, queries=0, kb=0, cible_ms=45_000)

    def simulateur_tarif(self):
        """« Et si ? » sur une année de six cent mille réservations."""
        projet, debut, fin = installer_une_annee(self.annee, self.maintenant)

        def simuler_l_annee():
            assert simuler([projet], None, debut, fin).ensemble.foyers == 1500

        return self.mesurer("simulateur_tarif", simuler_l_annee, passages=2, cible_ms=10_000, cible_queries=14)


def pages(octets):
    with pikepdf.open(io.BytesIO(octets)) as document:
        return len(document.pages)

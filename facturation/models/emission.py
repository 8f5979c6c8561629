"""Ce qu'un mois émettra, foyer par foyer : le calcul que partagent l'aperçu et l'émission."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import Cast, JSONObject

from commune.requetes import parmi
from facturation import regles
from inscriptions.models import Inscription

from .budgets import Budget, budgets_des
from .factures import Facturation
from .prestations import Mois
from .tarifs import montant


class ReportQuerySet(models.QuerySet):
    def en_attente(self):
        return self.filter(repris_par=None)


class Report(models.Model):
    """Ce qui, d'un mois d'un foyer, attend sa prochaine facture, qui en reprend les jours.

    Le mois entier, resté sous le seuil : ne se reprend que ce qui relevait alors de ces ``activites``. Ou seulement ces
    ``actes`` d'un mois déjà facturé (``a_refacturer``). Rien n'est émis : ``montant`` est ce que l'on en a dit ce
    jour-là, la facture le recalcule (une excuse acceptée entre-temps le fait baisser).
    """

    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="reports", verbose_name="famille")
    mois = models.DateField("mois", help_text="Le premier jour du mois reporté.")
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, blank=True, verbose_name="budget")
    activites = models.JSONField("activités", default=list, editable=False)
    actes = models.JSONField(
        "actes", null=True, editable=False, help_text="[[enfant, séance]…] ; vide : tout le mois."
    )
    montant = montant("montant")
    facturation = models.ForeignKey(
        Facturation, models.PROTECT, related_name="reports", verbose_name="facturation", editable=False
    )
    repris_par = models.ForeignKey(
        Facturation, models.PROTECT, null=True, related_name="repris", verbose_name="repris par", editable=False
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "report"
        ordering = ["mois", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="report_unique_par_mois", fields=["famille", "mois", "budget"], nulls_distinct=False,
                condition=models.Q(actes__isnull=True),
                violation_error_message="Ce mois de ce foyer est déjà reporté.",
            ),
            models.CheckConstraint(name="report_positif", condition=models.Q(montant__gt=0)),
        ]  # fmt: skip

    def __str__(self):
        return f"Report de {self.mois:%m/%Y} : {regles.euros(self.montant)}"

    def attend(self, prestation):
        """Vrai si cette ``regles.Prestation`` de son mois et de son foyer est de celles qu'il garde."""
        fait = prestation.fait
        if self.actes is not None:
            return [fait.enfant, fait.seance] in self.actes
        return fait.activite in self.activites and prestation.prix.unite != regles.ANNEE


def avec_reports(familles):
    """Ajoute ``attentes`` à ces foyers, ce que lit ``reports_de`` : sans une requête de plus."""
    dit = JSONObject(mois="mois", montant=Cast("montant", models.CharField()), budget="budget__nom", actes="actes")
    siens = Report.objects.en_attente().filter(famille=OuterRef("pk")).order_by("mois", "pk").values(dit=dit)
    return familles.annotate(attentes=ArraySubquery(siens))


def reports_de(famille):
    """Les ``Report`` en attente d'un foyer lu ``avec_reports`` : leur mois, leur montant, le nom de leur budget."""
    return [
        Report(
            mois=dt.date.fromisoformat(dit["mois"]), montant=Decimal(dit["montant"]), actes=dit["actes"],
            budget=Budget(nom=dit["budget"]) if dit["budget"] else None,
        )
        for dit in famille.attentes
    ]  # fmt: skip


class Emission:
    """Un ``Mois`` prêt à émettre : ses tarifs, ses budgets, et le ``seuil`` (euros) sous lequel une dette attend."""

    def __init__(self, mois, seuil=regles.ZERO):
        self.mois, self.seuil = mois, seuil
        self.budgets = budgets_des(self.mois.activites)
        self._anciens = {}  # les mois reportés, lus à leur première reprise

    def pieces(self, foyers):
        """Les ``regles.Piece`` de ces foyers (leurs clés), dans l'ordre.

        Un nombre de requêtes fixe, quel que soit le nombre de foyers ; autant en plus par mois reporté.
        Lève ``regles.TarifManquant``.
        """
        prestations, attentes = self.mois.prestations(foyers), self.attentes(foyers)
        restent = self.restent(prestations, attentes)
        pieces = []
        for foyer in foyers:
            if not (lignes := prestations.get(foyer, [])) and foyer not in attentes:
                continue

            def attend(somme, foyer=foyer):
                return regles.doit_attendre(somme, self.seuil, self.mois.debut, foyer in restent)

            pieces += regles.pieces_du_foyer(foyer, lignes, attentes[foyer], self.budgets.get, attend)
        return pieces

    def attentes(self, foyers):
        """Foyer → ses ``regles.Attente``, du plus ancien mois au plus récent ; chaque ligne y dit son mois."""
        par_mois, resultat = defaultdict(list), defaultdict(list)
        avant = Report.objects.en_attente().filter(famille__in=parmi(foyers), mois__lt=self.mois.debut)
        for report in avant.order_by("mois", "pk"):
            par_mois[report.mois].append(report)
        for mois, reports in par_mois.items():
            if mois not in self._anciens:
                self._anciens[mois] = Mois(mois)
            prestations = self._anciens[mois].prestations({report.famille_id for report in reports})
            for report in reports:
                siennes = [
                    regles.dater(ligne) for ligne in prestations.get(report.famille_id, [])
                    if report.attend(ligne)
                ]  # fmt: skip
                resultat[report.famille_id].append(regles.Attente(report.pk, report.budget_id, siennes))
        return resultat

    def restent(self, prestations, attentes):
        """Parmi les foyers qui doivent peu, ceux qui sont encore inscrits après ce mois : leur dette peut attendre."""
        if not self.seuil:
            return set()
        tous = {*prestations, *attentes}
        petits = tous if self.budgets else {
            foyer for foyer in tous
            if regles.sous(self.seuil, prestations.get(foyer, ()), *(a.lignes for a in attentes.get(foyer, ())))
        }  # fmt: skip
        valides = Inscription.objects.filter(etat=Inscription.Etat.VALIDEE, fin__gt=self.mois.fin)
        return set(valides.filter(famille__in=parmi(petits)).values_list("famille", flat=True))

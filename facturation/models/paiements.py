"""Les paiements en ligne par PayFiP : ce qui fut demandé, ce que le service en a dit."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from facturation.regles import payfip as regles

from .factures import Facture
from .reglements import Reglement
from .tarifs import montant


class PaiementQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def en_suspens(self):
        """Ceux dont on ne sait pas encore s'ils sont payés."""
        return self.filter(etat__in=[regles.Etat.EN_COURS, regles.Etat.DOUTE])

    def en_doute(self):
        """Ceux que la régie doit regarder."""
        return self.filter(etat=regles.Etat.DOUTE)

    def jamais_ouverts(self):
        """Ceux que PayFiP n'a pas ouverts : un réglage à revoir, ou son service en panne."""
        return self.filter(etat=regles.Etat.SANS_SUITE, idop=None)


class Paiement(models.Model):
    """Un paiement ouvert chez PayFiP. Seule la réponse du service le conclut, et une seule fois."""

    class Etat(models.TextChoices):
        PREPARE = regles.Etat.PREPARE, "préparé"
        EN_COURS = regles.Etat.EN_COURS, "en cours"
        DOUTE = regles.Etat.DOUTE, "en doute"
        PAYE = regles.Etat.PAYE, "payé"
        REFUSE = regles.Etat.REFUSE, "refusé"
        ABANDONNE = regles.Etat.ABANDONNE, "abandonné"
        SANS_SUITE = regles.Etat.SANS_SUITE, "sans suite"

    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="paiements", verbose_name="famille")
    facture = models.ForeignKey(Facture, models.PROTECT, related_name="paiements", verbose_name="facture")
    montant = montant("montant")
    numcli = models.CharField("numéro de client", max_length=6)
    saisie = models.CharField("étape", max_length=1, default=regles.PRODUCTION)
    refdet = models.CharField("référence", max_length=30, unique=True)
    idop = models.CharField("idop", max_length=60, null=True, unique=True)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.PREPARE)
    phrase = models.CharField("ce qu'on en sait", max_length=300, blank=True)
    cree_le = models.DateTimeField("ouvert le")
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="ouvert par"
    )
    demande_le = models.DateTimeField("demandé au service le", null=True)
    conclu_le = models.DateTimeField("conclu le", null=True)
    autorisation = models.CharField("autorisation", max_length=20, blank=True)
    # Ce que le service a répondu la dernière fois, tel quel, sans l'adresse du payeur : de quoi trancher un doute.
    reponse = models.JSONField("réponse de PayFiP", null=True)
    tranche_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="tranché par"
    )
    motif = models.CharField("ce que la régie a vérifié", max_length=300, blank=True)
    reglement = models.OneToOneField(
        Reglement, models.PROTECT, null=True, related_name="paiement", verbose_name="règlement"
    )

    objects = PaiementQuerySet.as_manager()

    class Meta:
        verbose_name = "paiement en ligne"
        verbose_name_plural = "paiements en ligne"
        ordering = ["-cree_le", "-pk"]
        default_permissions = ("view", "change")  # il naît chez une famille, et ne s'efface pas
        indexes = [
            models.Index(fields=["cree_le"], condition=Q(etat__in=["en_cours", "doute"]), name="paiement_en_suspens")
        ]
        constraints = [
            models.CheckConstraint(
                name="paiement_dans_les_bornes",
                condition=Q(montant__gte=1, montant__lte=100_000),
                violation_error_message="Un paiement en ligne va de 1 à 100 000 euros.",
            ),
            models.CheckConstraint(
                name="paiement_paye_encaisse",
                condition=Q(etat="paye", reglement__isnull=False) | (~Q(etat="paye") & Q(reglement=None)),
                violation_error_message="Un paiement reçu a son règlement, et lui seul.",
            ),
            models.CheckConstraint(
                name="paiement_en_cours_a_un_idop",
                condition=~Q(etat__in=["en_cours", "paye"]) | Q(idop__isnull=False),
                violation_error_message="Un paiement en cours est connu de PayFiP.",
            ),
            models.CheckConstraint(
                name="paiement_tranche_motive",
                condition=Q(tranche_par=None) | ~Q(motif=""),
                violation_error_message="Trancher un paiement se motive.",
            ),
            models.UniqueConstraint(
                name="un_paiement_vivant_par_facture",
                fields=["facture"],
                condition=Q(etat__in=["prepare", "en_cours"]),
                violation_error_message="Cette facture a déjà un paiement en cours.",
            ),
        ]

    def __str__(self):
        return f"Paiement {self.refdet}"

    @property
    def fini(self):
        return self.etat in regles.FINIS

    @property
    def a_interroger(self):
        """Le service peut encore apprendre quelque chose : rien n'est reçu, et il connaît l'opération."""
        return bool(self.idop) and self.etat != regles.Etat.PAYE

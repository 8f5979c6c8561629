"""Une ligne de facture que la famille conteste, et ce que la mairie répond."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from commune.fichiers import chemin_prive

from .caisse import Remboursement
from .factures import Avoir, Ligne


class ContestationQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(
            ligne__facture__famille__adultes__compte=compte, ligne__facture__famille__adultes__fin=None
        )

    def a_decider(self):
        return self.filter(etat=Contestation.Etat.ENVOYEE)

    def a_rembourser(self):
        """Acceptées « à rembourser », et que rien n'a encore remboursées."""
        deja = Exists(Remboursement.objects.valables().filter(contestation=OuterRef("pk")))
        return self.filter(~deja, suite=Contestation.Suite.REMBOURSER)


class Contestation(models.Model):
    """Pourquoi la famille conteste une ligne, et la réponse. Acceptée, un avoir rend la ligne ; la facture reste."""

    class Etat(models.TextChoices):
        ENVOYEE = "envoyee", "envoyée"
        ACCEPTEE = "acceptee", "acceptée"
        REFUSEE = "refusee", "refusée"

    class Suite(models.TextChoices):
        DEDUIRE = "deduire", "déduite de ce que doit la famille, ou de sa prochaine facture"
        REMBOURSER = "rembourser", "remboursée à la famille"

    ligne = models.ForeignKey(Ligne, models.PROTECT, related_name="contestations", verbose_name="ligne")
    motif = models.TextField("raison", max_length=1000)
    fichier = models.FileField("pièce jointe", upload_to=chemin_prive, blank=True)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.ENVOYEE)
    envoyee_le = models.DateTimeField("envoyée le")
    envoyee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="envoyée par"
    )
    repondre_avant = models.DateField(
        "répondre avant le", help_text="Ce jour compris, promis à la famille quand elle envoie."
    )
    reponse = models.TextField("réponse de la mairie", max_length=1000, blank=True)
    suite = models.CharField("ce qui est rendu sera", max_length=10, choices=Suite.choices, blank=True)
    avoir = models.ForeignKey(
        Avoir, models.PROTECT, null=True, blank=True, related_name="contestations", verbose_name="avoir"
    )
    decidee_le = models.DateTimeField("décidée le", null=True, blank=True)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidée par"
    )

    objects = ContestationQuerySet.as_manager()

    class Meta:
        verbose_name = "contestation"
        ordering = ["-envoyee_le", "-pk"]
        indexes = [
            models.Index(fields=["repondre_avant"], condition=Q(etat="envoyee"), name="contestation_a_decider")
        ]
        constraints = [
            models.UniqueConstraint(
                name="une_contestation_ouverte",
                fields=["ligne"],
                condition=Q(etat="envoyee"),
                violation_error_message="Cette ligne est déjà contestée : la mairie va répondre.",
            ),
            models.CheckConstraint(
                name="contestation_refus_motive",
                condition=~Q(etat="refusee") | ~Q(reponse=""),
                violation_error_message="Un refus se motive.",
            ),
            models.CheckConstraint(
                name="contestation_acceptee_rendue",
                condition=Q(etat="acceptee", avoir__isnull=False) & ~Q(suite="") | ~Q(etat="acceptee") & Q(avoir=None),
                violation_error_message="Une contestation acceptée a son avoir, et les autres n'en ont pas.",
            ),
            models.CheckConstraint(
                name="contestation_decidee",
                condition=Q(etat="envoyee", decidee_le=None) | ~Q(etat="envoyee") & Q(decidee_le__isnull=False),
                violation_error_message="Une décision a son instant.",
            ),
        ]

    def __str__(self):
        return f"Contestation : {self.ligne}"

    def en_retard(self, jour):
        """Vrai si la mairie aurait dû répondre avant ce jour de Paris."""
        return self.etat == self.Etat.ENVOYEE and jour > self.repondre_avant

    @property
    def rembourse(self):
        """Le ``Remboursement`` valable de cette contestation, ou ``None``."""
        return self.remboursements.valables().first()

"""La caisse de la régie : ce qu'elle rend, ce qu'elle dépose, et chaque journée comptée puis close."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from facturation import regles

from .reglements import Reglement
from .tarifs import montant


def par(nom, **options):
    """Le compte de la mairie qui a fait cela."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=nom, **options
    )


class RemboursementQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def valables(self):
        return self.filter(annule_le=None)


class Remboursement(models.Model):
    """Une avance rendue à la famille : un fait daté, avec son moyen et sa référence, jamais un règlement négatif."""

    class Moyen(models.TextChoices):
        VIREMENT = "virement", "virement"
        CHEQUE = "cheque", "chèque"
        ESPECES = "especes", "espèces"

    famille = models.ForeignKey(
        "familles.Famille", models.PROTECT, related_name="remboursements", verbose_name="famille"
    )
    montant = montant("montant rendu")
    moyen = models.CharField("moyen", max_length=11, choices=Moyen.choices)
    reference = models.CharField(
        "référence", max_length=100, help_text="Numéro du virement, du chèque ou du reçu signé."
    )
    fait_le = models.DateField("rendu le")
    motif = models.CharField("motif", max_length=300, help_text="La famille le lit sur son compte.")
    contestation = models.ForeignKey(
        "facturation.Contestation", models.SET_NULL, null=True, blank=True, related_name="remboursements",
        verbose_name="contestation", help_text="Celle qui fut acceptée « à rembourser ».",
    )  # fmt: skip
    saisi_le = models.DateTimeField("saisi le")
    saisi_par = par("saisi par")
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)
    annule_par = par("annulé par", blank=True)
    motif_annulation = models.CharField("motif de l'annulation", max_length=300, blank=True)
    jeton = models.UUIDField("jeton du formulaire", null=True, unique=True, editable=False)

    objects = RemboursementQuerySet.as_manager()

    class Meta:
        verbose_name = "remboursement"
        ordering = ["-fait_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="remboursement_positif",
                condition=Q(montant__gt=0),
                violation_error_message="Un remboursement est un montant positif.",
            ),
            models.CheckConstraint(
                name="remboursement_dit_comment",
                condition=~Q(reference="") & ~Q(motif=""),
                violation_error_message="Un remboursement a sa référence et son motif.",
            ),
            models.CheckConstraint(
                name="remboursement_annulation_motivee",
                condition=Q(annule_le=None) | ~Q(motif_annulation=""),
                violation_error_message="L'annulation d'un remboursement se motive.",
            ),
            models.UniqueConstraint(
                name="contestation_remboursee_une_fois",
                fields=["contestation"],
                condition=Q(annule_le=None),
                violation_error_message="Cette contestation est déjà remboursée.",
            ),
        ]

    def __str__(self):
        return f"Remboursement de {regles.euros(self.montant)} par {self.get_moyen_display()}"


class Bordereau(models.Model):
    """Ce que la régie dépose ensemble : des chèques, des espèces ou des titres, sous un numéro sans trou."""

    exercice = models.PositiveSmallIntegerField("exercice")
    numero = models.PositiveIntegerField("numéro")
    moyen = models.CharField("ce qui est déposé", max_length=11, choices=Reglement.Moyen.choices)
    depose_le = models.DateField("déposé le")
    fait_le = models.DateTimeField("fait le")
    fait_par = par("fait par")

    class Meta:
        verbose_name = "bordereau de dépôt"
        verbose_name_plural = "bordereaux de dépôt"
        ordering = ["-exercice", "-numero"]
        constraints = [
            models.UniqueConstraint(name="bordereau_numero_unique", fields=["exercice", "numero"]),
            models.CheckConstraint(
                name="bordereau_de_caisse",
                condition=Q(moyen__in=Reglement.EN_CAISSE),
                violation_error_message="On dépose des chèques, des espèces ou des titres.",
            ),
        ]

    def __str__(self):
        return f"Bordereau {self.reference}"

    @property
    def reference(self):
        """« B2026-000007 »."""
        return f"B{self.exercice}-{self.numero:06d}"


class Depose(models.Model):
    """Un règlement sur son bordereau : la base refuse qu'il soit sur un second."""

    reglement = models.OneToOneField(Reglement, models.PROTECT, related_name="depose", verbose_name="règlement")
    bordereau = models.ForeignKey(Bordereau, models.PROTECT, related_name="deposes", verbose_name="bordereau")

    class Meta:
        verbose_name = "règlement déposé"
        verbose_name_plural = "règlements déposés"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.reglement}, {self.bordereau}"


class Journee(models.Model):
    """Une journée de caisse close : les espèces comptées, ce que les écritures en attendaient, et l'écart expliqué.

    Close, elle ferme aussi les jours d'avant : plus rien de ce que tient la caisse ne s'écrit à ces dates.
    """

    jour = models.DateField("jour", unique=True)
    attendu = montant("espèces attendues")
    compte = montant("espèces comptées")
    raison = models.CharField("raison de l'écart", max_length=300, blank=True)
    close_le = models.DateTimeField("close le")
    close_par = par("close par")

    class Meta:
        verbose_name = "journée de caisse"
        verbose_name_plural = "journées de caisse"
        ordering = ["-jour"]
        constraints = [
            models.CheckConstraint(
                name="journee_comptee",
                condition=Q(compte__gte=0),
                violation_error_message="On ne compte pas moins que rien.",
            ),
            models.CheckConstraint(
                name="journee_ecart_explique",
                condition=Q(compte=F("attendu")) | ~Q(raison=""),
                violation_error_message="Un écart de caisse s'explique.",
            ),
        ]

    def __str__(self):
        return f"Caisse du {self.jour:%d/%m/%Y}"

    @property
    def ecart(self):
        """Compté − attendu (euros) : négatif, il manque."""
        return self.compte - self.attendu

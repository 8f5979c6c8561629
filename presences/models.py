"""La journée elle-même : qui était là. Réservé, présent et facturé restent trois faits séparés."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PointageQuerySet(models.QuerySet):
    def presents(self):
        return self.filter(etat=Pointage.Etat.PRESENT)


class Pointage(models.Model):
    """Ce qu'un agent a vu d'un enfant à une séance."""

    class Etat(models.TextChoices):
        PRESENT = "present", "présent"
        ABSENT = "absent", "absent"
        EXCUSE = "excuse", "excusé"

    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="pointages", verbose_name="enfant")
    seance = models.ForeignKey("reservations.Seance", models.PROTECT, related_name="pointages", verbose_name="séance")
    etat = models.CharField("état", max_length=7, choices=Etat.choices)
    arrivee = models.TimeField("arrivée", null=True, blank=True, help_text="Heure de Paris.")
    depart = models.TimeField("départ", null=True, blank=True, help_text="Heure de Paris.")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="agent")
    instant_appareil = models.DateTimeField(
        "instant de l'appareil", null=True, blank=True, help_text="L'heure de la tablette, qui peut être restée sans réseau."
    )
    recu_le = models.DateTimeField("reçu le")

    objects = PointageQuerySet.as_manager()

    class Meta:
        verbose_name = "pointage"
        ordering = ["seance", "enfant"]
        indexes = [models.Index(fields=["seance"], include=["etat", "enfant"], name="pointage_de_la_seance")]
        constraints = [
            models.UniqueConstraint(
                name="pointage_unique",
                fields=["enfant", "seance"],
                violation_error_message="Cet enfant est déjà pointé à cette séance.",
            ),
            models.CheckConstraint(
                name="pointage_dans_l_ordre",
                condition=Q(arrivee=None) | Q(depart=None) | Q(arrivee__lte=F("depart")),
                violation_error_message="Un enfant ne part pas avant d'être arrivé.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant} {self.get_etat_display()} – {self.seance}"

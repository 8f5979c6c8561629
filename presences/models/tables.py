"""La journée elle-même : qui était là. Réservé, présent et facturé restent trois faits séparés."""

import uuid

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
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="agent"
    )
    instant_appareil = models.DateTimeField(
        "instant de l'appareil",
        null=True,
        blank=True,
        help_text="L'heure de la tablette, qui peut avoir attendu le réseau.",
    )
    recu_le = models.DateTimeField("reçu le")

    objects = PointageQuerySet.as_manager()

    class Meta:
        verbose_name = "pointage"
        ordering = ["seance", "enfant"]
        permissions = [("pointer_sans_limite", "Peut pointer un jour aussi ancien qu'il faut")]
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
            models.CheckConstraint(
                name="pointage_heures_d_un_present",
                condition=Q(etat="present") | Q(arrivee=None, depart=None),
                violation_error_message="Seul un enfant présent a une heure d'arrivée ou de départ.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant} {self.get_etat_display()} – {self.seance}"


class Geste(models.Model):
    """Le journal des pointages : chaque geste d'un agent, dans l'ordre où le serveur l'a reçu.

    Deux tablettes qui pointent le même enfant y laissent chacune leur ligne ; le dernier geste reçu fait le pointage.
    L'ordre est celui du serveur et non celui des appareils : une tablette dont l'horloge avance effacerait sinon tout
    ce que les autres disent. On y ajoute, on n'y change rien (la base le refuse).
    """

    lot = models.UUIDField(
        "geste d'ensemble", default=uuid.uuid4, help_text="Commun à ce qui fut pointé d'un seul geste."
    )
    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="gestes", verbose_name="enfant")
    seance = models.ForeignKey("reservations.Seance", models.PROTECT, related_name="gestes", verbose_name="séance")
    avant = models.CharField("avant", max_length=7, blank=True, help_text="Vide : pas encore pointé.")
    apres = models.CharField("après", max_length=7, blank=True, help_text="Vide : effacé.")
    arrivee = models.TimeField("arrivée", null=True, blank=True)
    depart = models.TimeField("départ", null=True, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="agent"
    )
    instant_appareil = models.DateTimeField("instant de l'appareil", null=True, blank=True)
    recu_le = models.DateTimeField("reçu le")

    class Meta:
        verbose_name = "geste"
        ordering = ["recu_le", "pk"]
        indexes = [models.Index(fields=["seance", "recu_le"], name="geste_de_la_seance")]

    def __str__(self):
        return f"{self.enfant} : {self.avant or '–'} → {self.apres or '–'}"

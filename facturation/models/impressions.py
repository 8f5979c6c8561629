"""Les factures d'un mois réunies en un fichier à imprimer."""

from django.db import models
from django.db.models import Q

from commune.fichiers import chemin_prive

from .factures import Facturation


class Impression(models.Model):
    """Un fichier demandé, suivi, gardé quelques jours : la dernière impression d'un mois remplace la précédente."""

    facturation = models.OneToOneField(
        Facturation, models.PROTECT, related_name="impression", verbose_name="facturation"
    )
    toutes = models.BooleanField("toutes les factures du mois", default=False)
    recto_verso = models.BooleanField("recto verso", default=True)
    demandee_le = models.DateTimeField("demandée le")
    a_faire = models.PositiveIntegerField("factures à réunir", default=0)
    faites = models.PositiveIntegerField("factures réunies", default=0)
    pages = models.PositiveIntegerField("pages", default=0)
    terminee_le = models.DateTimeField("terminée le", null=True, blank=True)
    incident = models.CharField("incident", max_length=500, blank=True, editable=False)
    fichier = models.FileField("fichier", upload_to=chemin_prive, blank=True, editable=False)

    class Meta:
        verbose_name = "impression de factures"
        verbose_name_plural = "impressions de factures"
        default_permissions = ()  # elle se demande et se lit avec le droit de lire les factures
        constraints = [
            models.CheckConstraint(
                name="impression_terminee_a_son_fichier",
                condition=Q(terminee_le=None, fichier="") | (Q(terminee_le__isnull=False) & ~Q(fichier="")),
                violation_error_message="Une impression terminée a son fichier.",
            ),
        ]

    def __str__(self):
        return f"Impression, {self.facturation}"

    @property
    def court(self):
        """Vrai tant qu'une tâche la fait ou va la faire."""
        return not (self.terminee_le or self.incident)

    @property
    def part(self):
        """Ce qui est fait, de 0 à 100."""
        return 100 * self.faites // max(self.a_faire, 1)

"""Ce qu'un parent veut recevoir, et la trace de ce qui est parti."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PreferencesQuerySet(models.QuerySet):
    def du_compte(self, compte):
        """Les préférences de ce compte, écrites ou non : sans ligne, les valeurs par défaut."""
        return self.filter(compte=compte).first() or Preferences(compte=compte)


class Preferences(models.Model):
    """Les rappels d'un compte et son agenda. Une ligne ne naît que lorsqu'un parent change quelque chose.

    ``agenda`` est la version de l'adresse secrète de son agenda : 0, il n'en a pas ; la changer tue l'ancienne.
    """

    compte = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="compte", primary_key=True
    )
    rappel_limite = models.BooleanField("rappel avant la limite", default=True)
    resume_dimanche = models.BooleanField("résumé du dimanche", default=False)
    agenda = models.PositiveIntegerField("version de l'agenda", default=0)
    agenda_ouvert = models.BooleanField("agenda ouvert", default=False)

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        verbose_name = "préférences"
        verbose_name_plural = "préférences"
        constraints = [
            models.CheckConstraint(
                name="agenda_ouvert_a_une_version",
                condition=Q(agenda_ouvert=False) | Q(agenda__gt=0),
                violation_error_message="Un agenda ouvert a une adresse.",
            ),
        ]

    def __str__(self):
        return f"Préférences de {self.compte}"


class RappelEnvoye(models.Model):
    """Un rappel parti : unique par compte, genre et semaine, il ne part jamais deux fois."""

    class Genre(models.TextChoices):
        LIMITE = "limite", "avant la limite"
        DIMANCHE = "dimanche", "résumé du dimanche"

    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="compte")
    genre = models.CharField("genre", max_length=8, choices=Genre.choices)
    semaine = models.DateField("semaine du", help_text="Le lundi.")
    envoye_le = models.DateTimeField("envoyé le")

    class Meta:
        verbose_name = "rappel envoyé"
        verbose_name_plural = "rappels envoyés"
        ordering = ["-envoye_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="rappel_une_fois",
                fields=["compte", "genre", "semaine"],
                violation_error_message="Ce rappel est déjà parti.",
            ),
        ]

    def __str__(self):
        return f"{self.get_genre_display()}, semaine du {self.semaine:%d/%m/%Y}"

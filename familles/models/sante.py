"""La santé de l'enfant, chiffrée, et qui l'a lue."""

from django.conf import settings
from django.db import models

from ..chiffrement import TexteChiffre
from .enfant import Enfant


class FicheSanitaire(models.Model):
    """La santé de l'enfant, chiffrée. Ses lectures par la mairie sont consignées (voir ``LectureFiche``)."""

    class Regime(models.TextChoices):
        NORMAL = "", "aucun régime particulier"
        SANS_PORC = "sans_porc", "sans porc"
        SANS_VIANDE = "sans_viande", "sans viande"

    enfant = models.OneToOneField(Enfant, models.CASCADE, related_name="fiche", verbose_name="enfant")
    allergies = TexteChiffre("allergies", blank=True)
    pai = TexteChiffre(
        "projet d'accueil individualisé (PAI)",
        blank=True,
        help_text="Ce que l'équipe doit savoir et faire. Le document lui-même s'envoie dans « Mes documents ».",
    )
    panier_repas = models.BooleanField("apporte son propre repas (PAI)", default=False)
    regime = TexteChiffre("régime", blank=True)
    medecin = TexteChiffre("médecin traitant", blank=True)
    medecin_telephone = TexteChiffre("téléphone du médecin", blank=True)
    observations = TexteChiffre("autres observations", blank=True)
    modifiee_le = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "fiche sanitaire"
        verbose_name_plural = "fiches sanitaires"

    def __str__(self):
        return f"Fiche sanitaire de {self.enfant}"

    @property
    def nom_du_regime(self):
        return self.Regime(self.regime).label.capitalize()


class LectureFiche(models.Model):
    """Une lecture d'une fiche sanitaire par la mairie : qui, quand, d'où."""

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="lectures_fiche", verbose_name="enfant")
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="lue par")
    lue_le = models.DateTimeField("lue le")
    page = models.CharField("page", max_length=200)

    class Meta:
        verbose_name = "lecture de fiche sanitaire"
        verbose_name_plural = "lectures de fiches sanitaires"
        ordering = ["-lue_le"]

    def __str__(self):
        return f"{self.enfant} lue par {self.compte}"

"""Les relances : les niveaux que la commune écrit, chaque envoi, et chaque relance faite."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from facturation.regles.relances import PROPOSES, Niveau

from .factures import Facture
from .tarifs import montant


class NiveauRelance(models.Model):
    """Un niveau de relance : quand il vient après l'échéance, et ce qu'il dit."""

    rang = models.PositiveSmallIntegerField(
        "niveau", unique=True, validators=[MinValueValidator(1)], help_text="1 pour le premier ; aucun ne se saute."
    )
    nom = models.CharField("nom", max_length=60, help_text="La famille le lit sur sa facture : « Rappel amical ».")
    jours = models.PositiveSmallIntegerField(
        "jours après l'échéance", validators=[MinValueValidator(1)],
        help_text="Davantage que pour le niveau d'avant.",
    )  # fmt: skip
    objet = models.CharField("objet du courriel", max_length=100)
    texte = models.TextField(
        "texte", max_length=3000,
        help_text="Une ligne vide sépare les paragraphes. « Bonjour », la liste des factures et le lien pour payer "
        "s'ajoutent d'eux-mêmes ; la lettre dit aussi les montants.",
    )

    class Meta:
        verbose_name = "niveau de relance"
        verbose_name_plural = "niveaux de relance"
        ordering = ["rang"]
        constraints = [
            models.CheckConstraint(
                name="niveau_relance_apres_l_echeance",
                condition=Q(jours__gte=1, rang__gte=1),
                violation_error_message="Une relance vient après l'échéance.",
            )
        ]

    def __str__(self):
        return self.nom

    def clean(self):
        autres = NiveauRelance.objects.exclude(pk=self.pk)
        if self.rang and self.jours:
            if autres.filter(rang__lt=self.rang, jours__gte=self.jours).exists():
                raise ValidationError({"jours": "Le niveau d'avant vient le même jour, ou plus tard."}, code="ordre")
            if autres.filter(rang__gt=self.rang, jours__lte=self.jours).exists():
                raise ValidationError({"jours": "Le niveau d'après vient le même jour, ou plus tôt."}, code="ordre")


def niveaux():
    """Les niveaux de la commune, en ``regles.relances.Niveau``, dans l'ordre."""
    return [Niveau(n.rang, n.nom, n.jours, n.objet, n.texte) for n in NiveauRelance.objects.all()]


def installer_niveaux():
    """Propose trois niveaux à une commune qui n'en a aucun."""
    if not NiveauRelance.objects.exists():
        NiveauRelance.objects.bulk_create([NiveauRelance(**n._asdict()) for n in PROPOSES], ignore_conflicts=True)


class EnvoiDeRelances(models.Model):
    """Des relances parties ensemble : lancées, suivies, reprises si elles furent interrompues."""

    lance_le = models.DateTimeField("lancé le")
    lance_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="lancé par"
    )
    # Copiés : les lettres se réimpriment telles qu'elles furent écrites, même si la commune récrit ses textes.
    niveaux = models.JSONField("niveaux", default=list, editable=False)
    ecartes = models.JSONField("foyers écartés par la régie", default=list, editable=False)
    curseur = models.PositiveBigIntegerField("dernier foyer examiné", default=0, editable=False)
    foyers = models.PositiveIntegerField("foyers relancés", default=0)
    factures = models.PositiveIntegerField("factures relancées", default=0)
    lettres = models.PositiveIntegerField("lettres à imprimer", default=0)
    total = montant("total réclamé", default=0)
    termine_le = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "envoi de relances"
        verbose_name_plural = "envois de relances"
        ordering = ["-lance_le", "-pk"]

    def __str__(self):
        return f"Relances du {self.lance_le:%d/%m/%Y}"

    def niveau(self, rang):
        """Le ``Niveau`` tel qu'il fut envoyé."""
        return next(Niveau(*valeurs) for valeurs in self.niveaux if valeurs[0] == rang)


class RelanceQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(facture__famille__adultes__compte=compte, facture__famille__adultes__fin=None)

    def a_imprimer(self):
        return self.filter(moyen=Relance.Moyen.LETTRE)


class Relance(models.Model):
    """Une facture relancée : un fait, que la base refuse de changer (``0001_gardes.sql``)."""

    class Moyen(models.TextChoices):
        COURRIEL = "courriel", "courriel"
        LETTRE = "lettre", "lettre"

    envoi = models.ForeignKey(EnvoiDeRelances, models.PROTECT, related_name="relances", verbose_name="envoi")
    facture = models.ForeignKey(Facture, models.PROTECT, related_name="relances", verbose_name="facture")
    rang = models.PositiveSmallIntegerField("niveau")
    nom = models.CharField("relance", max_length=60)
    du = montant("reste réclamé")
    jour = models.DateField("faite le")
    moyen = models.CharField("moyen", max_length=8, choices=Moyen.choices)

    objects = RelanceQuerySet.as_manager()

    class Meta:
        verbose_name = "relance"
        ordering = ["-jour", "-pk"]
        default_permissions = ("view",)  # elle naît d'un envoi, et ne s'efface pas
        constraints = [
            models.UniqueConstraint(
                name="une_relance_par_niveau",
                fields=["facture", "rang"],
                violation_error_message="Cette facture a déjà reçu ce niveau.",
            ),
            models.UniqueConstraint(
                name="une_relance_par_jour",
                fields=["facture", "jour"],
                violation_error_message="Cette facture est déjà relancée ce jour-là.",
            ),
            models.CheckConstraint(
                name="relance_reclame",
                condition=Q(du__gt=0),
                violation_error_message="On ne relance que ce qui reste dû.",
            ),
        ]

    def __str__(self):
        return f"{self.nom}, facture {self.facture.reference}"

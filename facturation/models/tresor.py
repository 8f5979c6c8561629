"""Ce que la régie remet au Trésor public : des états numérotés, et les dettes qu'ils portent."""

from django.db import models
from django.db.models import Count, Q, Sum

from .caisse import par
from .factures import Facture
from .tarifs import montant


class EtatQuerySet(models.QuerySet):
    def avec_totaux(self):
        """Ajoute ``combien`` et ``somme`` (euros) des dettes qui y sont encore."""
        vivantes = Q(transmissions__annulee_le=None)
        return self.annotate(
            combien=Count("transmissions", filter=vivantes), somme=Sum("transmissions__montant", filter=vivantes)
        )


class EtatDesRestes(models.Model):
    """Un état des restes à recouvrer, sous un numéro sans trou."""

    exercice = models.PositiveSmallIntegerField("exercice")
    numero = models.PositiveIntegerField("numéro")
    fait_le = models.DateTimeField("fait le")
    fait_par = par("fait par")

    objects = EtatQuerySet.as_manager()

    class Meta:
        verbose_name = "état des restes à recouvrer"
        verbose_name_plural = "états des restes à recouvrer"
        ordering = ["-exercice", "-numero"]
        constraints = [models.UniqueConstraint(name="etat_des_restes_numero_unique", fields=["exercice", "numero"])]

    def __str__(self):
        return f"État {self.reference}"

    @property
    def reference(self):
        """« T2026-000003 »."""
        return f"T{self.exercice}-{self.numero:06d}"


class TransmissionQuerySet(models.QuerySet):
    def valables(self):
        return self.filter(annulee_le=None)


class Transmission(models.Model):
    """Une dette remise au Trésor : la famille la paie là-bas. Une erreur se retire, tant que rien n'est venu après."""

    etat = models.ForeignKey(EtatDesRestes, models.PROTECT, related_name="transmissions", verbose_name="état")
    facture = models.ForeignKey(Facture, models.PROTECT, related_name="transmissions", verbose_name="facture")
    montant = montant("reste transmis")
    annulee_le = models.DateTimeField("retirée le", null=True, blank=True)
    annulee_par = par("retirée par", blank=True)
    motif_annulation = models.CharField("motif du retrait", max_length=300, blank=True)

    objects = TransmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "dette transmise au Trésor"
        verbose_name_plural = "dettes transmises au Trésor"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="une_transmission_par_facture",
                fields=["facture"],
                condition=Q(annulee_le=None),
                violation_error_message="Cette facture est déjà transmise au Trésor public.",
            ),
            models.CheckConstraint(
                name="transmission_positive",
                condition=Q(montant__gt=0),
                violation_error_message="On ne transmet que ce qui reste dû.",
            ),
            models.CheckConstraint(
                name="transmission_retrait_motive",
                condition=Q(annulee_le=None) | ~Q(motif_annulation=""),
                violation_error_message="Retirer une dette d'un état se motive.",
            ),
        ]

    def __str__(self):
        return f"{self.facture}, {self.etat}"

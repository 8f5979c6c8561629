"""L'aperçu d'un mois, tel qu'il fut calculé : ce que la régie regarde avant d'émettre."""

from decimal import Decimal

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models
from django.db.models import Max

from facturation import regles
from familles.models import Quotient
from presences.models import Pointage
from reservations.models import Excuse, Mouvement

from .tarifs import montant

# Les tables dont l'administration note les changements, et qui changent le prix de tous.
NOTEES = ["activite", "ajustement", "regie", "tarif", "tranche"]


class Prevision(models.Model):
    """Un aperçu demandé, suivi, gardé quelques jours : le dernier d'un mois remplace le précédent.

    Une petite ville le calcule en ouvrant la page, et ne l'enregistre pas : c'est alors le même objet, sans clé.
    """

    mois = models.DateField("mois", unique=True)
    demandee_le = models.DateTimeField("demandée le")
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="demandée par"
    )
    a_faire = models.PositiveIntegerField("foyers à lire", default=0)
    faites = models.PositiveIntegerField("foyers lus", default=0)
    terminee_le = models.DateTimeField("terminée le", null=True)
    incident = models.CharField("incident", max_length=500, blank=True)
    factures = models.PositiveIntegerField("factures", default=0)
    total = montant("total", default=regles.ZERO)
    reportes = models.PositiveIntegerField("foyers reportés", default=0)
    reporte = montant("reporté", default=regles.ZERO)
    sans_facture = models.PositiveIntegerField("foyers qui ne doivent rien", default=0)
    mois_avant = models.DateField("comparé à", null=True)
    factures_avant = models.PositiveIntegerField("factures d'avant", default=0)
    total_avant = montant("total d'avant", default=regles.ZERO)
    activites = models.JSONField("par activité", default=list)  # [nom, actes, euros, euros d'avant ou None]
    ecarts = models.JSONField("à regarder", default=list)  # [foyer, euros d'avant ou None, euros, pourquoi]
    repere = models.JSONField("repère", default=dict)  # les dernières clés écrites, juste avant de lire

    class Meta:
        verbose_name = "aperçu d'un mois"
        verbose_name_plural = "aperçus d'un mois"
        default_permissions = ()  # il se demande et se lit avec le droit de facturer

    def __str__(self):
        return f"Aperçu de {self.mois:%m/%Y}"

    @property
    def court(self):
        """Vrai tant qu'une tâche le calcule ou va le calculer."""
        return not (self.terminee_le or self.incident)

    @property
    def part(self):
        """Ce qui est lu, de 0 à 100."""
        return 100 * self.faites // max(self.a_faire, 1)

    @property
    def variation(self):
        return regles.variation(self.total_avant, self.total)

    def par_activite(self):
        """``[(nom, actes, euros, euros d'avant, variation), …]``, la plus chère d'abord."""
        lues = [(nom, actes, Decimal(somme), Decimal(avant or 0)) for nom, actes, somme, avant in self.activites]
        return [(nom, actes, somme, avant, regles.variation(avant, somme)) for nom, actes, somme, avant in lues]

    def changee(self):
        """Ce qui a changé depuis le calcul, en mots, ou « » ; au plus cinq requêtes."""
        du_mois = (self.mois, regles.dernier(self.mois))
        depuis = self.repere
        essais = [
            ("une réservation", Mouvement.objects.filter(
                pk__gt=depuis["mouvement"], reservation__seance__jour__range=du_mois)),
            ("un quotient", Quotient.objects.filter(pk__gt=depuis["quotient"])),
            ("un tarif ou une activité", LogEntry.objects.filter(
                pk__gt=depuis["journal"], content_type__model__in=NOTEES)),
            ("une excuse", Excuse.objects.filter(
                models.Q(decidee_le__gt=self.demandee_le) | models.Q(certifie_le__gt=self.demandee_le),
                reservation__seance__jour__range=du_mois)),
            ("un pointage", Pointage.objects.filter(
                recu_le__gt=self.demandee_le, seance__jour__range=du_mois)),
        ]  # fmt: skip
        return next((mots for mots, lignes in essais if lignes.exists()), "")


def repere():
    """Les dernières clés écrites : ce qui viendra après n'est pas dans l'aperçu qui se calcule."""
    def derniere(modele):
        return modele.objects.order_by().aggregate(m=Max("pk"))["m"] or 0

    return {"mouvement": derniere(Mouvement), "quotient": derniere(Quotient), "journal": derniere(LogEntry)}

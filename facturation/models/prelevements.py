"""Les prélèvements SEPA : le lot d'un jour, ce qu'il débite, et ce que la banque en a rejeté."""

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Sum, When

from facturation.regles.prelevements import REJETS, VERSIONS, dire_le_rejet

from .factures import Facture
from .reglements import Mandat, Reglement
from .tarifs import montant

MOTIFS = [(code, f"{code} : {mots}") for code, (mots, _) in REJETS.items()]


class LotQuerySet(models.QuerySet):
    def avec_totaux(self):
        """Ajoute ``combien`` et ``total`` (euros) de ce que le lot débite."""
        vivants = ~Q(prelevements__etat="defait")
        return self.annotate(
            combien=Count("prelevements", filter=vivants), total=Sum("prelevements__montant", filter=vivants)
        )


class LotDePrelevements(models.Model):
    """Ce qui est débité un même jour, en un fichier. Préparé, il se défait ; remis, la banque peut le refuser."""

    jour = models.DateField("prélevé le")
    version = models.CharField("format du fichier", max_length=2, choices=VERSIONS)
    # Copiés : refaire le fichier plus tard le refait octet pour octet, même si la régie a changé de banque.
    creancier = models.JSONField("créancier", default=dict, editable=False)
    nom_du_fichier = models.CharField("nom du fichier", max_length=100)
    prepare_le = models.DateTimeField("préparé le")
    prepare_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="préparé par"
    )
    remis_le = models.DateTimeField("remis le", null=True, blank=True)
    remis_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="remis par"
    )
    defait_le = models.DateTimeField("défait le", null=True, blank=True)
    refuse_le = models.DateField("refusé le", null=True, blank=True, help_text="La banque a refusé le lot entier.")

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = "lot de prélèvements"
        verbose_name_plural = "lots de prélèvements"
        ordering = ["-jour", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="lot_remis_ou_defait",
                condition=Q(remis_le=None) | Q(defait_le=None),
                violation_error_message="Un lot remis ne se défait pas.",
            ),
            models.CheckConstraint(
                name="lot_refuse_fut_remis",
                condition=Q(refuse_le=None) | Q(remis_le__isnull=False),
                violation_error_message="Un lot se refuse une fois remis.",
            ),
        ]

    def __str__(self):
        return f"Prélèvements du {self.jour:%d/%m/%Y}"

    @property
    def etat(self):
        if self.refuse_le:
            return "refusé"
        return "défait" if self.defait_le else "remis" if self.remis_le else "préparé"


class PrelevementQuerySet(models.QuerySet):
    def vivants(self):
        """Ceux qui retiennent leur facture : elle n'ira pas dans un autre lot."""
        return self.exclude(etat__in=[Prelevement.Etat.DEFAIT, Prelevement.Etat.REFUSE])

    def du_fichier(self):
        """Ceux que porte le fichier de leur lot, quoi que la banque en ait fait."""
        return self.exclude(etat=Prelevement.Etat.DEFAIT)

    def a_suivre(self):
        """Les rejetés dont la facture n'est toujours pas payée."""
        dues = Facture.objects.filter(prelevements__etat=Prelevement.Etat.REJETE).impayees()
        return self.filter(etat=Prelevement.Etat.REJETE, facture__in=dues.values("pk"))


class Prelevement(models.Model):
    """Le débit d'une facture sur le mandat qu'elle annonçait. Une facture ne se débite qu'une fois."""

    class Etat(models.TextChoices):
        PREPARE = "prepare", "préparé"
        REMIS = "remis", "remis"
        REJETE = "rejete", "rejeté"
        DEFAIT = "defait", "défait"
        REFUSE = "refuse", "refusé avec son lot"

    lot = models.ForeignKey(LotDePrelevements, models.PROTECT, related_name="prelevements", verbose_name="lot")
    facture = models.ForeignKey(Facture, models.PROTECT, related_name="prelevements", verbose_name="facture")
    # Vidé quand le foyer est effacé : le débit reste, sans compte ni titulaire.
    mandat = models.ForeignKey(
        Mandat, models.SET_NULL, null=True, related_name="prelevements", verbose_name="mandat"
    )
    montant = montant("montant")
    sequence = models.CharField("séquence", max_length=4, choices=[("FRST", "premier"), ("RCUR", "suivant")])
    etat = models.CharField("état", max_length=7, choices=Etat.choices, default=Etat.PREPARE)
    reglement = models.OneToOneField(
        Reglement, models.PROTECT, null=True, related_name="prelevement", verbose_name="règlement"
    )
    code_rejet = models.CharField("motif du rejet", max_length=4, blank=True, choices=MOTIFS)
    rejete_le = models.DateField("rejeté le", null=True, blank=True)
    rejet_saisi_le = models.DateTimeField("rejet saisi le", null=True, blank=True)
    rejet_saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name="rejet saisi par",
    )  # fmt: skip

    objects = PrelevementQuerySet.as_manager()

    class Meta:
        verbose_name = "prélèvement"
        ordering = ["-lot", "pk"]
        default_permissions = ("view", "change")  # il naît dans un lot, et ne s'efface pas
        constraints = [
            models.UniqueConstraint(
                name="une_facture_se_debite_une_fois",
                fields=["facture"],
                condition=~Q(etat__in=["defait", "refuse"]),
                violation_error_message="Cette facture est déjà dans un lot.",
            ),
            models.CheckConstraint(
                name="prelevement_positif",
                condition=Q(montant__gt=0),
                violation_error_message="Un prélèvement est un montant positif.",
            ),
            models.CheckConstraint(
                name="prelevement_remis_encaisse",
                condition=Q(etat__in=["remis", "rejete", "refuse"], reglement__isnull=False)
                | Q(etat__in=["prepare", "defait"], reglement=None),
                violation_error_message="Un prélèvement remis a son règlement, et lui seul.",
            ),
            models.CheckConstraint(
                name="prelevement_rejete_motive",
                condition=(Q(etat__in=["rejete", "refuse"], rejete_le__isnull=False) & ~Q(code_rejet=""))
                | (~Q(etat__in=["rejete", "refuse"]) & Q(code_rejet="", rejete_le=None)),
                violation_error_message="Un rejet a sa date et son motif.",
            ),
        ]

    def __str__(self):
        return f"Prélèvement {self.reference}"

    @property
    def reference(self):
        """« 2026-000042-L3 » : ce que le fichier et le relevé de la banque en disent."""
        return f"{self.facture.reference}-L{self.lot_id}"

    @property
    def rejet_dit(self):
        return dire_le_rejet(self.code_rejet) if self.code_rejet else ""


def avec_prelevement(factures, jour):
    """Ajoute ``sera_prelevee`` : le prélèvement annoncé tient encore à cette date de Paris.

    Ni passé, ni rejeté, ni sans mandat ; parti à la banque, il tient même si le mandat ne vaut plus.
    """
    siens = Prelevement.objects.filter(facture=OuterRef("pk"))
    mort = Mandat.objects.filter(Q(revoque_le__isnull=False) | Q(suspendu_le__isnull=False), rum=OuterRef("rum"))
    tient = (
        ~Q(rum="") & Q(preleve_le__gte=jour) & ~Exists(siens.filter(etat=Prelevement.Etat.REJETE))
        & (Exists(siens.filter(etat__in=[Prelevement.Etat.PREPARE, Prelevement.Etat.REMIS])) | ~Exists(mort))
    )  # fmt: skip
    return factures.annotate(
        sera_prelevee=Case(When(tient, then=True), default=False, output_field=models.BooleanField())
    )


def sera_prelevee(facture, jour):
    """Vrai si le prélèvement que cette facture annonce tient encore à cette date de Paris ; une requête au plus."""
    if not facture.rum or facture.preleve_le < jour:
        return False
    return avec_prelevement(Facture.objects.filter(pk=facture.pk), jour).values_list("sera_prelevee", flat=True).get()

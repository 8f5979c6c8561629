"""L'échéancier : la demande de la famille, le plan que la régie accorde, ses échéances et ses factures."""

from collections import defaultdict
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from facturation.regles import echeanciers as regles

from .factures import Facture
from .reglements import Regie
from .tarifs import montant


def compte(nom, **options):
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=nom, **options
    )


class EcheancierQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def ouverts(self):
        """Ceux que la régie n'a pas révoqués ; finis, ils le restent."""
        return self.filter(revoque_le=None)

    def situes(self, jour):
        """Une liste : chacun avec sa ``position`` ce jour de Paris. Quatre requêtes au plus."""
        plans = list(self.prefetch_related("echeances"))
        if not plans:
            return []
        tolerance = Regie.courante().echeancier_tolerance
        siennes = FactureEchelonnee.objects.filter(echeancier__in=plans, facture__reste_du__isnull=False)
        restes = defaultdict(Decimal)
        for plan, somme in siennes.values_list("echeancier", "facture__reste_du__montant"):
            restes[plan] += somme
        for plan in plans:
            plan.situer(plan.total - restes[plan.pk], jour, tolerance)
        return plans


class Echeancier(models.Model):
    """Un plan de paiement accordé par la régie ; ses échéances font exactement la dette (``0001_gardes.sql``)."""

    ETATS = {
        regles.TENU: "tenu", regles.RETARD: "en retard", regles.ROMPU: "rompu", regles.FINI: "terminé",
        regles.REVOQUE: "révoqué",
    }  # fmt: skip

    famille = models.ForeignKey(
        "familles.Famille", models.PROTECT, related_name="echeanciers", verbose_name="famille"
    )
    total = montant("total")
    mot = models.TextField("mot à la famille", max_length=1000, blank=True)
    accorde_le = models.DateTimeField("accordé le")
    accorde_par = compte("accordé par")
    revoque_le = models.DateTimeField("révoqué le", null=True, blank=True)
    revoque_par = compte("révoqué par", blank=True)
    motif_revocation = models.CharField("motif de la révocation", max_length=300, blank=True)

    objects = EcheancierQuerySet.as_manager()

    class Meta:
        verbose_name = "échéancier"
        ordering = ["-accorde_le", "-pk"]
        constraints = [
            models.CheckConstraint(name="echeancier_positif", condition=Q(total__gt=0)),
            models.CheckConstraint(
                name="echeancier_revocation_motivee",
                condition=Q(revoque_le=None) | ~Q(motif_revocation=""),
                violation_error_message="La révocation d'un échéancier se motive.",
            ),
        ]

    def __str__(self):
        return f"Échéancier {self.reference}"

    @property
    def reference(self):
        """« E000007 »."""
        return f"E{self.pk:06d}"

    @cached_property
    def prevues(self):
        """Les échéances, dans l'ordre ; chacune a ``paye`` et ``reste`` (euros) une fois le plan situé."""
        return sorted(self.echeances.all(), key=lambda echeance: echeance.rang)

    def situer(self, paye, jour, tolerance):
        """Pose ``position`` (``regles.Position``) et ce que la page en montre."""
        suite = [(echeance.jour, echeance.montant) for echeance in self.prevues]
        self.position = regles.situer(suite, paye, jour, tolerance, revoque=self.revoque_le is not None)
        self.a_payer = regles.a_payer_maintenant(suite, self.position)
        for echeance, part in zip(self.prevues, self.position.payes, strict=True):
            echeance.paye, echeance.reste = part, echeance.montant - part
            echeance.en_retard = echeance.reste > 0 and echeance.jour < jour

    @property
    def etat(self):
        return self.ETATS[self.position.etat]

    @property
    def vivant(self):
        """Vrai tant qu'il protège des relances : tenu, ou d'un retard encore excusé."""
        return self.position.etat in regles.VIVANTS

    @property
    def prochaine(self):
        return None if self.position.prochaine is None else self.prevues[self.position.prochaine]

    @property
    def reste(self):
        return self.total - self.position.paye


class Echeance(models.Model):
    """Une échéance : sa date de Paris et son montant, qui ne changent plus."""

    echeancier = models.ForeignKey(Echeancier, models.PROTECT, related_name="echeances", verbose_name="échéancier")
    rang = models.PositiveSmallIntegerField("rang")
    jour = models.DateField("à payer avant le")
    montant = montant("montant")
    rappelee_le = models.DateTimeField("rappelée le", null=True, blank=True)

    class Meta:
        verbose_name = "échéance"
        ordering = ["echeancier", "rang"]
        constraints = [
            models.UniqueConstraint(name="echeance_rang_unique", fields=["echeancier", "rang"]),
            models.UniqueConstraint(
                name="echeance_jour_unique",
                fields=["echeancier", "jour"],
                violation_error_message="Deux échéances ne tombent pas le même jour.",
            ),
            models.CheckConstraint(
                name="echeance_positive",
                condition=Q(montant__gt=0),
                violation_error_message="Une échéance est un montant positif.",
            ),
        ]

    def __str__(self):
        return f"{self.jour:%d/%m/%Y}"


class FactureEchelonnee(models.Model):
    """Une facture dans un échéancier, pour ce qui en restait ; ``ouverte`` jusqu'à une révocation."""

    echeancier = models.ForeignKey(Echeancier, models.PROTECT, related_name="factures", verbose_name="échéancier")
    facture = models.ForeignKey(Facture, models.PROTECT, related_name="echelonnees", verbose_name="facture")
    montant = montant("reste ce jour-là")
    ouverte = models.BooleanField("ouverte", default=True)

    class Meta:
        verbose_name = "facture échelonnée"
        verbose_name_plural = "factures échelonnées"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="un_echeancier_ouvert_par_facture",
                fields=["facture"],
                condition=Q(ouverte=True),
                violation_error_message="Cette facture a déjà un échéancier.",
            ),
            models.CheckConstraint(name="facture_echelonnee_due", condition=Q(montant__gt=0)),
        ]

    def __str__(self):
        return f"{self.facture}, {self.echeancier}"


class DemandeQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def a_decider(self):
        return self.filter(etat=DemandeEcheancier.Etat.ENVOYEE)


class DemandeEcheancier(models.Model):
    """Ce que demande la famille, et la réponse de la régie, avec ses mots."""

    class Etat(models.TextChoices):
        ENVOYEE = "envoyee", "envoyée"
        ACCEPTEE = "acceptee", "acceptée"
        REFUSEE = "refusee", "refusée"

    famille = models.ForeignKey(
        "familles.Famille", models.PROTECT, related_name="demandes_d_echeancier", verbose_name="famille"
    )
    phrase = models.TextField("pourquoi", max_length=1000)
    mois = models.PositiveSmallIntegerField(
        "en combien de mois", validators=[MinValueValidator(2), MaxValueValidator(regles.MAXIMUM)]
    )
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.ENVOYEE)
    envoyee_le = models.DateTimeField("envoyée le")
    envoyee_par = compte("envoyée par")
    reponse = models.TextField("réponse de la régie", max_length=1000, blank=True)
    decidee_le = models.DateTimeField("décidée le", null=True, blank=True)
    decidee_par = compte("décidée par", blank=True)
    echeancier = models.OneToOneField(
        Echeancier, models.PROTECT, null=True, blank=True, related_name="demande", verbose_name="échéancier"
    )

    objects = DemandeQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d'échéancier"
        verbose_name_plural = "demandes d'échéancier"
        ordering = ["-envoyee_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="une_demande_d_echeancier_ouverte",
                fields=["famille"],
                condition=Q(etat="envoyee"),
                violation_error_message="Votre demande d'échéancier attend déjà la réponse de la mairie.",
            ),
            models.CheckConstraint(
                name="demande_d_echeancier_de_quelques_mois",
                condition=Q(mois__gte=2, mois__lte=regles.MAXIMUM),
                violation_error_message="Un échéancier a de deux à vingt-quatre mois.",
            ),
            models.CheckConstraint(
                name="demande_d_echeancier_decidee",
                condition=Q(etat="envoyee", decidee_le=None, echeancier=None)
                | Q(etat="acceptee", decidee_le__isnull=False, echeancier__isnull=False)
                | Q(etat="refusee", decidee_le__isnull=False, echeancier=None) & ~Q(reponse=""),
                violation_error_message="Acceptée, une demande a son échéancier ; refusée, ses mots.",
            ),
        ]

    def __str__(self):
        return f"Demande d'échéancier de la {self.famille}"


def echelonnees(jour, familles=None):
    """Les clés des factures qu'un échéancier protège ce jour de Paris ; ``familles`` : seulement les leurs (clés)."""
    plans = Echeancier.objects.ouverts()
    plans = plans if familles is None else plans.filter(famille__in=familles)
    vivants = [plan for plan in plans.situes(jour) if plan.vivant]
    if not vivants:
        return set()
    siennes = FactureEchelonnee.objects.filter(echeancier__in=vivants, ouverte=True)
    return set(siennes.values_list("facture", flat=True))

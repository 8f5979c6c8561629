"""Une ligne de facture que la famille conteste, ce que l'on s'en écrit, et ce que la mairie décide."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from commune.fichiers import chemin_prive
from commune.regles import instant_de_paris, jour_de_paris
from facturation import regles

from .caisse import Remboursement
from .factures import Avoir, Ligne


class ContestationQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(
            ligne__facture__famille__adultes__compte=compte, ligne__facture__famille__adultes__fin=None
        )

    def ouvertes(self):
        """Ni acceptées ni refusées : la mairie doit répondre, ou attend la famille."""
        return self.filter(etat__in=regles.OUVERTES)

    def a_decider(self):
        return self.filter(etat=Contestation.Etat.ENVOYEE)

    def sans_reponse(self, jour):
        """Celles dont la famille n'a pas répondu à la question depuis plus de trente jours, à cette date de Paris."""
        return self.filter(etat=Contestation.Etat.QUESTION, suspendue_le__lt=_oubliee_avant(jour))

    def a_traiter(self, jour):
        """Ce qui attend un geste de la mairie : celles à décider, et celles qui restent sans réponse."""
        return self.a_decider() | self.sans_reponse(jour)

    def a_rembourser(self):
        """Acceptées « à rembourser », et que rien n'a encore remboursées."""
        deja = Exists(Remboursement.objects.valables().filter(contestation=OuterRef("pk")))
        return self.filter(~deja, suite=Contestation.Suite.REMBOURSER)


def _oubliee_avant(jour):
    """L'instant avant lequel une question, posée alors, est « sans réponse » à cette date de Paris."""
    return instant_de_paris(jour - dt.timedelta(days=regles.SANS_REPONSE), dt.time(0))


class Contestation(models.Model):
    """Pourquoi la famille conteste une ligne, et la réponse. Acceptée, un avoir rend la ligne ou une part de la ligne ;
    la facture reste.
    """

    class Etat(models.TextChoices):
        ENVOYEE = "envoyee", "envoyée"
        QUESTION = "question", "en attente de la famille"
        ACCEPTEE = "acceptee", "acceptée"
        PARTIE = "partie", "acceptée en partie"
        REFUSEE = "refusee", "refusée"

    class Suite(models.TextChoices):
        DEDUIRE = "deduire", "déduite de ce que doit la famille, ou de sa prochaine facture"
        REMBOURSER = "rembourser", "remboursée à la famille"

    ligne = models.ForeignKey(Ligne, models.PROTECT, related_name="contestations", verbose_name="ligne")
    motif = models.TextField("raison", max_length=1000)
    fichier = models.FileField("pièce jointe", upload_to=chemin_prive, blank=True)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.ENVOYEE)
    envoyee_le = models.DateTimeField("envoyée le")
    envoyee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="envoyée par"
    )
    repondre_avant = models.DateField(
        "répondre avant le", help_text="Ce jour compris, promis à la famille ; une question le repousse d'autant."
    )
    suspendue_le = models.DateTimeField(
        "délai suspendu depuis le", null=True, blank=True, help_text="L'instant de la question qui attend la famille."
    )
    reponse = models.TextField("réponse de la mairie", max_length=1000, blank=True)
    suite = models.CharField("ce qui est rendu sera", max_length=10, choices=Suite.choices, blank=True)
    avoir = models.ForeignKey(
        Avoir, models.PROTECT, null=True, blank=True, related_name="contestations", verbose_name="avoir"
    )
    decidee_le = models.DateTimeField("décidée le", null=True, blank=True)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidée par"
    )

    objects = ContestationQuerySet.as_manager()

    class Meta:
        verbose_name = "contestation"
        ordering = ["-envoyee_le", "-pk"]
        indexes = [
            models.Index(fields=["repondre_avant"], condition=Q(etat="envoyee"), name="contestation_a_decider")
        ]
        constraints = [
            models.UniqueConstraint(
                name="une_contestation_ouverte",
                fields=["ligne"],
                condition=Q(etat__in=["envoyee", "question"]),
                violation_error_message="Cette ligne est déjà contestée : la mairie va répondre.",
            ),
            models.CheckConstraint(
                name="contestation_refus_motive",
                condition=~Q(etat__in=["refusee", "partie"]) | ~Q(reponse=""),
                violation_error_message="Un refus se motive, même d'une partie.",
            ),
            models.CheckConstraint(
                name="contestation_acceptee_rendue",
                condition=Q(etat__in=["acceptee", "partie"], avoir__isnull=False) & ~Q(suite="")
                | ~Q(etat__in=["acceptee", "partie"]) & Q(avoir=None),
                violation_error_message="Une contestation acceptée, même en partie, a son avoir ; les autres n'en ont "
                "pas.",
            ),
            models.CheckConstraint(
                name="contestation_decidee",
                condition=Q(etat__in=["envoyee", "question"], decidee_le=None)
                | ~Q(etat__in=["envoyee", "question"]) & Q(decidee_le__isnull=False),
                violation_error_message="Une décision a son instant.",
            ),
            models.CheckConstraint(
                name="contestation_suspendue",
                condition=Q(etat="question", suspendue_le__isnull=False) | ~Q(etat="question") & Q(suspendue_le=None),
                violation_error_message="Une question à la famille suspend le délai de réponse, et elle seule.",
            ),
        ]

    def __str__(self):
        return f"Contestation : {self.ligne}"

    @property
    def ouverte(self):
        return self.etat in regles.OUVERTES

    def en_retard(self, jour):
        """Vrai si la mairie aurait dû répondre avant ce jour de Paris ; une question à la famille suspend le délai."""
        return self.etat == self.Etat.ENVOYEE and jour > self.repondre_avant

    def sans_reponse(self, jour):
        """Vrai si la famille n'a pas répondu à la question depuis plus de trente jours (voir ``a_traiter``)."""
        return self.etat == self.Etat.QUESTION and regles.sans_reponse(jour_de_paris(self.suspendue_le), jour)

    @property
    def ecrits(self):
        """Combien de questions et de réponses se sont écrites depuis l'envoi : qui décide les a toutes lues."""
        return sum(1 if precision.attend else 2 for precision in self.precisions.all())

    @property
    def rendu(self):
        """Ce que l'avoir rend de cette ligne (euros) : il en rend parfois d'autres avec elle."""
        return min(self.avoir.montant, self.ligne.montant)

    @property
    def rembourse(self):
        """Le ``Remboursement`` valable de cette contestation, ou ``None``."""
        return self.remboursements.valables().first()


class PrecisionQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(
            contestation__ligne__facture__famille__adultes__compte=compte,
            contestation__ligne__facture__famille__adultes__fin=None,
        )


class Precision(models.Model):
    """Une question de la mairie sur une contestation, et la réponse de la famille, une fois.

    La base refuse qu'une contestation décidée en reçoive encore (``0005_precisions.sql``).
    """

    contestation = models.ForeignKey(
        Contestation, models.PROTECT, related_name="precisions", verbose_name="contestation"
    )
    question = models.TextField("question de la mairie", max_length=1000)
    demandee_le = models.DateTimeField("demandée le")
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="demandée par"
    )
    reponse = models.TextField("réponse de la famille", max_length=1000, blank=True)
    fichier = models.FileField("pièce jointe", upload_to=chemin_prive, blank=True)
    repondue_le = models.DateTimeField("répondue le", null=True, blank=True)
    repondue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="répondue par"
    )

    objects = PrecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "précision demandée"
        verbose_name_plural = "précisions demandées"
        default_permissions = ()
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="une_question_a_la_fois",
                fields=["contestation"],
                condition=Q(repondue_le=None),
                violation_error_message="Une question attend déjà la réponse de la famille.",
            ),
            models.CheckConstraint(
                name="precision_demandee",
                condition=~Q(question=""),
                violation_error_message="Une question a ses mots.",
            ),
            models.CheckConstraint(
                name="precision_repondue",
                condition=Q(repondue_le=None, reponse="", fichier="") | Q(repondue_le__isnull=False) & ~Q(reponse=""),
                violation_error_message="Une réponse a ses mots et son instant.",
            ),
        ]

    def __str__(self):
        return f"Précision demandée : {self.contestation.ligne}"

    @property
    def attend(self):
        """Vrai tant que la famille n'a pas répondu."""
        return self.repondue_le is None

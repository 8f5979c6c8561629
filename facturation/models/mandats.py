"""La signature d'un mandat sur le portail : le code envoyé, puis la preuve datée."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from facturation.banques import banque
from facturation.regles import masquer

from .reglements import Mandat


class SignatureMandat(models.Model):
    """Une demande de signature ; signée, elle est la preuve : qui, quand, d'où, quel texte, quel compte."""

    famille = models.ForeignKey(
        "familles.Famille", models.PROTECT, related_name="signatures_de_mandat", verbose_name="famille"
    )
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="signataire")
    courriel = models.EmailField("adresse qui a reçu le code")
    titulaire = models.CharField("titulaire du compte", max_length=140)
    iban = models.CharField("IBAN", max_length=34)
    texte = models.TextField("texte signé")
    version = models.PositiveSmallIntegerField("version du texte")
    code = models.CharField("empreinte du code", max_length=64, editable=False)
    essais = models.PositiveSmallIntegerField("essais manqués", default=0)
    demandee_le = models.DateTimeField("demandée le")
    signee_le = models.DateTimeField("signée le", null=True)
    adresse_ip = models.GenericIPAddressField("adresse de connexion", null=True)
    mandat = models.OneToOneField(
        Mandat, models.CASCADE, null=True, related_name="signature", verbose_name="mandat"
    )

    class Meta:
        verbose_name = "signature de mandat"
        verbose_name_plural = "signatures de mandat"
        ordering = ["-demandee_le", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["famille", "demandee_le"], name="signature_du_foyer")]
        constraints = [
            models.CheckConstraint(
                name="signature_a_son_mandat",
                condition=Q(signee_le=None, mandat=None) | Q(signee_le__isnull=False, mandat__isnull=False),
                violation_error_message="Une signature a son instant et son mandat.",
            )
        ]

    def __str__(self):
        return f"Signature du mandat de la {self.famille}"

    @property
    def iban_masque(self):
        return masquer(self.iban)

    @property
    def banque(self):
        return banque(self.iban)

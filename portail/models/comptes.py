"""Les comptes, les demandes de compte et les consentements."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from commune.models import cle_de_recherche
from familles.models import CODE_POSTAL, TELEPHONE, Civilite


class CompteManager(BaseUserManager):
    def create_user(self, email, password=None, **champs):
        compte = self.model(email=email.strip().lower(), **champs)
        compte.set_password(password)
        compte.save(using=self._db)
        return compte

    def create_superuser(self, email, password=None, **champs):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **champs)

    def get_by_natural_key(self, email):
        return self.get(email=email.strip().lower())


class Compte(AbstractBaseUser, PermissionsMixin):
    """Un compte s'ouvre par une adresse e-mail. Un parent a un adulte ; un agent a ``is_staff`` et un groupe."""

    email = models.EmailField(
        "adresse e-mail", unique=True, error_messages={"unique": "Un compte existe déjà à cette adresse."}
    )
    nom = models.CharField("nom", max_length=100, blank=True)
    prenom = models.CharField("prénom", max_length=100, blank=True)
    is_active = models.BooleanField("actif", default=True)
    is_staff = models.BooleanField("travaille pour la commune", default=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    # Copie de la dernière réponse au consentement, pour qu'aucune page ne paie une requête à le vérifier,
    # et qu'un retrait vaille aussitôt sur tous les appareils. Seules portail.actions l'écrivent.
    texte_accepte = models.ForeignKey(
        "TexteConsentement",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="texte accepté",
    )
    cle = cle_de_recherche("prenom", "nom", "email")

    objects = CompteManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "compte"
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                name="compte_email_en_minuscules",
                condition=Q(email=Lower("email")),
                violation_error_message="L'adresse e-mail s'écrit en minuscules.",
            ),
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    def get_full_name(self):
        return f"{self.prenom} {self.nom}".strip()

    def get_short_name(self):
        return self.prenom or self.email


class DemandeCompte(models.Model):
    """Une création de compte qui attend que sa boîte aux lettres réponde.

    Rien d'autre n'existe avant le clic : ni compte, ni famille, ni doublon à nettoyer.
    """

    email = models.EmailField("adresse e-mail")
    civilite = models.CharField("civilité", max_length=3, choices=Civilite.choices)
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    adresse = models.CharField("adresse", max_length=200)
    complement = models.CharField("complément d'adresse", max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=5, validators=[CODE_POSTAL])
    ville = models.CharField("ville", max_length=100)
    telephone = models.CharField("téléphone", max_length=20, validators=[TELEPHONE])
    telephone_travail = models.CharField("téléphone au travail", max_length=20, blank=True, validators=[TELEPHONE])
    empreinte = models.CharField("empreinte du lien", max_length=64, unique=True)
    demandee_le = models.DateTimeField("demandée le")
    utilisee_le = models.DateTimeField("utilisée le", null=True, blank=True)

    class Meta:
        verbose_name = "demande de compte"
        verbose_name_plural = "demandes de compte"
        ordering = ["-demandee_le"]
        indexes = [models.Index(fields=["email"], name="demande_par_adresse")]

    def __str__(self):
        return self.email


class ChangementEmail(models.Model):
    """Un changement d'adresse e-mail : la nouvelle le confirme, l'ancienne peut l'annuler, même après coup."""

    compte = models.ForeignKey(Compte, models.CASCADE, related_name="changements_email", verbose_name="compte")
    ancienne = models.EmailField("ancienne adresse")
    nouvelle = models.EmailField("nouvelle adresse")
    empreinte = models.CharField("empreinte du lien qui confirme", max_length=64, unique=True)
    empreinte_annulation = models.CharField("empreinte du lien qui annule", max_length=64, unique=True)
    demande_le = models.DateTimeField("demandé le")
    confirme_le = models.DateTimeField("confirmé le", null=True, blank=True)
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)

    class Meta:
        verbose_name = "changement d'adresse e-mail"
        verbose_name_plural = "changements d'adresse e-mail"
        ordering = ["-demande_le", "-pk"]

    def __str__(self):
        return f"{self.ancienne} → {self.nouvelle}"


class TexteConsentementQuerySet(models.QuerySet):
    def en_vigueur(self, maintenant):
        return self.filter(publie_le__lte=maintenant).order_by("-publie_le", "-pk").first()


class TexteConsentement(models.Model):
    """Une version du texte RGPD. Dès qu'on y a répondu, la base refuse de la récrire : on en publie une autre."""

    version = models.CharField("version", max_length=20, unique=True, help_text="Par exemple 2026-2.")
    texte = models.TextField(
        "texte",
        help_text="Une ligne vide sépare deux paragraphes ; une courte ligne en tête de paragraphe est son titre. "
        "{commune}, {annees}, {mois} et {courriel} sont remplacés par "
        "le nom de la mairie, les durées de conservation des familles et de la santé, et l'adresse à qui écrire.",
    )
    publie_le = models.DateTimeField(
        "publié le", help_text="À partir de cet instant, chaque famille y répond de nouveau."
    )

    objects = TexteConsentementQuerySet.as_manager()

    class Meta:
        verbose_name = "texte du consentement"
        verbose_name_plural = "textes du consentement"
        ordering = ["-publie_le"]

    def __str__(self):
        return self.version


class Consentement(models.Model):
    """Une réponse datée au texte : on en ajoute, on n'en change aucune. La plus récente vaut.

    La base elle-même refuse d'en modifier ou d'en effacer une (RGPD, art. 7-1 : la commune doit pouvoir
    prouver l'accord), sauf à l'annoncer par ``SET LOCAL portail.purge``. La fin de conservation n'en efface pas :
    la réponse reste, au nom d'un compte qui n'en a plus.
    """

    class Reponse(models.TextChoices):
        ACCEPTE = "accepte", "accepté"
        RETIRE = "retire", "retiré"

    compte = models.ForeignKey(Compte, models.PROTECT, related_name="consentements", verbose_name="compte")
    texte = models.ForeignKey(TexteConsentement, models.PROTECT, related_name="reponses", verbose_name="texte")
    reponse = models.CharField("réponse", max_length=7, choices=Reponse.choices)
    instant = models.DateTimeField("le")
    adresse_ip = models.GenericIPAddressField("adresse", null=True)
    texte_lu = models.TextField("ce qui était affiché", blank=True, help_text="Le texte, noms et durées remplacés.")

    class Meta:
        verbose_name = "consentement"
        ordering = ["-instant", "-pk"]
        indexes = [models.Index(fields=["compte", "-instant"], name="consentement_du_compte")]

    def __str__(self):
        return f"{self.compte} : {self.get_reponse_display()}"


class EffacementQuerySet(models.QuerySet):
    def a_venir(self):
        return self.filter(effacee_le=None)

    def faits(self):
        return self.exclude(effacee_le=None)


class Effacement(models.Model):
    """La fin de conservation d'une famille : prévenue, puis effacée un mois plus tard (RGPD, art. 5-1-e).

    Une famille qui revient entre les deux n'a plus de ligne. Celle d'une famille effacée reste, pour en rendre
    compte (art. 5-2), et son foyer n'a plus de nom.
    """

    famille = models.OneToOneField(
        "familles.Famille", models.CASCADE, related_name="effacement", verbose_name="famille"
    )
    prevenue_le = models.DateTimeField("prévenue le")
    effacee_le = models.DateTimeField("effacée le", null=True, blank=True)

    objects = EffacementQuerySet.as_manager()

    class Meta:
        verbose_name = "fin de conservation"
        verbose_name_plural = "fins de conservation"
        ordering = ["-prevenue_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="effacement_annonce",
                condition=Q(effacee_le=None) | Q(effacee_le__gt=F("prevenue_le")),
                violation_error_message="Une famille est prévenue avant d'être effacée.",
            ),
        ]

    def __str__(self):
        return str(self.famille)


class InvitationQuerySet(models.QuerySet):
    def en_attente(self):
        return self.filter(utilisee_le=None)


class Invitation(models.Model):
    """Un lien envoyé à un second responsable : il sert une fois, dans les trois jours.

    ``adulte`` : il est invité dans le foyer où il figure déjà. ``enfant`` : la mairie invite l'autre parent, qui a ou
    ouvrira son propre foyer. Que l'adresse ait un compte ou non, qui invite ne l'apprend pas.
    """

    email = models.EmailField("adresse e-mail")
    adulte = models.ForeignKey(
        "familles.Adulte", models.CASCADE, null=True, related_name="invitations", verbose_name="adulte"
    )
    enfant = models.ForeignKey(
        "familles.Enfant", models.CASCADE, null=True, related_name="invitations", verbose_name="enfant"
    )
    civilite = models.CharField("civilité", max_length=3, choices=Civilite.choices)
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    empreinte = models.CharField("empreinte du lien", max_length=64, unique=True)
    envoyee_par = models.ForeignKey(Compte, models.PROTECT, related_name="+", verbose_name="envoyée par")
    envoyee_le = models.DateTimeField("envoyée le")
    utilisee_le = models.DateTimeField("utilisée le", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["-envoyee_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="invitation_un_seul_but",
                condition=Q(adulte=None, enfant__isnull=False) | Q(adulte__isnull=False, enfant=None),
                violation_error_message="Une invitation ouvre un foyer, ou en partage un.",
            ),
        ]

    def __str__(self):
        return self.email

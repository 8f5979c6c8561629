"""Le foyer : son adresse, ses adultes, son quotient."""

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from commune.models import cle_de_recherche

TELEPHONE = RegexValidator(
    r"^\+?[0-9][0-9 .\-]{8,18}$",
    "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78.",
)
CODE_POSTAL = RegexValidator(r"^\d{5}$", "Un code postal a cinq chiffres.")


class Civilite(models.TextChoices):
    MADAME = "mme", "Mme"
    MONSIEUR = "m", "M."


class FamilleQuerySet(models.QuerySet):
    def du_compte(self, compte):
        """Le foyer de ce compte : un parent ne voit que le sien, et un compte n'est que d'un adulte."""
        return self.filter(adultes__compte=compte, adultes__fin=None)

    def a_valider(self):
        return self.filter(statut=Famille.Statut.A_VALIDER)


class Famille(models.Model):
    """Un foyer : une adresse, des adultes, et les factures qu'il paie."""

    class Statut(models.TextChoices):
        EN_CREATION = "en_creation", "en création"
        A_VALIDER = "a_valider", "à valider"
        VALIDEE = "validee", "validée"

    nom = models.CharField("nom", max_length=100)
    adresse = models.CharField("adresse", max_length=200)
    complement = models.CharField("complément d'adresse", max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=5, validators=[CODE_POSTAL])
    ville = models.CharField("ville", max_length=100)
    hors_commune = models.BooleanField(
        "hors commune",
        default=False,
        help_text="Le foyer n'habite pas la commune : un autre tarif peut s'appliquer.",
    )
    statut = models.CharField("dossier", max_length=12, choices=Statut.choices, default=Statut.EN_CREATION)
    motif_retour = models.TextField(
        "ce qui manque", blank=True, help_text="Dit à la famille quand son dossier lui est rendu."
    )
    envoyee_le = models.DateTimeField("envoyée le", null=True, blank=True)
    validee_le = models.DateTimeField("validée le", null=True, blank=True)
    creee_le = models.DateTimeField("créée le", auto_now_add=True)
    notes = models.TextField("notes de la mairie", blank=True, help_text="Jamais montrées à la famille.")
    parents_travaillent = models.BooleanField(
        "les parents travaillent", default=False,
        help_text="Vérifié sur attestation ; compte pour les activités qui donnent cette priorité.",
    )  # fmt: skip
    # Écrits par la facturation, lus par les réservations : aucun étage ne regarde au-dessus de lui.
    suspendue_le = models.DateTimeField("réservations suspendues le", null=True, blank=True, editable=False)
    suspendue_motif = models.CharField("motif de la suspension", max_length=300, blank=True, editable=False)
    cle = cle_de_recherche("nom")

    objects = FamilleQuerySet.as_manager()

    class Meta:
        verbose_name = "famille"
        ordering = ["nom", "pk"]
        constraints = [
            models.CheckConstraint(
                name="famille_validee_datee",
                condition=~Q(statut="validee") | Q(validee_le__isnull=False),
                violation_error_message="Une famille validée porte la date de sa validation.",
            ),
            models.CheckConstraint(
                name="famille_suspendue_motivee",
                condition=Q(suspendue_le=None, suspendue_motif="")
                | (Q(suspendue_le__isnull=False) & ~Q(suspendue_motif="")),
                violation_error_message="Une suspension a sa date et son motif, ou n'est pas.",
            ),
        ]

    def __str__(self):
        return f"Famille {self.nom}"

    @property
    def est_validee(self):
        return self.statut == self.Statut.VALIDEE

    @property
    def suspension(self):
        """Pourquoi ce foyer ne réserve plus rien pour l'instant, en une phrase ; vide s'il le peut."""
        return self.suspendue_motif if self.suspendue_le else ""


class AdulteQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__in=Famille.objects.du_compte(compte))

    def actuels(self):
        return self.filter(fin=None)


class Adulte(models.Model):
    """Un adulte de l'entourage : parent, grand-parent, tante, oncle… avec ou sans compte.

    ``jeton`` est le brouillon dont la fiche est née : envoyé deux fois, il n'en crée qu'une.
    """

    class Lien(models.TextChoices):
        PARENT = "parent", "parent"
        MERE = "mere", "mère"
        PERE = "pere", "père"
        BEAU_PARENT = "beau_parent", "beau-parent"
        GRAND_PARENT = "grand_parent", "grand-parent"
        ONCLE_TANTE = "oncle_tante", "oncle ou tante"
        FRATRIE = "fratrie", "frère ou sœur majeur"
        ASSISTANTE = "assistante", "assistante maternelle"
        TUTEUR = "tuteur", "tuteur légal"
        AUTRE = "autre", "autre"

    famille = models.ForeignKey(Famille, models.PROTECT, related_name="adultes", verbose_name="famille")
    civilite = models.CharField("civilité", max_length=3, choices=Civilite.choices)
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    lien = models.CharField("lien avec les enfants", max_length=12, choices=Lien.choices, default=Lien.AUTRE)
    telephone = models.CharField("téléphone", max_length=20, blank=True, validators=[TELEPHONE])
    telephone_travail = models.CharField("téléphone au travail", max_length=20, blank=True, validators=[TELEPHONE])
    responsable_legal = models.BooleanField("responsable légal", default=False)
    compte = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="adulte",
        verbose_name="compte",
    )
    fin = models.DateField("ne fait plus partie de l'entourage depuis", null=True, blank=True)
    jeton = models.UUIDField("brouillon", null=True, unique=True, editable=False)
    cle = cle_de_recherche("prenom", "nom")

    objects = AdulteQuerySet.as_manager()

    class Meta:
        verbose_name = "adulte"
        ordering = ["-responsable_legal", "nom", "prenom", "pk"]

    def __str__(self):
        return f"{self.prenom} {self.nom}"


class QuotientQuerySet(models.QuerySet):
    def au(self, jour):
        """Les quotients en vigueur à cette date de Paris."""
        return self.filter(Q(fin=None) | Q(fin__gte=jour), debut__lte=jour)


class Quotient(models.Model):
    """Le quotient familial d'un foyer, avec sa preuve et sa durée (dates de Paris, fin comprise)."""

    famille = models.ForeignKey(Famille, models.CASCADE, related_name="quotients", verbose_name="famille")
    valeur = models.PositiveIntegerField("quotient familial", validators=[MinValueValidator(0)])
    debut = models.DateField("valable du")
    fin = models.DateField("jusqu'au", null=True, blank=True)
    preuve = models.CharField("preuve", max_length=200, help_text="Par exemple « attestation CAF du 02/09/2026 ».")

    objects = QuotientQuerySet.as_manager()

    class Meta:
        verbose_name = "quotient familial"
        verbose_name_plural = "quotients familiaux"
        ordering = ["-debut", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="quotient_dans_l_ordre",
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                violation_error_message="La fin du quotient ne peut pas précéder son début.",
            ),
        ]

    def __str__(self):
        return f"QF {self.valeur}"

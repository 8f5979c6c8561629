"""La commune : son identité, ses écoles, ses années scolaires, les jours où elle ferme."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary
from django.core.cache import caches
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Func, Q

from .fichiers import chemin_prive


class DateRange(Func):
    """``daterange(debut, fin, '[]')`` : les contraintes comptent la date de fin comprise."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Repli(Func):
    """``replier()`` en SQL : les textes joints par une espace, en minuscules et sans accents.

    La fonction ``fold`` naît dans la première migration ; elle remplace l'extension ``unaccent``,
    que le PostgreSQL embarqué n'a pas.
    """

    function = "fold"
    template = "fold(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


def cle_de_recherche(*champs):
    """Une colonne calculée par la base, que l'on cherche avec ``cle__contains=replier(terme)``."""
    return models.GeneratedField(
        expression=Repli(*champs), output_field=models.TextField("clé de recherche"), db_persist=True
    )


class Commune(models.Model):
    """L'unique commune du portail : une commune est une île, la table n'a qu'une ligne."""

    nom = models.CharField(
        "nom", max_length=100, help_text="Comme il s'écrit dans les courriels : « Mairie de Migné-Auxances »."
    )
    ville = models.CharField("ville", max_length=100)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=5, validators=[RegexValidator(r"^\d{5}$")])
    code_insee = models.CharField("code INSEE", max_length=5, blank=True)
    service = models.CharField("nom du service", max_length=100, default="Service périscolaire")
    telephone = models.CharField("téléphone du service", max_length=20, blank=True)
    courriel = models.EmailField("courriel du service", blank=True)
    courriel_donnees = models.EmailField("courriel pour les données personnelles", blank=True)
    site = models.URLField("site internet", blank=True)
    tutoriels = models.URLField("tutoriels vidéo", blank=True)
    logo = models.ImageField("logo", upload_to=chemin_prive, blank=True)
    accent = models.CharField(
        "couleur d'accent",
        max_length=7,
        default="#a8452c",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Une couleur s'écrit comme #a8452c.")],
    )
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[RegexValidator(r"^\d{14}$")])
    ics = models.CharField(
        "identifiant créancier SEPA",
        max_length=35,
        blank=True,
        help_text="ICS, délivré par la Banque de France ; il figure sur les mandats de prélèvement.",
    )
    zone = models.CharField(
        "zone scolaire", max_length=1, choices=[("A", "Zone A"), ("B", "Zone B"), ("C", "Zone C")], default="A"
    )
    conservation = models.PositiveSmallIntegerField(
        "conservation des familles (années)",
        default=5,
        validators=[MinValueValidator(1)],
        help_text="Après la dernière inscription, réservation ou connexion. La famille est prévenue un mois avant.",
    )
    conservation_sante = models.PositiveSmallIntegerField(
        "conservation de la santé (mois)",
        default=3,
        validators=[MinValueValidator(1)],
        help_text="Après la fin de l'inscription de l'enfant : le temps de l'inscrire pour l'année suivante.",
    )
    bloquer_impayes = models.BooleanField(
        "suspendre les réservations des foyers qui doivent de l'argent",
        default=False,
        help_text="Les jours déjà réservés restent ; on peut toujours annuler. L'accès à la cantine d'une école "
        "publique est un droit (code de l'éducation, article L131-13) : préférez un échéancier, et prévenez avant.",
    )
    impayes_jours = models.PositiveSmallIntegerField(
        "après l'échéance (jours)", default=30, help_text="Passé ce délai, chaque nuit ; un règlement rouvre aussitôt."
    )
    mentions = models.TextField("mentions légales", blank=True)
    voies_recours = models.TextField(
        "délais et voies de recours", blank=True, help_text="Imprimés au bas de chaque facture."
    )

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "la commune"
        constraints = [
            models.CheckConstraint(
                name="commune_unique",
                condition=Q(pk=1),
                violation_error_message="Le portail ne connaît qu'une commune : modifiez la fiche qui existe.",
            ),
            models.CheckConstraint(
                name="commune_conserve_un_temps",
                condition=Q(conservation__gte=1, conservation_sante__gte=1),
                violation_error_message="Une conservation d'au moins un an, et d'un mois pour la santé.",
            ),
        ]

    def __str__(self):
        return self.nom

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)
        # Les autres processus la relisent d'eux-mêmes dans la minute (voir commune.contexte).
        transaction.on_commit(lambda: caches["local"].delete("commune"))


class EcoleQuerySet(models.QuerySet):
    def ouvertes(self):
        return self.filter(active=True)


class Ecole(models.Model):
    """Une école, qui est aussi le site de ses activités."""

    class Niveau(models.TextChoices):
        MATERNELLE = "maternelle", "maternelle"
        ELEMENTAIRE = "elementaire", "élémentaire"
        PRIMAIRE = "primaire", "primaire"

    nom = models.CharField("nom", max_length=100, unique=True)
    niveau = models.CharField("niveau", max_length=12, choices=Niveau.choices)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    ordre = models.PositiveSmallIntegerField("ordre d'affichage", default=0)
    active = models.BooleanField("ouverte", default=True)

    objects = EcoleQuerySet.as_manager()

    class Meta:
        verbose_name = "école"
        ordering = ["ordre", "nom"]

    def __str__(self):
        return self.nom


class AnneeScolaireQuerySet(models.QuerySet):
    def du_jour(self, jour):
        """L'année scolaire qui contient ``jour`` (date de Paris), ou la prochaine, ou la dernière passée."""
        return self.filter(fin__gte=jour).order_by("debut").first() or self.order_by("-debut").first()

    def ouvertes(self):
        return self.filter(ouverte=True)


class AnneeScolaire(models.Model):
    """Une année scolaire ; ses séances ne se créent que lorsque son calendrier est confirmé."""

    nom = models.CharField("nom", max_length=9, unique=True, help_text="Par exemple 2026-2027.")
    debut = models.DateField("premier jour")
    fin = models.DateField("dernier jour")
    ouverte = models.BooleanField("ouverte aux inscriptions", default=False)
    calendrier_confirme = models.BooleanField(
        "calendrier confirmé", default=False, help_text="Vacances, fériés et ponts ont été relus par la mairie."
    )

    objects = AnneeScolaireQuerySet.as_manager()

    class Meta:
        verbose_name = "année scolaire"
        verbose_name_plural = "années scolaires"
        ordering = ["-debut"]
        constraints = [
            models.CheckConstraint(
                name="annee_dans_l_ordre",
                condition=Q(debut__lt=F("fin")),
                violation_error_message="L'année scolaire doit finir après avoir commencé.",
            ),
            ExclusionConstraint(
                name="annees_sans_chevauchement",
                expressions=[(DateRange("debut", "fin", RangeBoundary(inclusive_upper=True)), "&&")],
                violation_error_message="Deux années scolaires ne peuvent pas se chevaucher.",
            ),
        ]

    def __str__(self):
        return self.nom


class JourFermeQuerySet(models.QuerySet):
    def entre(self, debut, fin):
        """Les fermetures qui touchent au moins un jour de ``debut`` à ``fin`` compris (dates de Paris)."""
        return self.filter(debut__lte=fin, fin__gte=debut)

    def de(self, ecole):
        """Celles qui valent pour cette école : les siennes et celles de toute la commune."""
        return self.filter(Q(ecole=None) | Q(ecole=ecole))


class JourFerme(models.Model):
    """Une période sans école ou sans service, du premier au dernier jour compris (dates de Paris)."""

    class Motif(models.TextChoices):
        VACANCES = "vacances", "vacances scolaires"
        FERIE = "ferie", "jour férié"
        PONT = "pont", "pont"
        GREVE = "greve", "grève"
        FERMETURE = "fermeture", "fermeture"

    libelle = models.CharField("libellé", max_length=100, help_text="Ce que lit la famille : « Vacances de Noël ».")
    motif = models.CharField("motif", max_length=10, choices=Motif.choices)
    debut = models.DateField("premier jour")
    fin = models.DateField("dernier jour")
    ecole = models.ForeignKey(
        Ecole,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="jours_fermes",
        verbose_name="école",
        help_text="Vide : toute la commune.",
    )

    objects = JourFermeQuerySet.as_manager()

    class Meta:
        verbose_name = "jour fermé"
        verbose_name_plural = "jours fermés"
        ordering = ["debut"]
        constraints = [
            models.CheckConstraint(
                name="fermeture_dans_l_ordre",
                condition=Q(debut__lte=F("fin")),
                violation_error_message="Le dernier jour ne peut pas précéder le premier.",
            ),
        ]

    def __str__(self):
        return self.libelle

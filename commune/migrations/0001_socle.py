"""La commune, ses écoles et son calendrier ; et la fonction qui replie un nom pour le chercher.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import commune.fichiers.rangement
import commune.models


class Migration(migrations.Migration):
    replaces = [
        ("commune", "0001_initiale"),
        ("commune", "0002_logo_prive"),
        ("commune", "0003_conservation_sante"),
        ("commune", "0010_impayes"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(Path(__file__).with_name("0001_fold.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Commune",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "nom",
                    models.CharField(
                        help_text="Comme il s'écrit dans les courriels : « Mairie de Migné-Auxances ».",
                        max_length=100,
                        verbose_name="nom",
                    ),
                ),
                ("ville", models.CharField(max_length=100, verbose_name="ville")),
                ("adresse", models.CharField(blank=True, max_length=200, verbose_name="adresse")),
                (
                    "code_postal",
                    models.CharField(
                        max_length=5,
                        validators=[django.core.validators.RegexValidator("^\\d{5}$")],
                        verbose_name="code postal",
                    ),
                ),
                ("code_insee", models.CharField(blank=True, max_length=5, verbose_name="code INSEE")),
                (
                    "service",
                    models.CharField(default="Service périscolaire", max_length=100, verbose_name="nom du service"),
                ),
                ("telephone", models.CharField(blank=True, max_length=20, verbose_name="téléphone du service")),
                ("courriel", models.EmailField(blank=True, max_length=254, verbose_name="courriel du service")),
                (
                    "courriel_donnees",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="courriel pour les données personnelles"
                    ),
                ),
                ("site", models.URLField(blank=True, verbose_name="site internet")),
                ("tutoriels", models.URLField(blank=True, verbose_name="tutoriels vidéo")),
                (
                    "logo",
                    models.ImageField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="logo"
                    ),
                ),
                (
                    "accent",
                    models.CharField(
                        default="#a8452c",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-fA-F]{6}$", "Une couleur s'écrit comme #a8452c."
                            )
                        ],
                        verbose_name="couleur d'accent",
                    ),
                ),
                (
                    "siret",
                    models.CharField(
                        blank=True,
                        max_length=14,
                        validators=[django.core.validators.RegexValidator("^\\d{14}$")],
                        verbose_name="SIRET",
                    ),
                ),
                (
                    "ics",
                    models.CharField(
                        blank=True,
                        help_text="ICS, délivré par la Banque de France ; il figure sur les mandats de prélèvement.",
                        max_length=35,
                        verbose_name="identifiant créancier SEPA",
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        choices=[("A", "Zone A"), ("B", "Zone B"), ("C", "Zone C")],
                        default="A",
                        max_length=1,
                        verbose_name="zone scolaire",
                    ),
                ),
                (
                    "conservation",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Après la dernière inscription, réservation ou connexion. La famille est prévenue un mois avant.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="conservation des familles (années)",
                    ),
                ),
                (
                    "conservation_sante",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="Après la fin de l'inscription de l'enfant : le temps de l'inscrire pour l'année suivante.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="conservation de la santé (mois)",
                    ),
                ),
                (
                    "bloquer_impayes",
                    models.BooleanField(
                        default=False,
                        help_text="Les jours déjà réservés restent ; on peut toujours annuler. L'accès à la cantine d'une école publique est un droit (code de l'éducation, article L131-13) : préférez un échéancier, et prévenez avant.",
                        verbose_name="suspendre les réservations des foyers qui doivent de l'argent",
                    ),
                ),
                (
                    "impayes_jours",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Passé ce délai, chaque nuit ; un règlement rouvre aussitôt.",
                        verbose_name="après l'échéance (jours)",
                    ),
                ),
                ("mentions", models.TextField(blank=True, verbose_name="mentions légales")),
                (
                    "voies_recours",
                    models.TextField(
                        blank=True,
                        help_text="Imprimés au bas de chaque facture.",
                        verbose_name="délais et voies de recours",
                    ),
                ),
            ],
            options={
                "verbose_name": "commune",
                "verbose_name_plural": "la commune",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)),
                        name="commune_unique",
                        violation_error_message="Le portail ne connaît qu'une commune : modifiez la fiche qui existe.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("conservation__gte", 1), ("conservation_sante__gte", 1)),
                        name="commune_conserve_un_temps",
                        violation_error_message="Une conservation d'au moins un an, et d'un mois pour la santé.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ecole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nom", models.CharField(max_length=100, unique=True, verbose_name="nom")),
                (
                    "niveau",
                    models.CharField(
                        choices=[
                            ("maternelle", "maternelle"),
                            ("elementaire", "élémentaire"),
                            ("primaire", "primaire"),
                        ],
                        max_length=12,
                        verbose_name="niveau",
                    ),
                ),
                ("adresse", models.CharField(blank=True, max_length=200, verbose_name="adresse")),
                ("telephone", models.CharField(blank=True, max_length=20, verbose_name="téléphone")),
                ("ordre", models.PositiveSmallIntegerField(default=0, verbose_name="ordre d'affichage")),
                ("active", models.BooleanField(default=True, verbose_name="ouverte")),
            ],
            options={
                "verbose_name": "école",
                "ordering": ["ordre", "nom"],
            },
        ),
        migrations.CreateModel(
            name="AnneeScolaire",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "nom",
                    models.CharField(help_text="Par exemple 2026-2027.", max_length=9, unique=True, verbose_name="nom"),
                ),
                ("debut", models.DateField(verbose_name="premier jour")),
                ("fin", models.DateField(verbose_name="dernier jour")),
                ("ouverte", models.BooleanField(default=False, verbose_name="ouverte aux inscriptions")),
                (
                    "calendrier_confirme",
                    models.BooleanField(
                        default=False,
                        help_text="Vacances, fériés et ponts ont été relus par la mairie.",
                        verbose_name="calendrier confirmé",
                    ),
                ),
            ],
            options={
                "verbose_name": "année scolaire",
                "verbose_name_plural": "années scolaires",
                "ordering": ["-debut"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("debut__lt", models.F("fin"))),
                        name="annee_dans_l_ordre",
                        violation_error_message="L'année scolaire doit finir après avoir commencé.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            )
                        ],
                        name="annees_sans_chevauchement",
                        violation_error_message="Deux années scolaires ne peuvent pas se chevaucher.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JourFerme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "libelle",
                    models.CharField(
                        help_text="Ce que lit la famille : « Vacances de Noël ».",
                        max_length=100,
                        verbose_name="libellé",
                    ),
                ),
                (
                    "motif",
                    models.CharField(
                        choices=[
                            ("vacances", "vacances scolaires"),
                            ("ferie", "jour férié"),
                            ("pont", "pont"),
                            ("greve", "grève"),
                            ("fermeture", "fermeture"),
                        ],
                        max_length=10,
                        verbose_name="motif",
                    ),
                ),
                ("debut", models.DateField(verbose_name="premier jour")),
                ("fin", models.DateField(verbose_name="dernier jour")),
                (
                    "ecole",
                    models.ForeignKey(
                        blank=True,
                        help_text="Vide : toute la commune.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jours_fermes",
                        to="commune.ecole",
                        verbose_name="école",
                    ),
                ),
            ],
            options={
                "verbose_name": "jour fermé",
                "verbose_name_plural": "jours fermés",
                "ordering": ["debut"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("debut__lte", models.F("fin"))),
                        name="fermeture_dans_l_ordre",
                        violation_error_message="Le dernier jour ne peut pas précéder le premier.",
                    )
                ],
            },
        ),
    ]

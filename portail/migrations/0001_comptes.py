"""Les comptes d'abord : tous les étages citent celui qui a agi, et le compte n'en cite aucun."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import commune.models


class Migration(migrations.Migration):
    replaces = [
        ("portail", "0001_initiale"),
        ("portail", "0002_comptes_et_consentements"),
        ("portail", "0003_consentements_immuables"),
        ("portail", "0004_recherche_des_comptes"),
        ("portail", "0005_aide_du_texte"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("commune", "0001_socle"),
    ]

    operations = [
        migrations.CreateModel(
            name="TexteConsentement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.CharField(
                        help_text="Par exemple 2026-2.", max_length=20, unique=True, verbose_name="version"
                    ),
                ),
                (
                    "texte",
                    models.TextField(
                        help_text="Une ligne vide sépare deux paragraphes ; une courte ligne en tête de paragraphe est son titre. {commune}, {annees}, {mois} et {courriel} sont remplacés par le nom de la mairie, les durées de conservation des familles et de la santé, et l'adresse à qui écrire.",
                        verbose_name="texte",
                    ),
                ),
                (
                    "publie_le",
                    models.DateTimeField(
                        help_text="À partir de cet instant, chaque famille y répond de nouveau.",
                        verbose_name="publié le",
                    ),
                ),
            ],
            options={
                "verbose_name": "texte du consentement",
                "verbose_name_plural": "textes du consentement",
                "ordering": ["-publie_le"],
            },
        ),
        migrations.CreateModel(
            name="Compte",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        error_messages={"unique": "Un compte existe déjà à cette adresse."},
                        max_length=254,
                        unique=True,
                        verbose_name="adresse e-mail",
                    ),
                ),
                ("nom", models.CharField(blank=True, max_length=100, verbose_name="nom")),
                ("prenom", models.CharField(blank=True, max_length=100, verbose_name="prénom")),
                ("is_active", models.BooleanField(default=True, verbose_name="actif")),
                ("is_staff", models.BooleanField(default=False, verbose_name="travaille pour la commune")),
                (
                    "cree_le",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="créé le"),
                ),
                (
                    "texte_accepte",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portail.texteconsentement",
                        verbose_name="texte accepté",
                    ),
                ),
                (
                    "cle",
                    models.GeneratedField(
                        db_persist=True,
                        expression=commune.models.Repli("prenom", "nom", "email"),
                        output_field=models.TextField(verbose_name="clé de recherche"),
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte",
                "ordering": ["email"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="compte_email_en_minuscules",
                        violation_error_message="L'adresse e-mail s'écrit en minuscules.",
                    )
                ],
            },
        ),
    ]

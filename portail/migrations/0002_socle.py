"""Ce que les comptes ont accepté, demandé et reçu.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("portail", "0006_effacement"), ("portail", "0025_invitations")]

    initial = True

    dependencies = [
        ("familles", "0001_socle"),
        ("portail", "0001_comptes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemandeCompte",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="adresse e-mail")),
                (
                    "civilite",
                    models.CharField(choices=[("mme", "Mme"), ("m", "M.")], max_length=3, verbose_name="civilité"),
                ),
                ("nom", models.CharField(max_length=100, verbose_name="nom")),
                ("prenom", models.CharField(max_length=100, verbose_name="prénom")),
                ("adresse", models.CharField(max_length=200, verbose_name="adresse")),
                ("complement", models.CharField(blank=True, max_length=200, verbose_name="complément d'adresse")),
                (
                    "code_postal",
                    models.CharField(
                        max_length=5,
                        validators=[
                            django.core.validators.RegexValidator("^\\d{5}$", "Un code postal a cinq chiffres.")
                        ],
                        verbose_name="code postal",
                    ),
                ),
                ("ville", models.CharField(max_length=100, verbose_name="ville")),
                (
                    "telephone",
                    models.CharField(
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\+?[0-9][0-9 .\\-]{8,18}$",
                                "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78.",
                            )
                        ],
                        verbose_name="téléphone",
                    ),
                ),
                (
                    "telephone_travail",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\+?[0-9][0-9 .\\-]{8,18}$",
                                "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78.",
                            )
                        ],
                        verbose_name="téléphone au travail",
                    ),
                ),
                ("empreinte", models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien")),
                ("demandee_le", models.DateTimeField(verbose_name="demandée le")),
                ("utilisee_le", models.DateTimeField(blank=True, null=True, verbose_name="utilisée le")),
            ],
            options={
                "verbose_name": "demande de compte",
                "verbose_name_plural": "demandes de compte",
                "ordering": ["-demandee_le"],
                "indexes": [models.Index(fields=["email"], name="demande_par_adresse")],
            },
        ),
        migrations.CreateModel(
            name="ChangementEmail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changements_email",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                ("ancienne", models.EmailField(max_length=254, verbose_name="ancienne adresse")),
                ("nouvelle", models.EmailField(max_length=254, verbose_name="nouvelle adresse")),
                (
                    "empreinte",
                    models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien qui confirme"),
                ),
                (
                    "empreinte_annulation",
                    models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien qui annule"),
                ),
                ("demande_le", models.DateTimeField(verbose_name="demandé le")),
                ("confirme_le", models.DateTimeField(blank=True, null=True, verbose_name="confirmé le")),
                ("annule_le", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
            ],
            options={
                "verbose_name": "changement d'adresse e-mail",
                "verbose_name_plural": "changements d'adresse e-mail",
                "ordering": ["-demande_le", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Consentement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consentements",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "texte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reponses",
                        to="portail.texteconsentement",
                        verbose_name="texte",
                    ),
                ),
                (
                    "reponse",
                    models.CharField(
                        choices=[("accepte", "accepté"), ("retire", "retiré")], max_length=7, verbose_name="réponse"
                    ),
                ),
                ("instant", models.DateTimeField(verbose_name="le")),
                ("adresse_ip", models.GenericIPAddressField(null=True, verbose_name="adresse")),
                (
                    "texte_lu",
                    models.TextField(
                        blank=True, help_text="Le texte, noms et durées remplacés.", verbose_name="ce qui était affiché"
                    ),
                ),
            ],
            options={
                "verbose_name": "consentement",
                "ordering": ["-instant", "-pk"],
                "indexes": [models.Index(fields=["compte", "-instant"], name="consentement_du_compte")],
            },
        ),
        migrations.CreateModel(
            name="Effacement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="effacement",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("prevenue_le", models.DateTimeField(verbose_name="prévenue le")),
                ("effacee_le", models.DateTimeField(blank=True, null=True, verbose_name="effacée le")),
            ],
            options={
                "verbose_name": "fin de conservation",
                "verbose_name_plural": "fins de conservation",
                "ordering": ["-prevenue_le", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effacee_le", None), ("effacee_le__gt", models.F("prevenue_le")), _connector="OR"
                        ),
                        name="effacement_annonce",
                        violation_error_message="Une famille est prévenue avant d'être effacée.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="adresse e-mail")),
                (
                    "adulte",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="familles.adulte",
                        verbose_name="adulte",
                    ),
                ),
                (
                    "enfant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "civilite",
                    models.CharField(choices=[("mme", "Mme"), ("m", "M.")], max_length=3, verbose_name="civilité"),
                ),
                ("nom", models.CharField(max_length=100, verbose_name="nom")),
                ("prenom", models.CharField(max_length=100, verbose_name="prénom")),
                ("empreinte", models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien")),
                (
                    "envoyee_par",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="envoyée par",
                    ),
                ),
                ("envoyee_le", models.DateTimeField(verbose_name="envoyée le")),
                ("utilisee_le", models.DateTimeField(blank=True, null=True, verbose_name="utilisée le")),
            ],
            options={
                "verbose_name": "invitation",
                "ordering": ["-envoyee_le", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("adulte", None), ("enfant__isnull", False)),
                            models.Q(("adulte__isnull", False), ("enfant", None)),
                            _connector="OR",
                        ),
                        name="invitation_un_seul_but",
                        violation_error_message="Une invitation ouvre un foyer, ou en partage un.",
                    )
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("0002_gardes.sql").read_text(), migrations.RunSQL.noop),
    ]

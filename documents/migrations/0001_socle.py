"""Les pièces demandées et envoyées, les informations publiées.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):
    replaces = [
        ("documents", "0001_initiale"),
        ("documents", "0002_liens"),
        ("documents", "0003_pieces_et_fichiers_prives"),
        ("documents", "0004_pieces_de_sante"),
    ]

    initial = True

    dependencies = [
        ("familles", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TypePiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nom", models.CharField(max_length=150, unique=True, verbose_name="nom")),
                (
                    "portee",
                    models.CharField(
                        choices=[("famille", "par famille"), ("enfant", "par enfant")],
                        max_length=7,
                        verbose_name="demandée",
                    ),
                ),
                ("obligatoire", models.BooleanField(default=True, verbose_name="obligatoire")),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("toujours", "toujours"),
                            ("garde", "si la garde est partagée"),
                            ("pai", "si l'enfant a un PAI"),
                            ("prelevement", "si la famille choisit le prélèvement"),
                        ],
                        default="toujours",
                        max_length=11,
                        verbose_name="condition",
                    ),
                ),
                (
                    "validite",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="À compter de la validation. Vide : sans limite.",
                        null=True,
                        verbose_name="validité (mois)",
                    ),
                ),
                (
                    "sante",
                    models.BooleanField(
                        default=False,
                        help_text="Seuls ceux qui lisent les fiches sanitaires l'ouvrent ; chaque ouverture est consignée.",
                        verbose_name="contient des données de santé",
                    ),
                ),
                ("aide", models.CharField(blank=True, max_length=300, verbose_name="aide")),
                (
                    "modele",
                    models.FileField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="modèle à remplir"
                    ),
                ),
                ("ordre", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                ("actif", models.BooleanField(default=True, verbose_name="demandée en ce moment")),
            ],
            options={
                "verbose_name": "pièce attendue",
                "verbose_name_plural": "pièces attendues",
                "ordering": ["portee", "ordre", "nom"],
            },
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="documents.typepiece",
                        verbose_name="pièce",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "enfant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "fichier",
                    models.FileField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="fichier"
                    ),
                ),
                ("nom", models.CharField(max_length=200, verbose_name="nom du fichier")),
                ("pages", models.PositiveSmallIntegerField(default=1, verbose_name="pages")),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("envoyee", "envoyée"),
                            ("validee", "validée"),
                            ("refusee", "refusée"),
                            ("remplacee", "remplacée"),
                        ],
                        default="envoyee",
                        max_length=9,
                        verbose_name="état",
                    ),
                ),
                ("motif", models.CharField(blank=True, max_length=300, verbose_name="motif du refus")),
                ("expire_le", models.DateField(blank=True, null=True, verbose_name="expire le")),
                ("envoyee_le", models.DateTimeField(verbose_name="envoyée le")),
                (
                    "envoyee_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="envoyée par",
                    ),
                ),
                ("decidee_le", models.DateTimeField(blank=True, null=True, verbose_name="décidée le")),
                (
                    "decidee_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="décidée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "pièce envoyée",
                "verbose_name_plural": "pièces envoyées",
                "ordering": ["-envoyee_le", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("etat", "envoyee")), fields=["envoyee_le"], name="piece_a_verifier"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "refusee"), _negated=True),
                            models.Q(("motif", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refus_motive",
                        violation_error_message="Un refus se motive : la famille doit savoir quoi renvoyer.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("etat", "envoyee")),
                        fields=("type", "famille", "enfant"),
                        name="une_piece_a_verifier",
                        nulls_distinct=False,
                        violation_error_message="Ce document attend déjà sa vérification.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Information",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("titre", models.CharField(max_length=150, verbose_name="titre")),
                ("texte", models.TextField(blank=True, verbose_name="texte")),
                (
                    "fichier",
                    models.FileField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="fichier"
                    ),
                ),
                ("publique", models.BooleanField(default=False, verbose_name="visible sans se connecter")),
                ("publiee_le", models.DateField(verbose_name="publiée le")),
                ("jusqu_au", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
            ],
            options={
                "verbose_name": "information",
                "ordering": ["-publiee_le", "titre"],
            },
        ),
        migrations.CreateModel(
            name="Lecture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "information",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lectures",
                        to="documents.information",
                        verbose_name="information",
                    ),
                ),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                ("lue_le", models.DateTimeField(verbose_name="lue le")),
            ],
            options={
                "verbose_name": "lecture",
                "constraints": [models.UniqueConstraint(fields=("information", "compte"), name="lecture_unique")],
            },
        ),
    ]

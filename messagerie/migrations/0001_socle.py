"""La conversation d'une famille avec la mairie.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):
    replaces = [("messagerie", "0001_initiale"), ("messagerie", "0002_liens"), ("messagerie", "0003_jetons")]

    initial = True

    dependencies = [
        ("familles", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "auteur",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="auteur",
                    ),
                ),
                ("de_la_mairie", models.BooleanField(default=False, verbose_name="de la mairie")),
                ("texte", models.TextField(max_length=5000, verbose_name="message")),
                ("envoye_le", models.DateTimeField(verbose_name="envoyé le")),
                ("lu_le", models.DateTimeField(blank=True, null=True, verbose_name="lu le")),
                ("jeton", models.UUIDField(editable=False, null=True, verbose_name="formulaire")),
            ],
            options={
                "verbose_name": "message",
                "ordering": ["envoye_le", "pk"],
                "indexes": [
                    models.Index(models.F("famille"), models.F("envoye_le"), name="message_fil"),
                    models.Index(condition=models.Q(("lu_le", None)), fields=["de_la_mairie"], name="message_non_lu"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("famille", "jeton"),
                        name="message_envoye_une_fois",
                        violation_error_message="Ce message est déjà parti.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PieceJointe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="messagerie.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "fichier",
                    models.FileField(upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="fichier"),
                ),
                ("nom", models.CharField(max_length=200, verbose_name="nom")),
            ],
            options={
                "verbose_name": "pièce jointe",
                "verbose_name_plural": "pièces jointes",
            },
        ),
    ]

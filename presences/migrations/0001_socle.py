"""Les pointages et leur journal.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("presences", "0001_initiale"), ("presences", "0002_journal_des_gestes")]

    initial = True

    dependencies = [
        ("familles", "0001_socle"),
        ("reservations", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pointage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pointages",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "seance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pointages",
                        to="reservations.seance",
                        verbose_name="séance",
                    ),
                ),
                (
                    "etat",
                    models.CharField(
                        choices=[("present", "présent"), ("absent", "absent"), ("excuse", "excusé")],
                        max_length=7,
                        verbose_name="état",
                    ),
                ),
                (
                    "arrivee",
                    models.TimeField(blank=True, help_text="Heure de Paris.", null=True, verbose_name="arrivée"),
                ),
                ("depart", models.TimeField(blank=True, help_text="Heure de Paris.", null=True, verbose_name="départ")),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="agent",
                    ),
                ),
                (
                    "instant_appareil",
                    models.DateTimeField(
                        blank=True,
                        help_text="L'heure de la tablette, qui peut avoir attendu le réseau.",
                        null=True,
                        verbose_name="instant de l'appareil",
                    ),
                ),
                ("recu_le", models.DateTimeField(verbose_name="reçu le")),
            ],
            options={
                "verbose_name": "pointage",
                "ordering": ["seance", "enfant"],
                "permissions": [("pointer_sans_limite", "Peut pointer un jour aussi ancien qu'il faut")],
                "indexes": [models.Index(fields=["seance"], include=("etat", "enfant"), name="pointage_de_la_seance")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enfant", "seance"),
                        name="pointage_unique",
                        violation_error_message="Cet enfant est déjà pointé à cette séance.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrivee", None), ("depart", None), ("arrivee__lte", models.F("depart")), _connector="OR"
                        ),
                        name="pointage_dans_l_ordre",
                        violation_error_message="Un enfant ne part pas avant d'être arrivé.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("etat", "present"), models.Q(("arrivee", None), ("depart", None)), _connector="OR"
                        ),
                        name="pointage_heures_d_un_present",
                        violation_error_message="Seul un enfant présent a une heure d'arrivée ou de départ.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Geste",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lot",
                    models.UUIDField(
                        default=uuid.uuid4,
                        help_text="Commun à ce qui fut pointé d'un seul geste.",
                        verbose_name="geste d'ensemble",
                    ),
                ),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gestes",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "seance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gestes",
                        to="reservations.seance",
                        verbose_name="séance",
                    ),
                ),
                (
                    "avant",
                    models.CharField(
                        blank=True, help_text="Vide : pas encore pointé.", max_length=7, verbose_name="avant"
                    ),
                ),
                ("apres", models.CharField(blank=True, help_text="Vide : effacé.", max_length=7, verbose_name="après")),
                ("arrivee", models.TimeField(blank=True, null=True, verbose_name="arrivée")),
                ("depart", models.TimeField(blank=True, null=True, verbose_name="départ")),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="agent",
                    ),
                ),
                ("instant_appareil", models.DateTimeField(blank=True, null=True, verbose_name="instant de l'appareil")),
                ("recu_le", models.DateTimeField(verbose_name="reçu le")),
            ],
            options={
                "verbose_name": "geste",
                "ordering": ["recu_le", "pk"],
                "indexes": [models.Index(fields=["seance", "recu_le"], name="geste_de_la_seance")],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("0001_gardes.sql").read_text(), migrations.RunSQL.noop),
    ]

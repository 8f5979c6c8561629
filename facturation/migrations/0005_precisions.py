"""Une contestation s'accepte aussi en partie, et la mairie peut demander une précision à la famille."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import commune.fichiers.rangement

OUVERTES, ACCEPTEES = ["envoyee", "question"], ["acceptee", "partie"]


class Migration(migrations.Migration):

    dependencies = [
        ("facturation", "0004_lignes_justes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="contestation", name="une_contestation_ouverte"),
        migrations.RemoveConstraint(model_name="contestation", name="contestation_refus_motive"),
        migrations.RemoveConstraint(model_name="contestation", name="contestation_acceptee_rendue"),
        migrations.RemoveConstraint(model_name="contestation", name="contestation_decidee"),
        migrations.AddField(
            model_name="contestation",
            name="suspendue_le",
            field=models.DateTimeField(
                "délai suspendu depuis le", blank=True, null=True,
                help_text="L'instant de la question qui attend la famille.",
            ),
        ),
        migrations.AlterField(
            model_name="contestation",
            name="etat",
            field=models.CharField(
                "état", max_length=8, default="envoyee",
                choices=[
                    ("envoyee", "envoyée"), ("question", "en attente de la famille"), ("acceptee", "acceptée"),
                    ("partie", "acceptée en partie"), ("refusee", "refusée"),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="contestation",
            name="repondre_avant",
            field=models.DateField(
                "répondre avant le",
                help_text="Ce jour compris, promis à la famille ; une question le repousse d'autant.",
            ),
        ),
        migrations.AlterField(
            model_name="lignecorrigee",
            name="quotient",
            field=models.PositiveIntegerField(
                "quotient retenu", null=True,
                help_text="Vide : ce n'est pas un quotient, mais une contestation acceptée.",
            ),
        ),
        migrations.AlterField(
            model_name="lignecorrigee",
            name="regle",
            field=models.CharField("pourquoi cette part", max_length=600),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.UniqueConstraint(
                name="une_contestation_ouverte", fields=["ligne"], condition=Q(etat__in=OUVERTES),
                violation_error_message="Cette ligne est déjà contestée : la mairie va répondre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(
                name="contestation_refus_motive", condition=~Q(etat__in=["refusee", "partie"]) | ~Q(reponse=""),
                violation_error_message="Un refus se motive, même d'une partie.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(
                name="contestation_acceptee_rendue",
                condition=Q(etat__in=ACCEPTEES, avoir__isnull=False) & ~Q(suite="")
                | ~Q(etat__in=ACCEPTEES) & Q(avoir=None),
                violation_error_message="Une contestation acceptée, même en partie, a son avoir ; les autres n'en ont "
                "pas.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(
                name="contestation_decidee",
                condition=Q(etat__in=OUVERTES, decidee_le=None) | ~Q(etat__in=OUVERTES) & Q(decidee_le__isnull=False),
                violation_error_message="Une décision a son instant.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(
                name="contestation_suspendue",
                condition=Q(etat="question", suspendue_le__isnull=False) | ~Q(etat="question") & Q(suspendue_le=None),
                violation_error_message="Une question à la famille suspend le délai de réponse, et elle seule.",
            ),
        ),
        migrations.CreateModel(
            name="Precision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.TextField("question de la mairie", max_length=1000)),
                ("demandee_le", models.DateTimeField("demandée le")),
                ("reponse", models.TextField("réponse de la famille", blank=True, max_length=1000)),
                (
                    "fichier",
                    models.FileField(
                        "pièce jointe", blank=True, upload_to=commune.fichiers.rangement.chemin_prive
                    ),
                ),
                ("repondue_le", models.DateTimeField("répondue le", blank=True, null=True)),
                (
                    "contestation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="precisions",
                        to="facturation.contestation", verbose_name="contestation",
                    ),
                ),
                (
                    "demandee_par",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL, verbose_name="demandée par",
                    ),
                ),
                (
                    "repondue_par",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL, verbose_name="répondue par",
                    ),
                ),
            ],
            options={
                "verbose_name": "précision demandée",
                "verbose_name_plural": "précisions demandées",
                "default_permissions": (),
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        name="une_question_a_la_fois", fields=["contestation"], condition=Q(repondue_le=None),
                        violation_error_message="Une question attend déjà la réponse de la famille.",
                    ),
                    models.CheckConstraint(
                        name="precision_demandee", condition=~Q(question=""),
                        violation_error_message="Une question a ses mots.",
                    ),
                    models.CheckConstraint(
                        name="precision_repondue",
                        condition=Q(repondue_le=None, reponse="", fichier="")
                        | Q(repondue_le__isnull=False) & ~Q(reponse=""),
                        violation_error_message="Une réponse a ses mots et son instant.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            Path(__file__).with_name("0005_precisions.sql").read_text(),
            "DROP TRIGGER part_mesuree ON facturation_lignecorrigee; DROP FUNCTION facturation_part_mesuree();"
            "DROP TRIGGER precision_ouverte ON facturation_precision; DROP FUNCTION facturation_precision_ouverte();",
        ),
    ]  # fmt: skip

"""Contester une ligne : la contestation et sa réponse, et les délais que la régie règle."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):
    dependencies = [
        ("facturation", "0051_lignes_corrigees"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="regie",
            name="delai_contestation",
            field=models.PositiveSmallIntegerField(default=60, help_text="Compté depuis l'émission de la facture.", validators=[django.core.validators.MinValueValidator(1)], verbose_name="délai pour contester une ligne (jours)"),
        ),
        migrations.AddField(
            model_name="regie",
            name="delai_reponse",
            field=models.PositiveSmallIntegerField(default=15, help_text="Promis à la famille quand elle envoie ; celles qui attendent sont en tête de liste.", validators=[django.core.validators.MinValueValidator(1)], verbose_name="délai de réponse à une contestation (jours)"),
        ),
        migrations.AddConstraint(
            model_name="regie",
            constraint=models.CheckConstraint(condition=models.Q(("delai_contestation__gte", 1), ("delai_reponse__gte", 1)), name="regie_delais_de_contestation"),
        ),
        migrations.CreateModel(
            name="Contestation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("motif", models.TextField(max_length=1000, verbose_name="raison")),
                ("fichier", models.FileField(blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="pièce jointe")),
                ("etat", models.CharField(choices=[("envoyee", "envoyée"), ("acceptee", "acceptée"), ("refusee", "refusée")], default="envoyee", max_length=8, verbose_name="état")),
                ("envoyee_le", models.DateTimeField(verbose_name="envoyée le")),
                ("repondre_avant", models.DateField(help_text="Ce jour compris, promis à la famille quand elle envoie.", verbose_name="répondre avant le")),
                ("reponse", models.TextField(blank=True, max_length=1000, verbose_name="réponse de la mairie")),
                ("suite", models.CharField(blank=True, choices=[("deduire", "déduite de ce que doit la famille, ou de sa prochaine facture"), ("rembourser", "remboursée à la famille")], max_length=10, verbose_name="ce qui est rendu sera")),
                ("decidee_le", models.DateTimeField(blank=True, null=True, verbose_name="décidée le")),
                ("avoir", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="contestations", to="facturation.avoir", verbose_name="avoir")),
                ("decidee_par", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="décidée par")),
                ("envoyee_par", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="envoyée par")),
                ("ligne", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="contestations", to="facturation.ligne", verbose_name="ligne")),
            ],
            options={"verbose_name": "contestation", "ordering": ["-envoyee_le", "-pk"]},
        ),
        migrations.AddIndex(
            model_name="contestation",
            index=models.Index(condition=models.Q(("etat", "envoyee")), fields=["repondre_avant"], name="contestation_a_decider"),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.UniqueConstraint(condition=models.Q(("etat", "envoyee")), fields=("ligne",), name="une_contestation_ouverte", violation_error_message="Cette ligne est déjà contestée : la mairie va répondre."),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("etat", "refusee"), _negated=True), models.Q(("reponse", ""), _negated=True), _connector="OR"), name="contestation_refus_motive", violation_error_message="Un refus se motive."),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("avoir__isnull", False), ("etat", "acceptee"), models.Q(("suite", ""), _negated=True)), models.Q(models.Q(("etat", "acceptee"), _negated=True), ("avoir", None)), _connector="OR"), name="contestation_acceptee_rendue", violation_error_message="Une contestation acceptée a son avoir, et les autres n'en ont pas."),
        ),
        migrations.AddConstraint(
            model_name="contestation",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("decidee_le", None), ("etat", "envoyee")), models.Q(models.Q(("etat", "envoyee"), _negated=True), ("decidee_le__isnull", False)), _connector="OR"), name="contestation_decidee", violation_error_message="Une décision a son instant."),
        ),
    ]

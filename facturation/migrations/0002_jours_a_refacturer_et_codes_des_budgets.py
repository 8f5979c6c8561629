"""Un report peut ne garder que des jours d'un mois déjà facturé ; un budget a ses codes, aux écritures et au PES."""

import django.core.validators
from django.db import migrations, models

CODE = django.core.validators.RegexValidator(
    "^[0-9A-Za-z.\\-]*$", "Un code n'a que des lettres, des chiffres, des points et des tirets."
)


class Migration(migrations.Migration):
    dependencies = [("facturation", "0001_socle")]

    operations = [
        migrations.RemoveConstraint(model_name="report", name="report_unique_par_mois"),
        migrations.AddField(
            model_name="budget",
            name="code_comptable",
            field=models.CharField(
                "code du budget", blank=True, max_length=20, validators=[CODE],
                help_text="Dans les écritures comptables. Vide : celui de la commune.",
            ),
        ),
        migrations.AddField(
            model_name="budget",
            name="pes_budget",
            field=models.CharField(
                "budget (CodBud)", blank=True, max_length=10, validators=[CODE],
                help_text="Ses factures ont alors leur propre PES. Vide : avec les autres.",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="actes",
            field=models.JSONField(
                "actes", editable=False, null=True, help_text="[[enfant, séance]…] ; vide : tout le mois."
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                name="report_unique_par_mois", fields=["famille", "mois", "budget"], nulls_distinct=False,
                condition=models.Q(actes__isnull=True),
                violation_error_message="Ce mois de ce foyer est déjà reporté.",
            ),
        ),
    ]  # fmt: skip

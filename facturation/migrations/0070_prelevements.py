"""Les prélèvements SEPA : les lots, leurs débits, les mandats suspendus, et les réglages du fichier."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import facturation.models.reglements


class Migration(migrations.Migration):
    dependencies = [
        ("facturation", "0060_contestations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mandat",
            name="suspendu_le",
            field=models.DateField(
                blank=True, help_text="Un rejet a dit qu'il ne peut plus servir.", null=True, verbose_name="suspendu le"
            ),
        ),
        migrations.AddField(
            model_name="regie",
            name="sepa_bic",
            field=models.CharField(
                blank=True,
                help_text="Celui de l'IBAN ci-dessus. L'identifiant créancier (ICS) est sur la fiche de la commune.",
                max_length=11,
                validators=[facturation.models.reglements.bic_valide],
                verbose_name="BIC du compte qui reçoit",
            ),
        ),
        migrations.AddField(
            model_name="regie",
            name="sepa_identifiant",
            field=models.CharField(
                blank=True,
                help_text="Donné par le Trésor ; il commence le nom du fichier : « identifiant-DFT-SDD-… ».",
                max_length=20,
                validators=[django.core.validators.RegexValidator("^[A-Za-z0-9]*$")],
                verbose_name="identifiant du fichier",
            ),
        ),
        migrations.AddField(
            model_name="regie",
            name="sepa_version",
            field=models.CharField(
                choices=[("02", "pain.008.001.02"), ("08", "pain.008.001.08")],
                default="02",
                help_text="Celui que demande votre comptable public ou votre banque.",
                max_length=2,
                verbose_name="format du fichier de prélèvements",
            ),
        ),
        migrations.CreateModel(
            name="LotDePrelevements",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("jour", models.DateField(verbose_name="prélevé le")),
                (
                    "version",
                    models.CharField(
                        choices=[("02", "pain.008.001.02"), ("08", "pain.008.001.08")],
                        max_length=2,
                        verbose_name="format du fichier",
                    ),
                ),
                ("creancier", models.JSONField(default=dict, editable=False, verbose_name="créancier")),
                ("nom_du_fichier", models.CharField(max_length=100, verbose_name="nom du fichier")),
                ("prepare_le", models.DateTimeField(verbose_name="préparé le")),
                ("remis_le", models.DateTimeField(blank=True, null=True, verbose_name="remis le")),
                ("defait_le", models.DateTimeField(blank=True, null=True, verbose_name="défait le")),
                (
                    "prepare_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="préparé par",
                    ),
                ),
                (
                    "remis_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="remis par",
                    ),
                ),
            ],
            options={
                "verbose_name": "lot de prélèvements",
                "verbose_name_plural": "lots de prélèvements",
                "ordering": ["-jour", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Prelevement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                (
                    "sequence",
                    models.CharField(
                        choices=[("FRST", "premier"), ("RCUR", "suivant")], max_length=4, verbose_name="séquence"
                    ),
                ),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("prepare", "préparé"),
                            ("remis", "remis"),
                            ("rejete", "rejeté"),
                            ("defait", "défait"),
                        ],
                        default="prepare",
                        max_length=7,
                        verbose_name="état",
                    ),
                ),
                (
                    "code_rejet",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("AC01", "AC01 : le numéro de compte (IBAN) n'est pas le bon"),
                            ("AC04", "AC04 : le compte est fermé"),
                            ("AC06", "AC06 : le compte est bloqué"),
                            ("AG01", "AG01 : ce compte n'admet pas les prélèvements"),
                            ("AM04", "AM04 : la provision du compte était insuffisante"),
                            ("AM05", "AM05 : la banque y voit un prélèvement en double"),
                            ("MD01", "MD01 : la banque ne connaît pas ce mandat"),
                            ("MD06", "MD06 : le titulaire du compte a demandé le remboursement"),
                            ("MD07", "MD07 : le titulaire du compte est décédé"),
                            ("MS02", "MS02 : le titulaire du compte a refusé ce prélèvement"),
                            ("MS03", "MS03 : la banque ne dit pas pourquoi"),
                            ("SL01", "SL01 : le titulaire a limité les prélèvements sur son compte"),
                        ],
                        max_length=4,
                        verbose_name="motif du rejet",
                    ),
                ),
                ("rejete_le", models.DateField(blank=True, null=True, verbose_name="rejeté le")),
                ("rejet_saisi_le", models.DateTimeField(blank=True, null=True, verbose_name="rejet saisi le")),
                (
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prelevements",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prelevements",
                        to="facturation.lotdeprelevements",
                        verbose_name="lot",
                    ),
                ),
                (
                    "mandat",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="prelevements",
                        to="facturation.mandat",
                        verbose_name="mandat",
                    ),
                ),
                (
                    "reglement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prelevement",
                        to="facturation.reglement",
                        verbose_name="règlement",
                    ),
                ),
                (
                    "rejet_saisi_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="rejet saisi par",
                    ),
                ),
            ],
            options={
                "verbose_name": "prélèvement",
                "ordering": ["-lot", "pk"],
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.AddConstraint(
            model_name="lotdeprelevements",
            constraint=models.CheckConstraint(
                condition=models.Q(("remis_le", None), ("defait_le", None), _connector="OR"),
                name="lot_remis_ou_defait",
                violation_error_message="Un lot remis ne se défait pas.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prelevement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("etat", "defait"), _negated=True),
                fields=("facture",),
                name="une_facture_se_debite_une_fois",
                violation_error_message="Cette facture est déjà dans un lot.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prelevement",
            constraint=models.CheckConstraint(
                condition=models.Q(("montant__gt", 0)),
                name="prelevement_positif",
                violation_error_message="Un prélèvement est un montant positif.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prelevement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("etat__in", ["remis", "rejete"]), ("reglement__isnull", False)),
                    models.Q(("etat__in", ["prepare", "defait"]), ("reglement", None)),
                    _connector="OR",
                ),
                name="prelevement_remis_encaisse",
                violation_error_message="Un prélèvement remis a son règlement, et lui seul.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prelevement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("etat", "rejete"), ("rejete_le__isnull", False), models.Q(("code_rejet", ""), _negated=True)
                    ),
                    models.Q(models.Q(("etat", "rejete"), _negated=True), ("code_rejet", ""), ("rejete_le", None)),
                    _connector="OR",
                ),
                name="prelevement_rejete_motive",
                violation_error_message="Un rejet a sa date et son motif.",
            ),
        ),
    ]

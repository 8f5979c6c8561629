"""Le mandat signé sur le portail, et sa preuve."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("facturation", "0070_prelevements"),
        ("familles", "0025_gardes_et_echanges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SignatureMandat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("courriel", models.EmailField(max_length=254, verbose_name="adresse qui a reçu le code")),
                ("titulaire", models.CharField(max_length=140, verbose_name="titulaire du compte")),
                ("iban", models.CharField(max_length=34, verbose_name="IBAN")),
                ("texte", models.TextField(verbose_name="texte signé")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version du texte")),
                ("code", models.CharField(editable=False, max_length=64, verbose_name="empreinte du code")),
                ("essais", models.PositiveSmallIntegerField(default=0, verbose_name="essais manqués")),
                ("demandee_le", models.DateTimeField(verbose_name="demandée le")),
                ("signee_le", models.DateTimeField(null=True, verbose_name="signée le")),
                ("adresse_ip", models.GenericIPAddressField(null=True, verbose_name="adresse de connexion")),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signataire",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures_de_mandat",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "mandat",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signature",
                        to="facturation.mandat",
                        verbose_name="mandat",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature de mandat",
                "verbose_name_plural": "signatures de mandat",
                "ordering": ["-demandee_le", "-pk"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["famille", "demandee_le"], name="signature_du_foyer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mandat", None), ("signee_le", None)),
                            models.Q(("mandat__isnull", False), ("signee_le__isnull", False)),
                            _connector="OR",
                        ),
                        name="signature_a_son_mandat",
                        violation_error_message="Une signature a son instant et son mandat.",
                    )
                ],
            },
        ),
    ]

"""Les tarifs, les factures, la caisse, les prélèvements, le recouvrement et les exports.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

from decimal import Decimal
from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement
import commune.models
import facturation.models.reglements


class Migration(migrations.Migration):
    replaces = [
        ("facturation", "0001_initiale"),
        ("facturation", "0002_liens"),
        ("facturation", "0003_regie_reprise_et_jetons"),
        ("facturation", "0004_immuables"),
        ("facturation", "0005_lignes_verifiees_d_un_bloc"),
        ("facturation", "0006_pdf_prive"),
        ("facturation", "0007_fratrie_avec_son_rang"),
        ("facturation", "0030_avoirs_d_un_evenement"),
        ("facturation", "0040_paiements_en_ligne"),
        ("facturation", "0041_payfip_a_trancher"),
        ("facturation", "0050_modes_de_tarif"),
        ("facturation", "0051_lignes_corrigees"),
        ("facturation", "0060_contestations"),
        ("facturation", "0070_prelevements"),
        ("facturation", "0071_signature_de_mandat"),
        ("facturation", "0080_caisse"),
        ("facturation", "0081_caisse_gardee"),
        ("facturation", "0090_recouvrement"),
        ("facturation", "0091_recouvrement_garde"),
        ("facturation", "0100_budgets_et_reports"),
        ("facturation", "0110_exports"),
        ("facturation", "0111_exports_scelles"),
        ("facturation", "0120_quotients_recuperes"),
        ("facturation", "0121_motifs_de_rejet"),
        ("facturation", "0130_impressions"),
        ("facturation", "0140_prix_combine_par_tranche"),
        ("facturation", "0141_forfait_de_l_annee"),
    ]

    initial = True

    dependencies = [
        ("commune", "0001_socle"),
        ("familles", "0001_socle"),
        ("inscriptions", "0001_socle"),
        ("reservations", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tarif",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nom", models.CharField(max_length=100, verbose_name="nom")),
                (
                    "genre",
                    models.CharField(
                        choices=[
                            ("midi", "restauration"),
                            ("matin", "accueil du matin"),
                            ("soir", "accueil du soir"),
                            ("mercredi", "mercredi"),
                            ("vacances", "vacances"),
                        ],
                        max_length=8,
                        verbose_name="genre d'activité",
                    ),
                ),
                (
                    "activite",
                    models.ForeignKey(
                        blank=True,
                        help_text="Vide : toutes les activités du genre.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tarifs",
                        to="inscriptions.activite",
                        verbose_name="activité précise",
                    ),
                ),
                ("debut", models.DateField(verbose_name="valable du")),
                ("fin", models.DateField(blank=True, null=True, verbose_name="au")),
                (
                    "projet",
                    models.BooleanField(
                        default=False,
                        help_text="Un projet se compare au tarif en vigueur ; il ne facture rien.",
                        verbose_name="projet",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("tranches", "par tranches de quotient (une seule : prix unique)"),
                            ("effort", "taux d'effort : un prix par point de quotient"),
                        ],
                        default="tranches",
                        max_length=8,
                        verbose_name="le prix se calcule",
                    ),
                ),
                (
                    "taux",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Par exemple 0,0027.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="taux (€ par point de quotient)",
                    ),
                ),
                (
                    "plancher",
                    models.PositiveIntegerField(
                        default=0, help_text="En dessous, il compte pour lui.", verbose_name="quotient plancher"
                    ),
                ),
                (
                    "plafond",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Au-dessus, ou sans quotient connu, il compte pour lui.",
                        null=True,
                        verbose_name="quotient plafond",
                    ),
                ),
                (
                    "part_fixe",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        help_text="S'ajoute une fois par acte : le goûter.",
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="part fixe (€)",
                    ),
                ),
                (
                    "unite",
                    models.CharField(
                        choices=[
                            ("acte", "chaque repas, chaque accueil"),
                            ("duree", "chaque période de temps"),
                            ("mois", "le mois entier (forfait)"),
                            ("annee", "l'année scolaire (forfait)"),
                        ],
                        default="acte",
                        max_length=5,
                        verbose_name="pour",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Comptée sur les heures pointées, à défaut sur celles de l'activité.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="période (minutes)",
                    ),
                ),
                (
                    "arrondi",
                    models.CharField(
                        choices=[
                            ("commencee", "toute période commencée est due"),
                            ("proche", "à la plus proche"),
                            ("entiere", "seules les périodes entières sont dues (une au moins)"),
                        ],
                        default="commencee",
                        max_length=9,
                        verbose_name="arrondi",
                    ),
                ),
                (
                    "tolerance",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Avant qu'un départ après l'heure soit un retard.",
                        verbose_name="tolérance au départ (minutes)",
                    ),
                ),
                (
                    "part_garde",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Pour les attestations fiscales, hors repas. Vide : rien à midi, tout ailleurs.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="part de garde (%)",
                    ),
                ),
                (
                    "carence",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Les premiers jours d'une absence excusée sans certificat qui se facturent. 0 : aucun ; 31 : tous.",
                        validators=[django.core.validators.MaxValueValidator(31)],
                        verbose_name="jours de carence",
                    ),
                ),
                (
                    "certificat",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Depuis le début de la séance ; reçu plus tard, la carence s'applique. Vide : sans délai.",
                        null=True,
                        verbose_name="certificat sous (heures)",
                    ),
                ),
            ],
            options={
                "verbose_name": "tarif",
                "ordering": ["genre", "-debut"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fin", None), ("fin__gte", models.F("debut")), _connector="OR"),
                        name="tarif_dans_l_ordre",
                        violation_error_message="Le tarif ne peut pas finir avant de commencer.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("activite__isnull", False), ("projet", False)),
                        expressions=[
                            (
                                models.Func(
                                    "activite",
                                    "activite",
                                    models.Value("[]"),
                                    function="INT8RANGE",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            ),
                        ],
                        name="un_tarif_par_activite_et_jour",
                        violation_error_message="Un autre tarif vaut déjà pour cette activité à ces dates.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("activite", None), ("genre", "midi"), ("projet", False)),
                        expressions=[
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            )
                        ],
                        name="un_tarif_midi_par_jour",
                        violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("activite", None), ("genre", "matin"), ("projet", False)),
                        expressions=[
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            )
                        ],
                        name="un_tarif_matin_par_jour",
                        violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("activite", None), ("genre", "soir"), ("projet", False)),
                        expressions=[
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            )
                        ],
                        name="un_tarif_soir_par_jour",
                        violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("activite", None), ("genre", "mercredi"), ("projet", False)),
                        expressions=[
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            )
                        ],
                        name="un_tarif_mercredi_par_jour",
                        violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("activite", None), ("genre", "vacances"), ("projet", False)),
                        expressions=[
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                                ),
                                "&&",
                            )
                        ],
                        name="un_tarif_vacances_par_jour",
                        violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mode", "effort"), _negated=True),
                            models.Q(
                                ("plafond__gte", models.F("plancher")),
                                ("plafond__isnull", False),
                                ("taux__gte", 0),
                                ("taux__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="tarif_effort_entier",
                        violation_error_message="Un taux d'effort se dit avec son taux et un plafond, qui n'est pas sous le plancher.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("carence__lte", 31),
                            ("minutes__gte", 1),
                            ("part_fixe__gte", 0),
                            models.Q(("part_garde", None), ("part_garde__lte", 100), _connector="OR"),
                        ),
                        name="tarif_bornes",
                        violation_error_message="Un tarif ne retire rien, et sa part de garde va de 0 à 100 %%.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tranche",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tarif",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tranches",
                        to="facturation.tarif",
                        verbose_name="tarif",
                    ),
                ),
                (
                    "jusqu_a",
                    models.PositiveIntegerField(
                        blank=True, help_text="Compris. Vide : au-delà.", null=True, verbose_name="quotient jusqu'à"
                    ),
                ),
                (
                    "prix",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="prix",
                    ),
                ),
                (
                    "combine",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Le prix de cet accueil un jour où l'enfant a aussi l'autre. Vide : le même.",
                        max_digits=10,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="matin et soir",
                    ),
                ),
            ],
            options={
                "verbose_name": "tranche",
                "ordering": [models.OrderBy(models.F("jusqu_a"), nulls_last=True)],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tarif", "jusqu_a"),
                        name="tranche_unique",
                        nulls_distinct=False,
                        violation_error_message="Ce tarif a déjà une tranche à ce seuil.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("prix__gte", 0)),
                        name="tranche_positive",
                        violation_error_message="Un prix n'est jamais négatif.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("combine", None), ("combine__gte", 0), _connector="OR"),
                        name="tranche_combine_positif",
                        violation_error_message="Un prix « matin et soir » n'est jamais négatif.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ajustement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tarif",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ajustements",
                        to="facturation.tarif",
                        verbose_name="tarif",
                    ),
                ),
                (
                    "cas",
                    models.CharField(
                        choices=[
                            ("hors_commune", "foyer hors commune"),
                            ("panier", "l'enfant apporte son repas (PAI)"),
                            ("fratrie", "à partir du n-ième enfant"),
                            ("hors_delai", "réservé hors délai"),
                            ("sans_reservation", "présent sans réservation"),
                            ("absence", "absent sans excuse acceptée"),
                            ("retard", "parti après l'heure"),
                            ("combine", "matin et soir le même jour"),
                            ("minimum", "prix minimum de l'acte"),
                            ("maximum", "prix maximum de l'acte"),
                        ],
                        max_length=16,
                        verbose_name="cas",
                    ),
                ),
                (
                    "rang",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Du n-ième enfant, ou de la n-ième fois du mois (retard).",
                        null=True,
                        verbose_name="à partir de",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("fixe", "prix fixe (€)"), ("montant", "ajouter (€)"), ("pourcentage", "ajouter (%)")],
                        max_length=11,
                        verbose_name="effet",
                    ),
                ),
                (
                    "valeur",
                    models.DecimalField(
                        decimal_places=2, help_text="Négative pour une remise.", max_digits=10, verbose_name="valeur"
                    ),
                ),
                ("ordre", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
            ],
            options={
                "verbose_name": "ajustement",
                "ordering": ["ordre", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tarif", "cas", "rang"),
                        name="ajustement_unique",
                        nulls_distinct=False,
                        violation_error_message="Ce cas est déjà prévu par le tarif.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cas", "fratrie"), ("rang__gte", 2), ("rang__isnull", False)),
                            models.Q(("cas", "retard"), models.Q(("rang", None), ("rang__gte", 1), _connector="OR")),
                            models.Q(models.Q(("cas__in", ["fratrie", "retard"]), _negated=True), ("rang", None)),
                            _connector="OR",
                        ),
                        name="fratrie_avec_rang",
                        violation_error_message="Un ajustement de fratrie dit à partir de quel enfant (2 ou plus), un départ après l'heure à partir de combien de fois, les autres non.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cas__in", ["minimum", "maximum"]), _negated=True),
                            models.Q(("mode", "fixe"), ("valeur__gte", 0)),
                            _connector="OR",
                        ),
                        name="borne_en_euros",
                        violation_error_message="Un minimum ou un maximum est un prix fixe, en euros.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Compteur",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("serie", models.CharField(max_length=10, verbose_name="série")),
                ("exercice", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("dernier", models.PositiveIntegerField(default=0, verbose_name="dernier numéro")),
            ],
            options={
                "verbose_name": "compteur",
                "constraints": [models.UniqueConstraint(fields=("serie", "exercice"), name="compteur_unique")],
            },
        ),
        migrations.CreateModel(
            name="Facturation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mois", models.DateField(help_text="Le premier jour du mois.", unique=True, verbose_name="mois")),
                ("echeance", models.DateField(verbose_name="à payer avant le")),
                ("lancee_le", models.DateTimeField(verbose_name="lancée le")),
                (
                    "lancee_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lancée par",
                    ),
                ),
                (
                    "curseur",
                    models.PositiveBigIntegerField(default=0, editable=False, verbose_name="dernier foyer examiné"),
                ),
                ("a_faire", models.PositiveIntegerField(default=0, verbose_name="foyers")),
                ("traites", models.PositiveIntegerField(default=0, verbose_name="foyers examinés")),
                ("faites", models.PositiveIntegerField(default=0, verbose_name="factures émises")),
                ("terminee_le", models.DateTimeField(blank=True, null=True, verbose_name="terminée le")),
                (
                    "seuil",
                    models.DecimalField(
                        decimal_places=2, default=0, editable=False, max_digits=10, verbose_name="seuil de facturation"
                    ),
                ),
                ("reportes", models.PositiveIntegerField(default=0, verbose_name="foyers reportés")),
                ("incident", models.CharField(blank=True, editable=False, max_length=500, verbose_name="incident")),
                (
                    "emetteur",
                    models.JSONField(
                        default=dict,
                        editable=False,
                        help_text="La commune et sa régie ce jour-là, telles que chaque facture du mois les imprime.",
                        verbose_name="émetteur",
                    ),
                ),
            ],
            options={
                "verbose_name": "facturation du mois",
                "verbose_name_plural": "facturations du mois",
                "ordering": ["-mois"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mois__day", 1)),
                        name="facturation_premier_du_mois",
                        violation_error_message="Le mois se dit par son premier jour.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "nom",
                    models.CharField(
                        help_text="Tel que la facture l'imprime.", max_length=100, unique=True, verbose_name="nom"
                    ),
                ),
                (
                    "cheque_ordre",
                    models.CharField(
                        blank=True, help_text="Vide : la régie.", max_length=100, verbose_name="ordre des chèques"
                    ),
                ),
                (
                    "iban",
                    models.CharField(
                        blank=True,
                        help_text="Vide : celui de la régie. Un compte à part n'est ni prélevé ni payé en ligne par le portail.",
                        max_length=34,
                        validators=[facturation.models.reglements.iban_valide],
                        verbose_name="IBAN pour les virements",
                    ),
                ),
                (
                    "accueil",
                    models.TextField(blank=True, help_text="Vide : comme la régie.", verbose_name="où et quand payer"),
                ),
            ],
            options={
                "verbose_name": "budget",
                "ordering": ["nom"],
            },
        ),
        migrations.CreateModel(
            name="Facture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("exercice", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("numero", models.PositiveIntegerField(verbose_name="numéro")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factures",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "facturation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factures",
                        to="facturation.facturation",
                        verbose_name="facturation",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factures",
                        to="facturation.budget",
                        verbose_name="budget",
                    ),
                ),
                ("mois", models.DateField(help_text="Le premier jour du mois facturé.", verbose_name="mois")),
                ("destinataire", models.CharField(max_length=200, verbose_name="destinataire")),
                ("adresse", models.TextField(verbose_name="adresse")),
                ("total", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="total")),
                ("emise_le", models.DateTimeField(verbose_name="émise le")),
                ("echeance", models.DateField(verbose_name="à payer avant le")),
                ("rum", models.CharField(blank=True, max_length=35, verbose_name="mandat prélevé")),
                ("preleve_le", models.DateField(blank=True, null=True, verbose_name="prélevée le")),
                (
                    "pdf",
                    models.FileField(
                        blank=True,
                        editable=False,
                        upload_to=commune.fichiers.rangement.chemin_prive,
                        verbose_name="PDF",
                    ),
                ),
            ],
            options={
                "verbose_name": "facture",
                "ordering": ["-exercice", "-numero"],
                "constraints": [
                    models.UniqueConstraint(fields=("exercice", "numero"), name="facture_numero_unique"),
                    models.UniqueConstraint(
                        fields=("famille", "mois", "budget"),
                        name="facture_unique_par_mois",
                        nulls_distinct=False,
                        violation_error_message="Ce foyer a déjà sa facture du mois.",
                    ),
                    models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="facture_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("preleve_le", None), ("rum", "")),
                            models.Q(models.Q(("rum", ""), _negated=True), ("preleve_le__isnull", False)),
                            _connector="OR",
                        ),
                        name="facture_prelevement_annonce",
                        violation_error_message="Un prélèvement s'annonce avec son mandat et sa date.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ligne",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "facture",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lignes",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                (
                    "enfant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "activite",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inscriptions.activite",
                        verbose_name="activité",
                    ),
                ),
                (
                    "seance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.seance",
                        verbose_name="séance",
                    ),
                ),
                ("jour", models.DateField(verbose_name="jour")),
                ("prenom", models.CharField(max_length=200, verbose_name="enfant")),
                ("texte", models.CharField(max_length=200, verbose_name="prestation")),
                ("quantite", models.DecimalField(decimal_places=2, default=1, max_digits=7, verbose_name="quantité")),
                (
                    "unite",
                    models.CharField(
                        choices=[
                            ("acte", "chaque repas, chaque accueil"),
                            ("duree", "chaque période de temps"),
                            ("mois", "le mois entier (forfait)"),
                            ("annee", "l'année scolaire (forfait)"),
                        ],
                        default="acte",
                        max_length=5,
                        verbose_name="unité",
                    ),
                ),
                (
                    "annee",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commune.anneescolaire",
                        verbose_name="forfait de l'année",
                    ),
                ),
                (
                    "garde",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Hors repas, pour les attestations. Vide : non partagée.",
                        max_digits=10,
                        null=True,
                        verbose_name="dont garde",
                    ),
                ),
                ("prix_unitaire", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="prix unitaire")),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                ("quotient", models.PositiveIntegerField(null=True, verbose_name="quotient")),
                ("regle", models.CharField(max_length=600, verbose_name="pourquoi ce prix")),
            ],
            options={
                "verbose_name": "ligne",
                "ordering": ["prenom", "jour", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("annee__isnull", False)),
                        fields=("annee", "enfant", "activite"),
                        name="forfait_de_l_annee_unique",
                    ),
                    models.UniqueConstraint(fields=("seance", "enfant", "facture"), name="ligne_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "montant",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("quantite"), "*", models.F("prix_unitaire")
                                ),
                            )
                        ),
                        name="ligne_juste",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Avoir",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("exercice", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("numero", models.PositiveIntegerField(verbose_name="numéro")),
                (
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="avoirs",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant rendu")),
                ("motif", models.CharField(max_length=300, verbose_name="motif")),
                ("emis_le", models.DateTimeField(verbose_name="émis le")),
                (
                    "emis_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="émis par",
                    ),
                ),
                ("jeton", models.UUIDField(editable=False, null=True, unique=True, verbose_name="jeton du formulaire")),
                (
                    "evenement",
                    models.ForeignKey(
                        blank=True,
                        help_text="Celui qui a annulé, après coup, des jours déjà facturés.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="avoirs",
                        to="reservations.evenement",
                        verbose_name="événement",
                    ),
                ),
            ],
            options={
                "verbose_name": "avoir",
                "ordering": ["-exercice", "-numero"],
                "constraints": [
                    models.UniqueConstraint(fields=("exercice", "numero"), name="avoir_numero_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("montant__gt", 0)),
                        name="avoir_positif",
                        violation_error_message="Un avoir rend un montant positif.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LigneRendue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ligne",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rendue",
                        to="facturation.ligne",
                        verbose_name="ligne",
                    ),
                ),
                (
                    "avoir",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lignes",
                        to="facturation.avoir",
                        verbose_name="avoir",
                    ),
                ),
            ],
            options={
                "verbose_name": "ligne rendue",
                "verbose_name_plural": "lignes rendues",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LigneCorrigee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ligne",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="facturation.ligne",
                        verbose_name="ligne",
                    ),
                ),
                (
                    "avoir",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="facturation.avoir",
                        verbose_name="avoir",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant rendu")),
                ("quotient", models.PositiveIntegerField(verbose_name="quotient retenu")),
                ("regle", models.CharField(max_length=600, verbose_name="pourquoi le nouveau prix")),
            ],
            options={
                "verbose_name": "ligne corrigée",
                "verbose_name_plural": "lignes corrigées",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("ligne", "avoir"), name="ligne_corrigee_une_fois_par_avoir"),
                    models.CheckConstraint(
                        condition=models.Q(("montant", 0), _negated=True), name="ligne_corrigee_change"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reglement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reglements",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "facture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reglements",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                (
                    "moyen",
                    models.CharField(
                        choices=[
                            ("cheque", "chèque"),
                            ("especes", "espèces"),
                            ("virement", "virement"),
                            ("prelevement", "prélèvement"),
                            ("payfip", "paiement en ligne"),
                            ("cesu", "CESU préfinancé"),
                            ("ancv", "chèque-vacances ANCV"),
                        ],
                        max_length=11,
                        verbose_name="moyen",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                ("recu_le", models.DateField(verbose_name="reçu le")),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="Numéro du chèque, du virement…", max_length=100, verbose_name="référence"
                    ),
                ),
                ("emetteur", models.CharField(blank=True, max_length=60, verbose_name="émetteur des titres")),
                ("nombre", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="nombre de titres")),
                (
                    "valeur",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="valeur faciale"
                    ),
                ),
                ("saisi_le", models.DateTimeField(verbose_name="saisi le")),
                (
                    "saisi_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="saisi par",
                    ),
                ),
                ("annule_le", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
                (
                    "annule_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="annulé par",
                    ),
                ),
                (
                    "motif_annulation",
                    models.CharField(
                        blank=True,
                        help_text="Chèque rejeté, erreur de saisie…",
                        max_length=300,
                        verbose_name="motif de l'annulation",
                    ),
                ),
                ("jeton", models.UUIDField(editable=False, null=True, unique=True, verbose_name="jeton du formulaire")),
            ],
            options={
                "verbose_name": "règlement",
                "ordering": ["-recu_le", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("montant__gt", 0)),
                        name="reglement_positif",
                        violation_error_message="Un règlement est un montant positif.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("annule_le", None), models.Q(("motif_annulation", ""), _negated=True), _connector="OR"
                        ),
                        name="reglement_annulation_motivee",
                        violation_error_message="L'annulation d'un règlement se motive.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "montant",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("nombre"), "*", models.F("valeur")
                                    ),
                                ),
                                ("moyen__in", ["cesu", "ancv"]),
                                ("nombre__gte", 1),
                                ("valeur__gt", 0),
                                models.Q(("emetteur", ""), _negated=True),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("moyen__in", ["cesu", "ancv"]), _negated=True),
                                ("emetteur", ""),
                                ("nombre", None),
                                ("valeur", None),
                            ),
                            _connector="OR",
                        ),
                        name="reglement_titres",
                        violation_error_message="Des titres ont leur émetteur, leurs numéros, leur nombre et leur valeur, qui font le montant.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mandat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandats",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("rum", models.CharField(max_length=35, unique=True, verbose_name="référence unique du mandat")),
                ("titulaire", models.CharField(max_length=140, verbose_name="titulaire du compte")),
                (
                    "iban",
                    models.CharField(
                        max_length=34, validators=[facturation.models.reglements.iban_valide], verbose_name="IBAN"
                    ),
                ),
                ("signe_le", models.DateField(verbose_name="signé le")),
                ("revoque_le", models.DateField(blank=True, null=True, verbose_name="révoqué le")),
                (
                    "suspendu_le",
                    models.DateField(
                        blank=True,
                        help_text="Un rejet a dit qu'il ne peut plus servir.",
                        null=True,
                        verbose_name="suspendu le",
                    ),
                ),
            ],
            options={
                "verbose_name": "mandat de prélèvement",
                "verbose_name_plural": "mandats de prélèvement",
                "ordering": ["-signe_le"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoque_le", None)),
                        fields=("famille",),
                        name="un_mandat_actif",
                        violation_error_message="Cette famille a déjà un mandat en cours.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoque_le", None), ("revoque_le__gte", models.F("signe_le")), _connector="OR"
                        ),
                        name="mandat_dans_l_ordre",
                        violation_error_message="Un mandat ne se révoque pas avant d'être signé.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Regie",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nom", models.CharField(default="Régie périscolaire", max_length=100, verbose_name="nom")),
                (
                    "emetteur",
                    models.CharField(
                        blank=True,
                        help_text="Le nom et la qualité de qui émet les factures : « Claire Martin, maire ».",
                        max_length=150,
                        verbose_name="émetteur",
                    ),
                ),
                (
                    "mention_tva",
                    models.CharField(
                        blank=True,
                        help_text="Imprimée au bas des factures émises ensuite, telle que votre comptable vous la donne. Vide : rien.",
                        max_length=200,
                        verbose_name="mention de TVA",
                    ),
                ),
                ("cheque_ordre", models.CharField(blank=True, max_length=100, verbose_name="ordre des chèques")),
                (
                    "iban",
                    models.CharField(
                        blank=True,
                        max_length=34,
                        validators=[facturation.models.reglements.iban_valide],
                        verbose_name="IBAN pour les virements",
                    ),
                ),
                (
                    "accueil",
                    models.TextField(
                        blank=True, help_text="Adresse et heures du guichet.", verbose_name="où et quand payer"
                    ),
                ),
                ("titres_cesu", models.BooleanField(default=False, verbose_name="accepter les CESU préfinancés")),
                (
                    "titres_cesu_repas",
                    models.BooleanField(
                        default=False,
                        help_text="Non : un CESU désigne sa facture, et n'en paie que la part de garde. Votre comptable le sait.",
                        verbose_name="un CESU peut payer un repas",
                    ),
                ),
                ("titres_ancv", models.BooleanField(default=False, verbose_name="accepter les chèques-vacances")),
                (
                    "fonds_de_caisse",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0.00"),
                        help_text="Les espèces que la caisse tenait le matin de sa première journée close (euros).",
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                        verbose_name="fonds de caisse",
                    ),
                ),
                (
                    "delai_contestation",
                    models.PositiveSmallIntegerField(
                        default=60,
                        help_text="Compté depuis l'émission de la facture.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="délai pour contester une ligne (jours)",
                    ),
                ),
                (
                    "delai_reponse",
                    models.PositiveSmallIntegerField(
                        default=15,
                        help_text="Promis à la famille quand elle envoie ; celles qui attendent sont en tête de liste.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="délai de réponse à une contestation (jours)",
                    ),
                ),
                (
                    "delai",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="L'échéance proposée à chaque facturation. Un prélèvement s'annonce 14 jours avant.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="délai de paiement (jours)",
                    ),
                ),
                (
                    "seuil",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("15.00"),
                        help_text="En euros. Sous cette somme, le mois d'un foyer attend sa prochaine facture ; décembre et un départ émettent tout. 0 : chaque mois se facture.",
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                        verbose_name="seuil de facturation",
                    ),
                ),
                (
                    "payfip",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "non"),
                            ("regie", "oui : la famille paie sur le portail (service « régie »)"),
                            (
                                "titre",
                                "oui, par titres : la facture porte de quoi payer sur le site de la DGFiP (PayFiP Titre)",
                            ),
                        ],
                        help_text="Le portail ouvre le paiement lui-même, ou n'imprime qu'une référence si la dette est déjà un titre.",
                        max_length=5,
                        verbose_name="paiement en ligne",
                    ),
                ),
                (
                    "payfip_client",
                    models.CharField(
                        blank=True,
                        help_text="Service « régie » : six chiffres, donnés par la DGFiP.",
                        max_length=6,
                        validators=[django.core.validators.RegexValidator("^\\d{6}$")],
                        verbose_name="numéro de client PayFiP",
                    ),
                ),
                (
                    "payfip_saisie",
                    models.CharField(
                        choices=[("T", "essais"), ("X", "activation"), ("W", "production")],
                        default="T",
                        help_text="Essais et activation se font avec la DGFiP ; les familles ne paient en ligne qu'en production.",
                        max_length=1,
                        verbose_name="étape PayFiP",
                    ),
                ),
                (
                    "payfip_essai",
                    models.EmailField(
                        blank=True,
                        help_text="Avant la production, seul ce compte de famille voit « Payer ». Un essai payé s'écrit comme un règlement : annulez-le ensuite, avec sa raison.",
                        max_length=254,
                        verbose_name="compte d'essai",
                    ),
                ),
                (
                    "titre_structure",
                    models.CharField(
                        blank=True,
                        help_text="PayFiP Titre : tel que votre comptable public vous l'a donné ; imprimé sur la facture.",
                        max_length=20,
                        verbose_name="identifiant de la structure",
                    ),
                ),
                (
                    "titre_reference",
                    models.CharField(
                        default="{facture}",
                        help_text="Ce que la famille recopie sur le site : {exercice}, {numero} et {facture} y sont remplacés.",
                        max_length=60,
                        verbose_name="référence du titre",
                    ),
                ),
                (
                    "titre_adresse",
                    models.CharField(
                        default="https://www.payfip.gouv.fr",
                        max_length=200,
                        validators=[django.core.validators.URLValidator(schemes=["https"])],
                        verbose_name="page de paiement de la DGFiP",
                    ),
                ),
                (
                    "api_particulier",
                    models.BooleanField(
                        default=False,
                        help_text="Par API Particulier, avec l'accord de la famille. Demande un jeton (API_PARTICULIER_JETON) et le SIRET de la commune ; l'attestation papier reste toujours possible.",
                        verbose_name="demander les quotients à la CAF et à la MSA",
                    ),
                ),
                (
                    "quotient_mois",
                    models.PositiveSmallIntegerField(
                        default=12,
                        help_text="À partir du mois qu'il dit. Ensuite, la tranche la plus haute s'applique jusqu'au suivant.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="un quotient récupéré vaut (mois)",
                    ),
                ),
                (
                    "relance_seuil",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("5.00"),
                        help_text="Ce que doit un foyer, ses factures en retard ensemble (euros).",
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                        verbose_name="ne pas relancer en dessous de",
                    ),
                ),
                (
                    "relance_intervalle",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="jours entre deux relances d'un foyer",
                    ),
                ),
                (
                    "relance_auto",
                    models.BooleanField(
                        default=False,
                        help_text="Chaque matin, sans que la régie regarde. Non : elle lit l'aperçu, puis envoie.",
                        verbose_name="relancer automatiquement",
                    ),
                ),
                (
                    "echeancier_mois",
                    models.PositiveSmallIntegerField(
                        default=6,
                        help_text="La régie peut accorder davantage, jusqu'à vingt-quatre échéances.",
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="mois qu'une famille peut demander",
                    ),
                ),
                (
                    "echeancier_tolerance",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Rompu, il ne protège plus des relances ; payer le retard le remet en règle.",
                        verbose_name="jours de retard avant qu'un échéancier soit rompu",
                    ),
                ),
                (
                    "tresor_seuil",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("15.00"),
                        help_text="Ce que doit un foyer, ses dettes ensemble (euros). Plus petites, elles se gardent.",
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                        verbose_name="ne rien transmettre en dessous de",
                    ),
                ),
                (
                    "tresor_delai",
                    models.PositiveSmallIntegerField(
                        default=15, verbose_name="jours laissés après la dernière relance"
                    ),
                ),
                (
                    "tresor_ou",
                    models.TextField(
                        blank=True,
                        help_text="Montré à la famille dont une dette est transmise : adresse, téléphone, site.",
                        verbose_name="où payer au Trésor public",
                    ),
                ),
                (
                    "sepa_version",
                    models.CharField(
                        choices=[("02", "pain.008.001.02"), ("08", "pain.008.001.08")],
                        default="02",
                        help_text="Celui que demande votre comptable public ou votre banque.",
                        max_length=2,
                        verbose_name="format du fichier de prélèvements",
                    ),
                ),
                (
                    "sepa_bic",
                    models.CharField(
                        blank=True,
                        help_text="Celui de l'IBAN ci-dessus. L'identifiant créancier (ICS) est sur la fiche de la commune.",
                        max_length=11,
                        validators=[facturation.models.reglements.bic_valide],
                        verbose_name="BIC du compte qui reçoit",
                    ),
                ),
                (
                    "sepa_identifiant",
                    models.CharField(
                        blank=True,
                        help_text="Donné par le Trésor ; il commence le nom du fichier : « identifiant-DFT-SDD-… ».",
                        max_length=20,
                        validators=[django.core.validators.RegexValidator("^[A-Za-z0-9]*$")],
                        verbose_name="identifiant du fichier",
                    ),
                ),
            ],
            options={
                "verbose_name": "régie",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("delai__gte", 1)), name="regie_delai_positif"),
                    models.CheckConstraint(
                        condition=models.Q(("quotient_mois__gte", 1)),
                        name="regie_quotient_vaut_un_temps",
                        violation_error_message="Un quotient récupéré vaut au moins un mois.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delai_contestation__gte", 1), ("delai_reponse__gte", 1)),
                        name="regie_delais_de_contestation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("relance_intervalle__gte", 1), ("relance_seuil__gte", 0), ("tresor_seuil__gte", 0)
                        ),
                        name="regie_recouvrement",
                        violation_error_message="Les seuils sont positifs, et deux relances ne se font pas le même jour.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payfip_client__regex", "^(\\d{6})?$")),
                        name="regie_client_payfip",
                        violation_error_message="Le numéro de client PayFiP a six chiffres.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("payfip", "regie"), _negated=True),
                                models.Q(("payfip_client", ""), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("payfip", "titre"), _negated=True),
                                models.Q(("titre_structure", ""), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="regie_en_ligne_complete",
                        violation_error_message="Pour payer en ligne : le numéro de client PayFiP, ou pour des titres l'identifiant de la structure.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contestation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ligne",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contestations",
                        to="facturation.ligne",
                        verbose_name="ligne",
                    ),
                ),
                ("motif", models.TextField(max_length=1000, verbose_name="raison")),
                (
                    "fichier",
                    models.FileField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="pièce jointe"
                    ),
                ),
                (
                    "etat",
                    models.CharField(
                        choices=[("envoyee", "envoyée"), ("acceptee", "acceptée"), ("refusee", "refusée")],
                        default="envoyee",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
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
                (
                    "repondre_avant",
                    models.DateField(
                        help_text="Ce jour compris, promis à la famille quand elle envoie.",
                        verbose_name="répondre avant le",
                    ),
                ),
                ("reponse", models.TextField(blank=True, max_length=1000, verbose_name="réponse de la mairie")),
                (
                    "suite",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("deduire", "déduite de ce que doit la famille, ou de sa prochaine facture"),
                            ("rembourser", "remboursée à la famille"),
                        ],
                        max_length=10,
                        verbose_name="ce qui est rendu sera",
                    ),
                ),
                (
                    "avoir",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contestations",
                        to="facturation.avoir",
                        verbose_name="avoir",
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
                "verbose_name": "contestation",
                "ordering": ["-envoyee_le", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("etat", "envoyee")),
                        fields=["repondre_avant"],
                        name="contestation_a_decider",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("etat", "envoyee")),
                        fields=("ligne",),
                        name="une_contestation_ouverte",
                        violation_error_message="Cette ligne est déjà contestée : la mairie va répondre.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "refusee"), _negated=True),
                            models.Q(("reponse", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="contestation_refus_motive",
                        violation_error_message="Un refus se motive.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("avoir__isnull", False), ("etat", "acceptee"), models.Q(("suite", ""), _negated=True)
                            ),
                            models.Q(models.Q(("etat", "acceptee"), _negated=True), ("avoir", None)),
                            _connector="OR",
                        ),
                        name="contestation_acceptee_rendue",
                        violation_error_message="Une contestation acceptée a son avoir, et les autres n'en ont pas.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decidee_le", None), ("etat", "envoyee")),
                            models.Q(models.Q(("etat", "envoyee"), _negated=True), ("decidee_le__isnull", False)),
                            _connector="OR",
                        ),
                        name="contestation_decidee",
                        violation_error_message="Une décision a son instant.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Remboursement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remboursements",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant rendu")),
                (
                    "moyen",
                    models.CharField(
                        choices=[("virement", "virement"), ("cheque", "chèque"), ("especes", "espèces")],
                        max_length=11,
                        verbose_name="moyen",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        help_text="Numéro du virement, du chèque ou du reçu signé.",
                        max_length=100,
                        verbose_name="référence",
                    ),
                ),
                ("fait_le", models.DateField(verbose_name="rendu le")),
                (
                    "motif",
                    models.CharField(
                        help_text="La famille le lit sur son compte.", max_length=300, verbose_name="motif"
                    ),
                ),
                (
                    "contestation",
                    models.ForeignKey(
                        blank=True,
                        help_text="Celle qui fut acceptée « à rembourser ».",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="remboursements",
                        to="facturation.contestation",
                        verbose_name="contestation",
                    ),
                ),
                ("saisi_le", models.DateTimeField(verbose_name="saisi le")),
                (
                    "saisi_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="saisi par",
                    ),
                ),
                ("annule_le", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
                (
                    "annule_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="annulé par",
                    ),
                ),
                (
                    "motif_annulation",
                    models.CharField(blank=True, max_length=300, verbose_name="motif de l'annulation"),
                ),
                ("jeton", models.UUIDField(editable=False, null=True, unique=True, verbose_name="jeton du formulaire")),
            ],
            options={
                "verbose_name": "remboursement",
                "ordering": ["-fait_le", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("montant__gt", 0)),
                        name="remboursement_positif",
                        violation_error_message="Un remboursement est un montant positif.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reference", ""), _negated=True), models.Q(("motif", ""), _negated=True)
                        ),
                        name="remboursement_dit_comment",
                        violation_error_message="Un remboursement a sa référence et son motif.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("annule_le", None), models.Q(("motif_annulation", ""), _negated=True), _connector="OR"
                        ),
                        name="remboursement_annulation_motivee",
                        violation_error_message="L'annulation d'un remboursement se motive.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("annule_le", None)),
                        fields=("contestation",),
                        name="contestation_remboursee_une_fois",
                        violation_error_message="Cette contestation est déjà remboursée.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bordereau",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("exercice", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("numero", models.PositiveIntegerField(verbose_name="numéro")),
                (
                    "moyen",
                    models.CharField(
                        choices=[
                            ("cheque", "chèque"),
                            ("especes", "espèces"),
                            ("virement", "virement"),
                            ("prelevement", "prélèvement"),
                            ("payfip", "paiement en ligne"),
                            ("cesu", "CESU préfinancé"),
                            ("ancv", "chèque-vacances ANCV"),
                        ],
                        max_length=11,
                        verbose_name="ce qui est déposé",
                    ),
                ),
                ("depose_le", models.DateField(verbose_name="déposé le")),
                ("fait_le", models.DateTimeField(verbose_name="fait le")),
                (
                    "fait_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="fait par",
                    ),
                ),
            ],
            options={
                "verbose_name": "bordereau de dépôt",
                "verbose_name_plural": "bordereaux de dépôt",
                "ordering": ["-exercice", "-numero"],
                "constraints": [
                    models.UniqueConstraint(fields=("exercice", "numero"), name="bordereau_numero_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("moyen__in", ["cheque", "especes", "cesu", "ancv"])),
                        name="bordereau_de_caisse",
                        violation_error_message="On dépose des chèques, des espèces ou des titres.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Depose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reglement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="depose",
                        to="facturation.reglement",
                        verbose_name="règlement",
                    ),
                ),
                (
                    "bordereau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposes",
                        to="facturation.bordereau",
                        verbose_name="bordereau",
                    ),
                ),
            ],
            options={
                "verbose_name": "règlement déposé",
                "verbose_name_plural": "règlements déposés",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Journee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("jour", models.DateField(unique=True, verbose_name="jour")),
                ("attendu", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="espèces attendues")),
                ("compte", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="espèces comptées")),
                ("raison", models.CharField(blank=True, max_length=300, verbose_name="raison de l'écart")),
                ("close_le", models.DateTimeField(verbose_name="close le")),
                (
                    "close_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="close par",
                    ),
                ),
            ],
            options={
                "verbose_name": "journée de caisse",
                "verbose_name_plural": "journées de caisse",
                "ordering": ["-jour"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("compte__gte", 0)),
                        name="journee_comptee",
                        violation_error_message="On ne compte pas moins que rien.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("compte", models.F("attendu")), models.Q(("raison", ""), _negated=True), _connector="OR"
                        ),
                        name="journee_ecart_explique",
                        violation_error_message="Un écart de caisse s'explique.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActiviteDuBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activites",
                        to="facturation.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "genre",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("midi", "restauration"),
                            ("matin", "accueil du matin"),
                            ("soir", "accueil du soir"),
                            ("mercredi", "mercredi"),
                            ("vacances", "vacances"),
                        ],
                        max_length=8,
                        verbose_name="genre d'activité",
                    ),
                ),
                (
                    "activite",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inscriptions.activite",
                        verbose_name="ou activité précise",
                    ),
                ),
            ],
            options={
                "verbose_name": "activité du budget",
                "verbose_name_plural": "activités du budget",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("activite__isnull", False), ("genre", "")),
                            models.Q(models.Q(("genre", ""), _negated=True), ("activite", None)),
                            _connector="OR",
                        ),
                        name="budget_genre_ou_activite",
                        violation_error_message="Choisissez un genre, ou une activité précise : l'un des deux.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("genre", ""), _negated=True),
                        fields=("genre",),
                        name="budget_du_genre",
                        violation_error_message="Ce genre relève déjà d'un budget.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("activite__isnull", False)),
                        fields=("activite",),
                        name="budget_de_l_activite",
                        violation_error_message="Cette activité relève déjà d'un budget.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Echeancier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="echeanciers",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="total")),
                ("mot", models.TextField(blank=True, max_length=1000, verbose_name="mot à la famille")),
                ("accorde_le", models.DateTimeField(verbose_name="accordé le")),
                (
                    "accorde_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accordé par",
                    ),
                ),
                ("revoque_le", models.DateTimeField(blank=True, null=True, verbose_name="révoqué le")),
                (
                    "revoque_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="révoqué par",
                    ),
                ),
                (
                    "motif_revocation",
                    models.CharField(blank=True, max_length=300, verbose_name="motif de la révocation"),
                ),
            ],
            options={
                "verbose_name": "échéancier",
                "ordering": ["-accorde_le", "-pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("total__gt", 0)), name="echeancier_positif"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoque_le", None), models.Q(("motif_revocation", ""), _negated=True), _connector="OR"
                        ),
                        name="echeancier_revocation_motivee",
                        violation_error_message="La révocation d'un échéancier se motive.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Echeance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "echeancier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="echeances",
                        to="facturation.echeancier",
                        verbose_name="échéancier",
                    ),
                ),
                ("rang", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("jour", models.DateField(verbose_name="à payer avant le")),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                ("rappelee_le", models.DateTimeField(blank=True, null=True, verbose_name="rappelée le")),
            ],
            options={
                "verbose_name": "échéance",
                "ordering": ["echeancier", "rang"],
                "constraints": [
                    models.UniqueConstraint(fields=("echeancier", "rang"), name="echeance_rang_unique"),
                    models.UniqueConstraint(
                        fields=("echeancier", "jour"),
                        name="echeance_jour_unique",
                        violation_error_message="Deux échéances ne tombent pas le même jour.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("montant__gt", 0)),
                        name="echeance_positive",
                        violation_error_message="Une échéance est un montant positif.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FactureEchelonnee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "echeancier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factures",
                        to="facturation.echeancier",
                        verbose_name="échéancier",
                    ),
                ),
                (
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="echelonnees",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="reste ce jour-là")),
                ("ouverte", models.BooleanField(default=True, verbose_name="ouverte")),
            ],
            options={
                "verbose_name": "facture échelonnée",
                "verbose_name_plural": "factures échelonnées",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ouverte", True)),
                        fields=("facture",),
                        name="un_echeancier_ouvert_par_facture",
                        violation_error_message="Cette facture a déjà un échéancier.",
                    ),
                    models.CheckConstraint(condition=models.Q(("montant__gt", 0)), name="facture_echelonnee_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DemandeEcheancier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demandes_d_echeancier",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("phrase", models.TextField(max_length=1000, verbose_name="pourquoi")),
                (
                    "mois",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="en combien de mois",
                    ),
                ),
                (
                    "etat",
                    models.CharField(
                        choices=[("envoyee", "envoyée"), ("acceptee", "acceptée"), ("refusee", "refusée")],
                        default="envoyee",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
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
                ("reponse", models.TextField(blank=True, max_length=1000, verbose_name="réponse de la régie")),
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
                (
                    "echeancier",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demande",
                        to="facturation.echeancier",
                        verbose_name="échéancier",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande d'échéancier",
                "verbose_name_plural": "demandes d'échéancier",
                "ordering": ["-envoyee_le", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("etat", "envoyee")),
                        fields=("famille",),
                        name="une_demande_d_echeancier_ouverte",
                        violation_error_message="Votre demande d'échéancier attend déjà la réponse de la mairie.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mois__gte", 2), ("mois__lte", 24)),
                        name="demande_d_echeancier_de_quelques_mois",
                        violation_error_message="Un échéancier a de deux à vingt-quatre mois.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decidee_le", None), ("echeancier", None), ("etat", "envoyee")),
                            models.Q(
                                ("decidee_le__isnull", False), ("echeancier__isnull", False), ("etat", "acceptee")
                            ),
                            models.Q(
                                ("decidee_le__isnull", False),
                                ("echeancier", None),
                                ("etat", "refusee"),
                                models.Q(("reponse", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="demande_d_echeancier_decidee",
                        violation_error_message="Acceptée, une demande a son échéancier ; refusée, ses mots.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("mois", models.DateField(help_text="Le premier jour du mois reporté.", verbose_name="mois")),
                (
                    "budget",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="facturation.budget",
                        verbose_name="budget",
                    ),
                ),
                ("activites", models.JSONField(default=list, editable=False, verbose_name="activités")),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                (
                    "facturation",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="facturation.facturation",
                        verbose_name="facturation",
                    ),
                ),
                (
                    "repris_par",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repris",
                        to="facturation.facturation",
                        verbose_name="repris par",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "ordering": ["mois", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("famille", "mois", "budget"),
                        name="report_unique_par_mois",
                        nulls_distinct=False,
                        violation_error_message="Ce mois de ce foyer est déjà reporté.",
                    ),
                    models.CheckConstraint(condition=models.Q(("montant__gt", 0)), name="report_positif"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comptabilite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tiers",
                    models.CharField(
                        blank=True,
                        help_text="Celui des redevables, que chaque facture débite.",
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="compte de tiers",
                    ),
                ),
                (
                    "budget",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="code du budget",
                    ),
                ),
                (
                    "journal_ventes",
                    models.CharField(
                        default="VT",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="journal des factures",
                    ),
                ),
                (
                    "journal_avoirs",
                    models.CharField(
                        default="AV",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="journal des avoirs",
                    ),
                ),
                (
                    "journal_encaissements",
                    models.CharField(
                        default="EN",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="journal des encaissements",
                    ),
                ),
                (
                    "pes_poste",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="poste comptable (IdPost)",
                    ),
                ),
                (
                    "pes_collectivite",
                    models.CharField(
                        blank=True,
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="collectivité (CodCol)",
                    ),
                ),
                (
                    "pes_budget",
                    models.CharField(
                        blank=True,
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="budget (CodBud)",
                    ),
                ),
                (
                    "pes_fichier",
                    models.CharField(
                        default="PESALR2",
                        max_length=32,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="type de fichier (TypFic)",
                    ),
                ),
                (
                    "pes_bordereau",
                    models.CharField(
                        default="01",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="type de bordereau (TypBord)",
                    ),
                ),
                (
                    "pes_piece",
                    models.CharField(
                        default="01",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="type de pièce (TypPce)",
                    ),
                ),
                (
                    "pes_nature_piece",
                    models.CharField(
                        default="01",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="nature de pièce (NatPce)",
                    ),
                ),
                (
                    "pes_nature",
                    models.CharField(
                        blank=True,
                        help_text="Vide : le compte de produit de chaque activité.",
                        max_length=12,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="nature (Nature)",
                    ),
                ),
                (
                    "pes_categorie",
                    models.CharField(
                        blank=True,
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="catégorie des redevables (CatTiers)",
                    ),
                ),
                (
                    "pes_juridique",
                    models.CharField(
                        blank=True,
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="nature juridique (NatJur)",
                    ),
                ),
                (
                    "pes_type_tiers",
                    models.CharField(
                        blank=True,
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="type de tiers (TypTiers)",
                    ),
                ),
                (
                    "pes_adresse",
                    models.CharField(
                        blank=True,
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="type d'adresse (TypAdr)",
                    ),
                ),
                (
                    "pes_residence",
                    models.CharField(
                        blank=True,
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="résidence (CodRes)",
                    ),
                ),
                (
                    "pes_schema",
                    models.FileField(
                        blank=True,
                        help_text="Le fichier .xsd, ou le .zip des schémas, que publie la DGFiP. Sans lui, aucun PES n'est donné.",
                        upload_to=commune.fichiers.rangement.chemin_prive,
                        verbose_name="schéma XSD",
                    ),
                ),
            ],
            options={
                "verbose_name": "codes comptables",
                "verbose_name_plural": "codes comptables",
                "default_permissions": ("view", "add", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)),
                        name="comptabilite_unique",
                        violation_error_message="Les codes comptables n'ont qu'une fiche : modifiez celle qui existe.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Imputation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "comptabilite",
                    models.ForeignKey(
                        default=1,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imputations",
                        to="facturation.comptabilite",
                    ),
                ),
                (
                    "genre",
                    models.CharField(
                        choices=[
                            ("midi", "restauration"),
                            ("matin", "accueil du matin"),
                            ("soir", "accueil du soir"),
                            ("mercredi", "mercredi"),
                            ("vacances", "vacances"),
                        ],
                        max_length=8,
                        verbose_name="genre d'activité",
                    ),
                ),
                (
                    "activite",
                    models.ForeignKey(
                        blank=True,
                        help_text="Vide : toutes celles du genre.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inscriptions.activite",
                        verbose_name="activité précise",
                    ),
                ),
                (
                    "compte",
                    models.CharField(
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="compte de produit",
                    ),
                ),
                (
                    "analytique",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="code analytique",
                    ),
                ),
                (
                    "produit_local",
                    models.CharField(
                        blank=True,
                        max_length=4,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="code produit (CodProdLoc, PES)",
                    ),
                ),
            ],
            options={
                "verbose_name": "imputation",
                "ordering": ["genre", "activite__nom", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("genre", "activite"),
                        name="imputation_unique",
                        nulls_distinct=False,
                        violation_error_message="Ces activités ont déjà leur compte.",
                    ),
                    models.UniqueConstraint(
                        fields=("activite",),
                        name="imputation_une_par_activite",
                        violation_error_message="Cette activité a déjà son compte.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tresorerie",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "comptabilite",
                    models.ForeignKey(
                        default=1,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tresoreries",
                        to="facturation.comptabilite",
                    ),
                ),
                (
                    "moyen",
                    models.CharField(
                        choices=[
                            ("cheque", "chèque"),
                            ("especes", "espèces"),
                            ("virement", "virement"),
                            ("prelevement", "prélèvement"),
                            ("payfip", "paiement en ligne"),
                            ("cesu", "CESU préfinancé"),
                            ("ancv", "chèque-vacances ANCV"),
                        ],
                        error_messages={"unique": "Ce moyen a déjà son compte."},
                        max_length=11,
                        unique=True,
                        verbose_name="moyen",
                    ),
                ),
                (
                    "compte",
                    models.CharField(
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z.\\-]*$",
                                "Un code n'a que des lettres, des chiffres, des points et des tirets.",
                            )
                        ],
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte de trésorerie",
                "verbose_name_plural": "comptes de trésorerie",
                "ordering": ["moyen"],
            },
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
                ("remis_le", models.DateTimeField(blank=True, null=True, verbose_name="remis le")),
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
                ("defait_le", models.DateTimeField(blank=True, null=True, verbose_name="défait le")),
            ],
            options={
                "verbose_name": "lot de prélèvements",
                "verbose_name_plural": "lots de prélèvements",
                "ordering": ["-jour", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("remis_le", None), ("defait_le", None), _connector="OR"),
                        name="lot_remis_ou_defait",
                        violation_error_message="Un lot remis ne se défait pas.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Prelevement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prelevements",
                        to="facturation.facture",
                        verbose_name="facture",
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
                    "code_rejet",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("AC01", "AC01 : le numéro de compte (IBAN) n'est pas le bon"),
                            ("AC04", "AC04 : le compte est fermé"),
                            ("AC06", "AC06 : le compte est bloqué"),
                            ("AG01", "AG01 : ce compte n'admet pas les prélèvements"),
                            ("AG02", "AG02 : la banque refuse le code de l'opération"),
                            ("AM04", "AM04 : la provision du compte était insuffisante"),
                            ("AM05", "AM05 : la banque y voit un prélèvement en double"),
                            ("BE05", "BE05 : la banque ne reconnaît pas l'identifiant de la commune (ICS)"),
                            ("CNOR", "CNOR : la banque de la commune n'est pas joignable"),
                            ("DNOR", "DNOR : la banque de ce compte n'admet pas les prélèvements"),
                            ("DT01", "DT01 : la banque refuse la date du prélèvement"),
                            ("ED05", "ED05 : le règlement entre les banques a échoué"),
                            ("FF01", "FF01 : la banque refuse le format du fichier"),
                            ("FOCR", "FOCR : le prélèvement a été retiré avant son paiement"),
                            ("MD01", "MD01 : la banque ne connaît pas ce mandat"),
                            ("MD02", "MD02 : il manquait des données du mandat"),
                            ("MD06", "MD06 : le titulaire du compte a demandé le remboursement"),
                            ("MD07", "MD07 : le titulaire du compte est décédé"),
                            ("MS02", "MS02 : le titulaire du compte a refusé ce prélèvement"),
                            ("MS03", "MS03 : la banque ne dit pas pourquoi"),
                            ("RC01", "RC01 : l'identifiant de la banque (BIC) n'est pas le bon"),
                            ("RR01", "RR01 : la loi demande le compte de qui paie, et il manquait"),
                            ("RR02", "RR02 : la loi demande le nom ou l'adresse de qui paie, et ils manquaient"),
                            ("RR03", "RR03 : la loi demande le nom ou l'adresse de la commune, et ils manquaient"),
                            ("RR04", "RR04 : une raison légale, que la banque ne détaille pas"),
                            ("SL01", "SL01 : le titulaire a limité les prélèvements sur son compte"),
                            ("TM01", "TM01 : le fichier est arrivé trop tard à la banque"),
                        ],
                        max_length=4,
                        verbose_name="motif du rejet",
                    ),
                ),
                ("rejete_le", models.DateField(blank=True, null=True, verbose_name="rejeté le")),
                ("rejet_saisi_le", models.DateTimeField(blank=True, null=True, verbose_name="rejet saisi le")),
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("etat", "defait"), _negated=True),
                        fields=("facture",),
                        name="une_facture_se_debite_une_fois",
                        violation_error_message="Cette facture est déjà dans un lot.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("montant__gt", 0)),
                        name="prelevement_positif",
                        violation_error_message="Un prélèvement est un montant positif.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat__in", ["remis", "rejete"]), ("reglement__isnull", False)),
                            models.Q(("etat__in", ["prepare", "defait"]), ("reglement", None)),
                            _connector="OR",
                        ),
                        name="prelevement_remis_encaisse",
                        violation_error_message="Un prélèvement remis a son règlement, et lui seul.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("etat", "rejete"),
                                ("rejete_le__isnull", False),
                                models.Q(("code_rejet", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("etat", "rejete"), _negated=True), ("code_rejet", ""), ("rejete_le", None)
                            ),
                            _connector="OR",
                        ),
                        name="prelevement_rejete_motive",
                        violation_error_message="Un rejet a sa date et son motif.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "genre",
                    models.CharField(
                        choices=[
                            ("factures", "Factures"),
                            ("lignes", "Lignes de facture"),
                            ("avoirs", "Avoirs"),
                            ("reglements", "Règlements et remboursements"),
                            ("prelevements", "Prélèvements"),
                            ("familles", "Familles et soldes"),
                            ("presences", "Réservé, venu, facturé"),
                            ("ecritures", "Écritures comptables"),
                            ("recettes", "Recettes"),
                            ("heures", "Heures CAF"),
                            ("pes", "PES Recette ORMC (expérimental)"),
                        ],
                        max_length=12,
                        verbose_name="contenu",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV (point-virgule, UTF-8)"), ("ods", "ODS (tableur)"), ("xml", "XML")],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                ("debut", models.DateField(verbose_name="du")),
                ("fin", models.DateField(verbose_name="au")),
                (
                    "arrete_le",
                    models.DateTimeField(
                        help_text="Ce qui est enregistré après cet instant n'y est pas, même refait plus tard.",
                        verbose_name="arrêté le",
                    ),
                ),
                (
                    "fait_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="fait par",
                    ),
                ),
                ("lignes", models.PositiveIntegerField(default=0, verbose_name="lignes")),
                ("empreinte", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
                ("reglages", models.JSONField(default=dict, editable=False, verbose_name="réglages d'alors")),
            ],
            options={
                "verbose_name": "export",
                "ordering": ["-arrete_le", "-pk"],
                "default_permissions": ("view", "add"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fin__gte", models.F("debut"))),
                        name="export_dans_l_ordre",
                        violation_error_message="La période ne peut pas finir avant de commencer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("empreinte__regex", "^[0-9a-f]{64}$")),
                        name="export_empreinte",
                        violation_error_message="Une empreinte SHA-256 a 64 chiffres hexadécimaux.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Impression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "facturation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="impression",
                        to="facturation.facturation",
                        verbose_name="facturation",
                    ),
                ),
                ("toutes", models.BooleanField(default=False, verbose_name="toutes les factures du mois")),
                ("recto_verso", models.BooleanField(default=True, verbose_name="recto verso")),
                ("demandee_le", models.DateTimeField(verbose_name="demandée le")),
                ("a_faire", models.PositiveIntegerField(default=0, verbose_name="factures à réunir")),
                ("faites", models.PositiveIntegerField(default=0, verbose_name="factures réunies")),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="pages")),
                ("terminee_le", models.DateTimeField(blank=True, null=True, verbose_name="terminée le")),
                ("incident", models.CharField(blank=True, editable=False, max_length=500, verbose_name="incident")),
                (
                    "fichier",
                    models.FileField(
                        blank=True,
                        editable=False,
                        upload_to=commune.fichiers.rangement.chemin_prive,
                        verbose_name="fichier",
                    ),
                ),
            ],
            options={
                "verbose_name": "impression de factures",
                "verbose_name_plural": "impressions de factures",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fichier", ""), ("terminee_le", None)),
                            models.Q(("terminee_le__isnull", False), models.Q(("fichier", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="impression_terminee_a_son_fichier",
                        violation_error_message="Une impression terminée a son fichier.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignatureMandat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signataire",
                    ),
                ),
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
        migrations.CreateModel(
            name="Paiement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paiements",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paiements",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                ("numcli", models.CharField(max_length=6, verbose_name="numéro de client")),
                ("saisie", models.CharField(default="W", max_length=1, verbose_name="étape")),
                ("refdet", models.CharField(max_length=30, unique=True, verbose_name="référence")),
                ("idop", models.CharField(max_length=60, null=True, unique=True, verbose_name="idop")),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("prepare", "préparé"),
                            ("en_cours", "en cours"),
                            ("doute", "en doute"),
                            ("paye", "payé"),
                            ("refuse", "refusé"),
                            ("abandonne", "abandonné"),
                            ("sans_suite", "sans suite"),
                        ],
                        default="prepare",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("phrase", models.CharField(blank=True, max_length=300, verbose_name="ce qu'on en sait")),
                ("cree_le", models.DateTimeField(verbose_name="ouvert le")),
                (
                    "cree_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ouvert par",
                    ),
                ),
                ("demande_le", models.DateTimeField(null=True, verbose_name="demandé au service le")),
                ("conclu_le", models.DateTimeField(null=True, verbose_name="conclu le")),
                ("autorisation", models.CharField(blank=True, max_length=20, verbose_name="autorisation")),
                ("reponse", models.JSONField(null=True, verbose_name="réponse de PayFiP")),
                (
                    "tranche_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="tranché par",
                    ),
                ),
                ("motif", models.CharField(blank=True, max_length=300, verbose_name="ce que la régie a vérifié")),
                (
                    "reglement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paiement",
                        to="facturation.reglement",
                        verbose_name="règlement",
                    ),
                ),
            ],
            options={
                "verbose_name": "paiement en ligne",
                "verbose_name_plural": "paiements en ligne",
                "ordering": ["-cree_le", "-pk"],
                "default_permissions": ("view", "change"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("etat__in", ["en_cours", "doute"])),
                        fields=["cree_le"],
                        name="paiement_en_suspens",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("montant__gte", 1), ("montant__lte", 100000)),
                        name="paiement_dans_les_bornes",
                        violation_error_message="Un paiement en ligne va de 1 à 100 000 euros.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "paye"), ("reglement__isnull", False)),
                            models.Q(models.Q(("etat", "paye"), _negated=True), ("reglement", None)),
                            _connector="OR",
                        ),
                        name="paiement_paye_encaisse",
                        violation_error_message="Un paiement reçu a son règlement, et lui seul.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat__in", ["en_cours", "paye"]), _negated=True),
                            ("idop__isnull", False),
                            _connector="OR",
                        ),
                        name="paiement_en_cours_a_un_idop",
                        violation_error_message="Un paiement en cours est connu de PayFiP.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tranche_par", None), models.Q(("motif", ""), _negated=True), _connector="OR"
                        ),
                        name="paiement_tranche_motive",
                        violation_error_message="Trancher un paiement se motive.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("etat__in", ["prepare", "en_cours"])),
                        fields=("facture",),
                        name="un_paiement_vivant_par_facture",
                        violation_error_message="Cette facture a déjà un paiement en cours.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NiveauRelance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rang",
                    models.PositiveSmallIntegerField(
                        help_text="1 pour le premier ; aucun ne se saute.",
                        unique=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="niveau",
                    ),
                ),
                (
                    "nom",
                    models.CharField(
                        help_text="La famille le lit sur sa facture : « Rappel amical ».",
                        max_length=60,
                        verbose_name="nom",
                    ),
                ),
                (
                    "jours",
                    models.PositiveSmallIntegerField(
                        help_text="Davantage que pour le niveau d'avant.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="jours après l'échéance",
                    ),
                ),
                ("objet", models.CharField(max_length=100, verbose_name="objet du courriel")),
                (
                    "texte",
                    models.TextField(
                        help_text="Une ligne vide sépare les paragraphes. « Bonjour », la liste des factures et le lien pour payer s'ajoutent d'eux-mêmes ; la lettre dit aussi les montants.",
                        max_length=3000,
                        verbose_name="texte",
                    ),
                ),
            ],
            options={
                "verbose_name": "niveau de relance",
                "verbose_name_plural": "niveaux de relance",
                "ordering": ["rang"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("jours__gte", 1), ("rang__gte", 1)),
                        name="niveau_relance_apres_l_echeance",
                        violation_error_message="Une relance vient après l'échéance.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EnvoiDeRelances",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lance_le", models.DateTimeField(verbose_name="lancé le")),
                (
                    "lance_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lancé par",
                    ),
                ),
                ("niveaux", models.JSONField(default=list, editable=False, verbose_name="niveaux")),
                ("ecartes", models.JSONField(default=list, editable=False, verbose_name="foyers écartés par la régie")),
                (
                    "curseur",
                    models.PositiveBigIntegerField(default=0, editable=False, verbose_name="dernier foyer examiné"),
                ),
                ("foyers", models.PositiveIntegerField(default=0, verbose_name="foyers relancés")),
                ("factures", models.PositiveIntegerField(default=0, verbose_name="factures relancées")),
                ("lettres", models.PositiveIntegerField(default=0, verbose_name="lettres à imprimer")),
                (
                    "total",
                    models.DecimalField(decimal_places=2, default=0, max_digits=10, verbose_name="total réclamé"),
                ),
                ("termine_le", models.DateTimeField(blank=True, null=True, verbose_name="terminé le")),
            ],
            options={
                "verbose_name": "envoi de relances",
                "verbose_name_plural": "envois de relances",
                "ordering": ["-lance_le", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Relance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "envoi",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relances",
                        to="facturation.envoiderelances",
                        verbose_name="envoi",
                    ),
                ),
                (
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relances",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                ("rang", models.PositiveSmallIntegerField(verbose_name="niveau")),
                ("nom", models.CharField(max_length=60, verbose_name="relance")),
                ("du", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="reste réclamé")),
                ("jour", models.DateField(verbose_name="faite le")),
                (
                    "moyen",
                    models.CharField(
                        choices=[("courriel", "courriel"), ("lettre", "lettre")], max_length=8, verbose_name="moyen"
                    ),
                ),
            ],
            options={
                "verbose_name": "relance",
                "ordering": ["-jour", "-pk"],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("facture", "rang"),
                        name="une_relance_par_niveau",
                        violation_error_message="Cette facture a déjà reçu ce niveau.",
                    ),
                    models.UniqueConstraint(
                        fields=("facture", "jour"),
                        name="une_relance_par_jour",
                        violation_error_message="Cette facture est déjà relancée ce jour-là.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("du__gt", 0)),
                        name="relance_reclame",
                        violation_error_message="On ne relance que ce qui reste dû.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EtatDesRestes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("exercice", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("numero", models.PositiveIntegerField(verbose_name="numéro")),
                ("fait_le", models.DateTimeField(verbose_name="fait le")),
                (
                    "fait_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="fait par",
                    ),
                ),
            ],
            options={
                "verbose_name": "état des restes à recouvrer",
                "verbose_name_plural": "états des restes à recouvrer",
                "ordering": ["-exercice", "-numero"],
                "constraints": [
                    models.UniqueConstraint(fields=("exercice", "numero"), name="etat_des_restes_numero_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Transmission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "etat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transmissions",
                        to="facturation.etatdesrestes",
                        verbose_name="état",
                    ),
                ),
                (
                    "facture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transmissions",
                        to="facturation.facture",
                        verbose_name="facture",
                    ),
                ),
                ("montant", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="reste transmis")),
                ("annulee_le", models.DateTimeField(blank=True, null=True, verbose_name="retirée le")),
                (
                    "annulee_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="retirée par",
                    ),
                ),
                ("motif_annulation", models.CharField(blank=True, max_length=300, verbose_name="motif du retrait")),
            ],
            options={
                "verbose_name": "dette transmise au Trésor",
                "verbose_name_plural": "dettes transmises au Trésor",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("annulee_le", None)),
                        fields=("facture",),
                        name="une_transmission_par_facture",
                        violation_error_message="Cette facture est déjà transmise au Trésor public.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("montant__gt", 0)),
                        name="transmission_positive",
                        violation_error_message="On ne transmet que ce qui reste dû.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("annulee_le", None), models.Q(("motif_annulation", ""), _negated=True), _connector="OR"
                        ),
                        name="transmission_retrait_motive",
                        violation_error_message="Retirer une dette d'un état se motive.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("lignes_justes.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(Path(__file__).with_name("0001_gardes.sql").read_text(), migrations.RunSQL.noop),
    ]

"""Les activités, leurs délais et leur règlement ; les inscriptions.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.models


class Migration(migrations.Migration):
    replaces = [
        ("inscriptions", "0001_initiale"),
        ("inscriptions", "0002_liens"),
        ("inscriptions", "0003_accueil_places_et_fins"),
        ("inscriptions", "0010_regles_de_delai"),
        ("inscriptions", "0011_delais_repris"),
        ("inscriptions", "0012_delais_hors_des_activites"),
        ("inscriptions", "0015_places_liberees"),
    ]

    initial = True

    dependencies = [
        ("commune", "0001_socle"),
        ("documents", "0001_socle"),
        ("familles", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Activite",
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
                        verbose_name="genre",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activites",
                        to="commune.ecole",
                        verbose_name="site",
                    ),
                ),
                (
                    "jours",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            choices=[
                                (0, "lundi"),
                                (1, "mardi"),
                                (2, "mercredi"),
                                (3, "jeudi"),
                                (4, "vendredi"),
                                (5, "samedi"),
                                (6, "dimanche"),
                            ]
                        ),
                        size=None,
                        verbose_name="jours de la semaine",
                    ),
                ),
                ("heure_debut", models.TimeField(verbose_name="de")),
                ("heure_fin", models.TimeField(verbose_name="à")),
                (
                    "presentation",
                    models.TextField(
                        blank=True, help_text="Ce que la famille lit avant d'inscrire.", verbose_name="présentation"
                    ),
                ),
                ("avec_repas", models.BooleanField(default=False, verbose_name="comprend un repas")),
                (
                    "capacite",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Vide : sans limite.", null=True, verbose_name="places par jour"
                    ),
                ),
                (
                    "place_liberee",
                    models.CharField(
                        choices=[
                            ("aucune", "elle est au premier qui la réserve"),
                            ("proposer", "elle est proposée à la liste d'attente, qui confirme"),
                            ("donner", "elle est donnée à la liste d'attente, sans confirmation"),
                        ],
                        default="aucune",
                        help_text="Avec une liste d'attente, un jour complet prend les noms ; personne ne passe devant elle.",
                        max_length=8,
                        verbose_name="une place qui se libère",
                    ),
                ),
                (
                    "delai_offre",
                    models.PositiveSmallIntegerField(
                        default=24,
                        help_text="Une place proposée attend la famille ce temps-là, jamais au-delà de la limite de réservation.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(168),
                        ],
                        verbose_name="heures pour répondre",
                    ),
                ),
                (
                    "inscriptions_max",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Vide : sans limite. Ensuite, les demandes vont en liste d'attente, dans leur ordre d'arrivée.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="inscriptions au plus",
                    ),
                ),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("tps", "TPS"),
                                ("ps", "PS"),
                                ("ms", "MS"),
                                ("gs", "GS"),
                                ("cp", "CP"),
                                ("ce1", "CE1"),
                                ("ce2", "CE2"),
                                ("cm1", "CM1"),
                                ("cm2", "CM2"),
                                ("ulis", "ULIS"),
                            ],
                            max_length=4,
                        ),
                        blank=True,
                        default=list,
                        help_text="Aucune cochée : toutes.",
                        size=None,
                        verbose_name="classes accueillies",
                    ),
                ),
                ("age_min", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="âge minimum")),
                ("age_max", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="âge maximum")),
                (
                    "age_au_mois",
                    models.BooleanField(
                        default=False,
                        help_text="L'âge minimum se compte au premier jour du mois de l'anniversaire.",
                        verbose_name="dès le mois de l'anniversaire",
                    ),
                ),
                (
                    "validation_automatique",
                    models.BooleanField(default=False, verbose_name="inscription acceptée sans la mairie"),
                ),
                (
                    "semaine_min",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Vide : libre. Une semaine sans rien reste permise.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="jours par semaine, au moins",
                    ),
                ),
                (
                    "semaine_max",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Vide : libre.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="jours par semaine, au plus",
                    ),
                ),
                (
                    "par_classe",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Vide : sans limite.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="enfants d'une même classe par jour, au plus",
                    ),
                ),
                (
                    "priorites",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("fratrie", "un frère ou une sœur y est déjà"),
                                ("travail", "les parents travaillent"),
                                ("ecole", "l'enfant est de l'école"),
                                ("commune", "la famille habite la commune"),
                            ],
                            max_length=7,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="priorités, dans l'ordre",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="proposée")),
                ("ordre", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "ecoles",
                    models.ManyToManyField(
                        blank=True,
                        related_name="activites_accueillies",
                        to="commune.ecole",
                        verbose_name="autres écoles accueillies",
                    ),
                ),
                (
                    "pieces",
                    models.ManyToManyField(
                        blank=True, related_name="activites", to="documents.typepiece", verbose_name="pièces exigées"
                    ),
                ),
            ],
            options={
                "verbose_name": "activité",
                "ordering": ["ordre", "heure_debut", "nom"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "nom"),
                        name="activite_unique_par_site",
                        violation_error_message="Ce site a déjà une activité de ce nom.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("heure_debut__lt", models.F("heure_fin"))),
                        name="activite_dans_l_ordre",
                        violation_error_message="L'activité doit finir après avoir commencé.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("jours__len__gt", 0)),
                        name="activite_a_des_jours",
                        violation_error_message="Une activité a lieu au moins un jour de la semaine.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("age_min", None), ("age_max", None), ("age_min__lte", models.F("age_max")), _connector="OR"
                        ),
                        name="activite_ages_dans_l_ordre",
                        violation_error_message="L'âge maximum ne peut pas être inférieur à l'âge minimum.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("semaine_min", None),
                            ("semaine_max", None),
                            ("semaine_min__lte", models.F("semaine_max")),
                            _connector="OR",
                        ),
                        name="activite_semaine_dans_l_ordre",
                        violation_error_message="Le maximum par semaine ne peut pas être inférieur au minimum.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("place_liberee__in", ["aucune", "proposer", "donner"]), ("delai_offre__gt", 0)
                        ),
                        name="activite_place_liberee_connue",
                        violation_error_message="Une place libérée va au premier venu, se propose ou se donne ; au moins une heure pour répondre.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Inscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inscriptions",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "activite",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inscriptions",
                        to="inscriptions.activite",
                        verbose_name="activité",
                    ),
                ),
                (
                    "annee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inscriptions",
                        to="commune.anneescolaire",
                        verbose_name="année",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inscriptions",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("demandee", "demandée"),
                            ("validee", "validée"),
                            ("attente", "en liste d'attente"),
                            ("refusee", "refusée"),
                            ("retiree", "retirée par la famille"),
                        ],
                        default="demandee",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("motif", models.CharField(blank=True, max_length=300, verbose_name="motif")),
                ("debut", models.DateField(verbose_name="du")),
                ("fin", models.DateField(verbose_name="au")),
                ("demandee_le", models.DateTimeField(verbose_name="demandée le")),
                (
                    "demandee_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandée par",
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
                (
                    "terminee_le",
                    models.DateTimeField(
                        blank=True,
                        help_text="Une inscription terminée avant l'heure permet d'en rouvrir une.",
                        null=True,
                        verbose_name="fin demandée le",
                    ),
                ),
                (
                    "terminee_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="fin demandée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "inscription",
                "ordering": ["enfant", "activite__ordre", "-debut"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("etat", "demandee")), fields=["demandee_le"], name="inscription_a_decider"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("etat__in", ["refusee", "retiree"]), _negated=True), ("terminee_le", None)
                        ),
                        fields=("enfant", "activite", "annee", "famille"),
                        name="inscription_unique",
                        violation_error_message="Cet enfant est déjà inscrit à cette activité pour l'année.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debut__lte", models.F("fin"))),
                        name="inscription_dans_l_ordre",
                        violation_error_message="L'inscription ne peut pas finir avant de commencer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "refusee"), _negated=True),
                            models.Q(("motif", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="inscription_refus_motive",
                        violation_error_message="Un refus se motive.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegleDelai",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activite",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="regles_delai",
                        to="inscriptions.activite",
                        verbose_name="activité",
                    ),
                ),
                (
                    "geste",
                    models.CharField(
                        choices=[("reserver", "réserver"), ("annuler", "annuler")], max_length=8, verbose_name="pour"
                    ),
                ),
                ("debut", models.DateField(blank=True, null=True, verbose_name="séances du")),
                ("fin", models.DateField(blank=True, null=True, verbose_name="au")),
                (
                    "forme",
                    models.CharField(
                        choices=[
                            ("jours", "jours avant"),
                            ("heures", "heures avant le début"),
                            ("semaine", "un jour d'une semaine d'avant"),
                        ],
                        default="jours",
                        max_length=7,
                        verbose_name="forme",
                    ),
                ),
                (
                    "nombre",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MaxValueValidator(1440)], verbose_name="nombre"
                    ),
                ),
                (
                    "decompte",
                    models.CharField(
                        choices=[
                            ("calendaires", "jours du calendrier"),
                            ("hors_weekend", "sans les samedis ni les dimanches"),
                            ("ouvres", "jours ouvrés (du lundi au vendredi, sans les fériés)"),
                            ("ouverture", "jours d'ouverture du site"),
                            ("activite", "jours où l'activité a lieu"),
                        ],
                        default="calendaires",
                        max_length=12,
                        verbose_name="on compte",
                    ),
                ),
                (
                    "jour_semaine",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (0, "lundi"),
                            (1, "mardi"),
                            (2, "mercredi"),
                            (3, "jeudi"),
                            (4, "vendredi"),
                            (5, "samedi"),
                            (6, "dimanche"),
                        ],
                        null=True,
                        verbose_name="jour de la semaine",
                    ),
                ),
                (
                    "heure",
                    models.TimeField(
                        default="23:59",
                        help_text="Heure de Paris, minute comprise : à 23:59:59 on peut encore.",
                        verbose_name="à",
                    ),
                ),
                (
                    "ensuite",
                    models.CharField(
                        choices=[
                            ("refuse", "refuser"),
                            ("supplement", "accepter, au tarif hors délai"),
                            ("mairie", "la mairie seule peut accepter"),
                        ],
                        default="refuse",
                        max_length=10,
                        verbose_name="ensuite",
                    ),
                ),
            ],
            options={
                "verbose_name": "règle de délai",
                "verbose_name_plural": "règles de délai",
                "ordering": ["activite", "-geste", models.OrderBy(models.F("debut"), nulls_first=True)],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("debut", None), ("fin", None), ("fin__gte", models.F("debut")), _connector="OR"
                        ),
                        name="delai_dans_l_ordre",
                        violation_error_message="Une règle ne peut pas finir avant de commencer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("forme", "semaine"), ("jour_semaine__range", (0, 6))),
                            models.Q(models.Q(("forme", "semaine"), _negated=True), ("jour_semaine", None)),
                            _connector="OR",
                        ),
                        name="delai_semaine_a_son_jour",
                        violation_error_message="Dites quel jour de la semaine d'avant.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("forme", "jours"), ("nombre__lte", 60)),
                            models.Q(("forme", "heures"), ("nombre__range", (1, 1440))),
                            models.Q(("forme", "semaine"), ("nombre__range", (1, 8))),
                            _connector="OR",
                        ),
                        name="delai_mesure",
                        violation_error_message="De 0 à 60 jours, de 1 à 1440 heures ou de 1 à 8 semaines.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("geste", "reserver"), ("ensuite", "refuse"), _connector="OR"),
                        name="delai_annuler_refuse_ensuite",
                        violation_error_message="On n'annule pas hors délai : l'absence s'excuse par écrit.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("geste", "reserver")),
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
                        name="un_delai_pour_reserver_par_jour",
                        violation_error_message="Deux règles pour réserver valent le même jour : séparez leurs dates.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("geste", "annuler")),
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
                        name="un_delai_pour_annuler_par_jour",
                        violation_error_message="Deux règles pour annuler valent le même jour : séparez leurs dates.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Condition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activite",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conditions",
                        to="inscriptions.activite",
                        verbose_name="activité",
                    ),
                ),
                (
                    "sens",
                    models.CharField(
                        choices=[("exige", "ne se réserve qu'avec"), ("exclut", "ne se réserve pas avec")],
                        default="exige",
                        max_length=6,
                        verbose_name="le même jour",
                    ),
                ),
                (
                    "autre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inscriptions.activite",
                        verbose_name="autre activité",
                    ),
                ),
            ],
            options={
                "verbose_name": "condition",
                "ordering": ["activite", "sens", "autre"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("activite", "autre"),
                        name="condition_unique",
                        violation_error_message="Cette activité est déjà liée à celle-là : l'un ou l'autre, pas les deux.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("activite", models.F("autre")), _negated=True),
                        name="condition_sur_une_autre",
                        violation_error_message="Une activité ne dépend pas d'elle-même.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VersionReglement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("numero", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("publiee_le", models.DateTimeField(verbose_name="publiée le")),
                (
                    "publiee_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="publiée par",
                    ),
                ),
                ("texte", models.JSONField(verbose_name="texte")),
            ],
            options={
                "verbose_name": "version du règlement",
                "verbose_name_plural": "versions du règlement",
                "ordering": ["-numero"],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("0001_gardes.sql").read_text(), migrations.RunSQL.noop),
    ]

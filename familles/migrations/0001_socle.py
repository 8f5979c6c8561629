"""Les foyers, leurs adultes et leurs enfants, qui vient les chercher, et la garde partagée.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement
import commune.models
import familles.chiffrement


class Migration(migrations.Migration):
    replaces = [
        ("familles", "0001_initiale"),
        ("familles", "0002_liens"),
        ("familles", "0003_jetons_et_fins"),
        ("familles", "0010_suspension_et_travail"),
        ("familles", "0025_gardes_et_echanges"),
    ]

    initial = True

    dependencies = [
        ("commune", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Famille",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nom", models.CharField(max_length=100, verbose_name="nom")),
                ("adresse", models.CharField(max_length=200, verbose_name="adresse")),
                ("complement", models.CharField(blank=True, max_length=200, verbose_name="complément d'adresse")),
                (
                    "code_postal",
                    models.CharField(
                        max_length=5,
                        validators=[
                            django.core.validators.RegexValidator("^\\d{5}$", "Un code postal a cinq chiffres.")
                        ],
                        verbose_name="code postal",
                    ),
                ),
                ("ville", models.CharField(max_length=100, verbose_name="ville")),
                (
                    "hors_commune",
                    models.BooleanField(
                        default=False,
                        help_text="Le foyer n'habite pas la commune : un autre tarif peut s'appliquer.",
                        verbose_name="hors commune",
                    ),
                ),
                (
                    "statut",
                    models.CharField(
                        choices=[("en_creation", "en création"), ("a_valider", "à valider"), ("validee", "validée")],
                        default="en_creation",
                        max_length=12,
                        verbose_name="dossier",
                    ),
                ),
                (
                    "motif_retour",
                    models.TextField(
                        blank=True,
                        help_text="Dit à la famille quand son dossier lui est rendu.",
                        verbose_name="ce qui manque",
                    ),
                ),
                ("envoyee_le", models.DateTimeField(blank=True, null=True, verbose_name="envoyée le")),
                ("validee_le", models.DateTimeField(blank=True, null=True, verbose_name="validée le")),
                ("creee_le", models.DateTimeField(auto_now_add=True, verbose_name="créée le")),
                (
                    "notes",
                    models.TextField(
                        blank=True, help_text="Jamais montrées à la famille.", verbose_name="notes de la mairie"
                    ),
                ),
                (
                    "parents_travaillent",
                    models.BooleanField(
                        default=False,
                        help_text="Vérifié sur attestation ; compte pour les activités qui donnent cette priorité.",
                        verbose_name="les parents travaillent",
                    ),
                ),
                (
                    "suspendue_le",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="réservations suspendues le"
                    ),
                ),
                (
                    "suspendue_motif",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="motif de la suspension"),
                ),
                (
                    "cle",
                    models.GeneratedField(
                        db_persist=True,
                        expression=commune.models.Repli("nom"),
                        output_field=models.TextField(verbose_name="clé de recherche"),
                    ),
                ),
            ],
            options={
                "verbose_name": "famille",
                "ordering": ["nom", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("statut", "validee"), _negated=True),
                            ("validee_le__isnull", False),
                            _connector="OR",
                        ),
                        name="famille_validee_datee",
                        violation_error_message="Une famille validée porte la date de sa validation.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("suspendue_le", None), ("suspendue_motif", "")),
                            models.Q(("suspendue_le__isnull", False), models.Q(("suspendue_motif", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="famille_suspendue_motivee",
                        violation_error_message="Une suspension a sa date et son motif, ou n'est pas.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Adulte",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adultes",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "civilite",
                    models.CharField(choices=[("mme", "Mme"), ("m", "M.")], max_length=3, verbose_name="civilité"),
                ),
                ("nom", models.CharField(max_length=100, verbose_name="nom")),
                ("prenom", models.CharField(max_length=100, verbose_name="prénom")),
                (
                    "lien",
                    models.CharField(
                        choices=[
                            ("parent", "parent"),
                            ("mere", "mère"),
                            ("pere", "père"),
                            ("beau_parent", "beau-parent"),
                            ("grand_parent", "grand-parent"),
                            ("oncle_tante", "oncle ou tante"),
                            ("fratrie", "frère ou sœur majeur"),
                            ("assistante", "assistante maternelle"),
                            ("tuteur", "tuteur légal"),
                            ("autre", "autre"),
                        ],
                        default="autre",
                        max_length=12,
                        verbose_name="lien avec les enfants",
                    ),
                ),
                (
                    "telephone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\+?[0-9][0-9 .\\-]{8,18}$",
                                "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78.",
                            )
                        ],
                        verbose_name="téléphone",
                    ),
                ),
                (
                    "telephone_travail",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\+?[0-9][0-9 .\\-]{8,18}$",
                                "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78.",
                            )
                        ],
                        verbose_name="téléphone au travail",
                    ),
                ),
                ("responsable_legal", models.BooleanField(default=False, verbose_name="responsable légal")),
                (
                    "compte",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="adulte",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "fin",
                    models.DateField(blank=True, null=True, verbose_name="ne fait plus partie de l'entourage depuis"),
                ),
                ("jeton", models.UUIDField(editable=False, null=True, unique=True, verbose_name="brouillon")),
                (
                    "cle",
                    models.GeneratedField(
                        db_persist=True,
                        expression=commune.models.Repli("prenom", "nom"),
                        output_field=models.TextField(verbose_name="clé de recherche"),
                    ),
                ),
            ],
            options={
                "verbose_name": "adulte",
                "ordering": ["-responsable_legal", "nom", "prenom", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Quotient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotients",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "valeur",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(0)], verbose_name="quotient familial"
                    ),
                ),
                ("debut", models.DateField(verbose_name="valable du")),
                ("fin", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "preuve",
                    models.CharField(
                        help_text="Par exemple « attestation CAF du 02/09/2026 ».",
                        max_length=200,
                        verbose_name="preuve",
                    ),
                ),
            ],
            options={
                "verbose_name": "quotient familial",
                "verbose_name_plural": "quotients familiaux",
                "ordering": ["-debut", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fin", None), ("fin__gte", models.F("debut")), _connector="OR"),
                        name="quotient_dans_l_ordre",
                        violation_error_message="La fin du quotient ne peut pas précéder son début.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Enfant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nom", models.CharField(max_length=100, verbose_name="nom")),
                ("prenom", models.CharField(max_length=100, verbose_name="prénom")),
                (
                    "sexe",
                    models.CharField(choices=[("f", "fille"), ("g", "garçon")], max_length=1, verbose_name="sexe"),
                ),
                ("date_naissance", models.DateField(verbose_name="date de naissance")),
                (
                    "ecole",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enfants",
                        to="commune.ecole",
                        verbose_name="école",
                    ),
                ),
                (
                    "classe",
                    models.CharField(
                        blank=True,
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
                        verbose_name="classe",
                    ),
                ),
                (
                    "photo",
                    models.ImageField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="photo"
                    ),
                ),
                ("cree_le", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                ("jeton", models.UUIDField(editable=False, null=True, unique=True, verbose_name="brouillon")),
                (
                    "cle",
                    models.GeneratedField(
                        db_persist=True,
                        expression=commune.models.Repli("prenom", "nom"),
                        output_field=models.TextField(verbose_name="clé de recherche"),
                    ),
                ),
            ],
            options={
                "verbose_name": "enfant",
                "ordering": ["nom", "prenom", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Rattachement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rattachements",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rattachements",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "foyer",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "premier foyer"), (2, "second foyer")], default=1, verbose_name="foyer"
                    ),
                ),
                ("debut", models.DateField(blank=True, null=True, verbose_name="depuis")),
                ("fin", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "fin_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="terminé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "rattachement",
                "ordering": ["enfant", "foyer"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("fin", None)),
                        fields=("enfant", "famille"),
                        name="rattachement_unique",
                        violation_error_message="Cet enfant est déjà rattaché à ce foyer.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("fin", None)),
                        fields=("enfant", "foyer"),
                        name="deux_foyers_au_plus",
                        violation_error_message="Un enfant a deux foyers au plus.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("foyer__in", [1, 2])),
                        name="foyer_un_ou_deux",
                        violation_error_message="Un enfant a deux foyers au plus.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonneAutorisee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personnes",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "adulte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enfants_confies",
                        to="familles.adulte",
                        verbose_name="adulte",
                    ),
                ),
                ("recupere", models.BooleanField(default=False, verbose_name="peut venir chercher l'enfant")),
                ("urgence", models.BooleanField(default=False, verbose_name="à prévenir en cas d'urgence")),
                ("interdit", models.BooleanField(default=False, verbose_name="ne doit pas approcher l'enfant")),
            ],
            options={
                "verbose_name": "personne autorisée",
                "verbose_name_plural": "personnes autorisées",
                "ordering": ["adulte__nom", "adulte__prenom"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enfant", "adulte"),
                        name="personne_unique",
                        violation_error_message="Cette personne figure déjà dans l'entourage de l'enfant.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("interdit", False), models.Q(("recupere", False), ("urgence", False)), _connector="OR"
                        ),
                        name="interdit_ou_autorise",
                        violation_error_message="Une personne ne peut être à la fois interdite et autorisée.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Autorisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="autorisations",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "genre",
                    models.CharField(
                        choices=[
                            ("photo", "être photographié ou filmé pendant les activités"),
                            ("sortie", "rentrer seul"),
                            ("soins", "recevoir les soins d'urgence"),
                        ],
                        max_length=6,
                        verbose_name="autorisation",
                    ),
                ),
                ("accordee", models.BooleanField(verbose_name="accordée")),
                ("donnee_le", models.DateTimeField(verbose_name="donnée le")),
                (
                    "compte",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="donnée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "autorisation",
                "ordering": ["enfant", "genre", "-donnee_le", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Garde",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gardes",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "foyer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.famille",
                        verbose_name="foyer",
                    ),
                ),
                (
                    "autre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.famille",
                        verbose_name="autre foyer",
                    ),
                ),
                (
                    "semaines",
                    models.CharField(
                        choices=[
                            ("paires", "les semaines paires"),
                            ("impaires", "les semaines impaires"),
                            ("toutes", "toutes les semaines (l'autre n'a que des vacances)"),
                            ("calendrier", "tous les jours, sauf ceux d'un calendrier"),
                        ],
                        default="paires",
                        max_length=10,
                        verbose_name="semaines",
                    ),
                ),
                (
                    "bascule",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "lundi"),
                            (1, "mardi"),
                            (2, "mercredi"),
                            (3, "jeudi"),
                            (4, "vendredi"),
                            (5, "samedi"),
                            (6, "dimanche"),
                        ],
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(6)],
                        verbose_name="on change le",
                    ),
                ),
                (
                    "vacances",
                    models.CharField(
                        choices=[
                            ("comme", "comme les semaines"),
                            ("premiere_paires", "la première moitié les années paires, la seconde les impaires"),
                            ("premiere_impaires", "la première moitié les années impaires, la seconde les paires"),
                            ("premiere", "toujours la première moitié"),
                            ("seconde", "toujours la seconde moitié"),
                            ("entieres", "en entier"),
                            ("aucunes", "jamais"),
                        ],
                        default="comme",
                        max_length=17,
                        verbose_name="vacances",
                    ),
                ),
                ("debut", models.DateField(verbose_name="à partir du")),
                ("fin", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "acte",
                    models.CharField(
                        help_text="Par exemple « jugement du 12/03/2026, RG 26/00123 ».",
                        max_length=150,
                        verbose_name="acte",
                    ),
                ),
                ("dite_le", models.DateTimeField(verbose_name="saisie le")),
                (
                    "dite_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="saisie par",
                    ),
                ),
            ],
            options={
                "verbose_name": "garde",
                "ordering": ["enfant", "-debut"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("foyer", models.F("autre")), _negated=True),
                        name="garde_deux_foyers",
                        violation_error_message="Une garde se partage entre deux foyers différents.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fin", None), ("fin__gte", models.F("debut")), _connector="OR"),
                        name="garde_dans_l_ordre",
                        violation_error_message="La garde finit avant d'avoir commencé.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bascule__lte", 6)),
                        name="garde_bascule_un_jour",
                        violation_error_message="On change de foyer un jour de la semaine.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("enfant"),
                                    models.F("enfant"),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(
                                        inclusive_lower=True, inclusive_upper=True
                                    ),
                                ),
                                "&&",
                            ),
                        ],
                        name="une_garde_par_enfant_et_jour",
                        violation_error_message="Une autre garde vaut déjà pour cet enfant à ces dates.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PeriodeDeGarde",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "garde",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="periodes",
                        to="familles.garde",
                        verbose_name="garde",
                    ),
                ),
                ("debut", models.DateField(verbose_name="du")),
                ("fin", models.DateField(verbose_name="au")),
            ],
            options={
                "verbose_name": "période de garde",
                "verbose_name_plural": "périodes de garde",
                "ordering": ["debut"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fin__gte", models.F("debut"))),
                        name="periode_de_garde_dans_l_ordre",
                        violation_error_message="La fin vient avant le début.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("garde"),
                                    models.F("garde"),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                commune.models.DateRange(
                                    "debut",
                                    "fin",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(
                                        inclusive_lower=True, inclusive_upper=True
                                    ),
                                ),
                                "&&",
                            ),
                        ],
                        name="periodes_de_garde_sans_chevauchement",
                        violation_error_message="Deux périodes ont des jours en commun.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Echange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="echanges",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "de",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.famille",
                        verbose_name="du foyer",
                    ),
                ),
                (
                    "vers",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.famille",
                        verbose_name="au foyer",
                    ),
                ),
                ("du", models.DateField(verbose_name="du")),
                ("au", models.DateField(verbose_name="au")),
                ("retour_du", models.DateField(blank=True, null=True, verbose_name="en retour, du")),
                ("retour_au", models.DateField(blank=True, null=True, verbose_name="en retour, au")),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("propose", "proposé"),
                            ("accepte", "accepté"),
                            ("refuse", "refusé"),
                            ("retire", "retiré"),
                        ],
                        default="propose",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                (
                    "demandeur",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.famille",
                        verbose_name="foyer qui propose",
                    ),
                ),
                (
                    "propose_par",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposé par",
                    ),
                ),
                ("propose_le", models.DateTimeField(verbose_name="proposé le")),
                (
                    "repondu_par",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="répondu par",
                    ),
                ),
                ("repondu_le", models.DateTimeField(blank=True, null=True, verbose_name="répondu le")),
            ],
            options={
                "verbose_name": "échange de jours",
                "verbose_name_plural": "échanges de jours",
                "ordering": ["-propose_le", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("de", models.F("vers")), _negated=True),
                        name="echange_deux_foyers",
                        violation_error_message="Un échange va d'un foyer à l'autre.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("demandeur", models.F("de")), ("demandeur", models.F("vers")), _connector="OR"
                        ),
                        name="echange_propose_par_un_des_deux",
                        violation_error_message="Un échange est proposé par l'un des deux foyers.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("au__gte", models.F("du")),
                            models.Q(
                                models.Q(("retour_au", None), ("retour_du", None)),
                                models.Q(
                                    ("retour_au__gte", models.F("retour_du")),
                                    ("retour_au__isnull", False),
                                    ("retour_du__isnull", False),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="echange_dans_l_ordre",
                        violation_error_message="La fin vient avant le début.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "propose"), ("repondu_le", None)),
                            models.Q(("etat__in", ["accepte", "refuse", "retire"]), ("repondu_le__isnull", False)),
                            _connector="OR",
                        ),
                        name="echange_repondu_date",
                        violation_error_message="Une réponse porte sa date.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FicheSanitaire",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fiche",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                ("allergies", familles.chiffrement.TexteChiffre(blank=True, verbose_name="allergies")),
                (
                    "pai",
                    familles.chiffrement.TexteChiffre(
                        blank=True,
                        help_text="Ce que l'équipe doit savoir et faire. Le document lui-même s'envoie dans « Mes documents ».",
                        verbose_name="projet d'accueil individualisé (PAI)",
                    ),
                ),
                ("panier_repas", models.BooleanField(default=False, verbose_name="apporte son propre repas (PAI)")),
                ("regime", familles.chiffrement.TexteChiffre(blank=True, verbose_name="régime")),
                ("medecin", familles.chiffrement.TexteChiffre(blank=True, verbose_name="médecin traitant")),
                (
                    "medecin_telephone",
                    familles.chiffrement.TexteChiffre(blank=True, verbose_name="téléphone du médecin"),
                ),
                ("observations", familles.chiffrement.TexteChiffre(blank=True, verbose_name="autres observations")),
                ("modifiee_le", models.DateTimeField(auto_now=True, verbose_name="modifiée le")),
            ],
            options={
                "verbose_name": "fiche sanitaire",
                "verbose_name_plural": "fiches sanitaires",
            },
        ),
        migrations.CreateModel(
            name="LectureFiche",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lectures_fiche",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lue par",
                    ),
                ),
                ("lue_le", models.DateTimeField(verbose_name="lue le")),
                ("page", models.CharField(max_length=200, verbose_name="page")),
            ],
            options={
                "verbose_name": "lecture de fiche sanitaire",
                "verbose_name_plural": "lectures de fiches sanitaires",
                "ordering": ["-lue_le"],
            },
        ),
        migrations.AddField(
            model_name="enfant",
            name="familles",
            field=models.ManyToManyField(
                related_name="enfants", through="familles.Rattachement", to="familles.famille"
            ),
        ),
    ]

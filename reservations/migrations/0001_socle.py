"""Les séances, les réservations et leur journal ; les ouvertures, les listes d'attente, les événements.

Une migration par application, pour une première version : elle remplace celles d'avant, dont les bases déjà
remplies se souviennent.
"""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement
import reservations.models.ouvertures


class Migration(migrations.Migration):
    replaces = [
        ("reservations", "0001_initiale"),
        ("reservations", "0002_journal_scelle"),
        ("reservations", "0003_etats_et_justificatifs"),
        ("reservations", "0004_journal_pseudonyme"),
        ("reservations", "0005_place_proposee"),
        ("reservations", "0010_apres_la_limite"),
        ("reservations", "0015_liste_d_attente"),
        ("reservations", "0020_ouvertures"),
        ("reservations", "0025_journal_par_foyer"),
        ("reservations", "0030_evenements"),
        ("reservations", "0035_preferences"),
        ("reservations", "0040_index_couvrants"),
    ]

    initial = True

    dependencies = [
        ("commune", "0001_socle"),
        ("familles", "0001_socle"),
        ("inscriptions", "0001_socle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Evenement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("greve", "grève"),
                            ("sortie", "sortie d'une classe"),
                            ("absence", "enseignant absent"),
                            ("fermeture", "fermeture"),
                            ("intemperies", "intempéries"),
                        ],
                        max_length=11,
                        verbose_name="nature",
                    ),
                ),
                (
                    "libelle",
                    models.CharField(
                        help_text="Ce que lit la famille : « Grève du personnel », « Sortie au musée ».",
                        max_length=100,
                        verbose_name="libellé",
                    ),
                ),
                (
                    "message",
                    models.TextField(
                        blank=True,
                        help_text="S'ajoute au courriel. Facultatif.",
                        max_length=1000,
                        verbose_name="message aux familles",
                    ),
                ),
                ("du", models.DateField(verbose_name="du")),
                ("au", models.DateField(verbose_name="au (compris)")),
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
                        help_text="Aucune cochée : tout le monde, les séances n'ont pas lieu. Sinon, seuls leurs enfants sont excusés.",
                        size=None,
                        verbose_name="classes",
                    ),
                ),
                ("cree_le", models.DateTimeField(verbose_name="créé le")),
                (
                    "cree_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="créé par",
                    ),
                ),
                ("annonce", models.CharField(blank=True, editable=False, max_length=500, verbose_name="annonce")),
                (
                    "cibles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        editable=False,
                        size=None,
                        verbose_name="activités, ou écoles des classes",
                    ),
                ),
                ("lot", models.UUIDField(editable=False, null=True, unique=True, verbose_name="enregistrement")),
                ("applique_le", models.DateTimeField(editable=False, null=True, verbose_name="appliqué le")),
                (
                    "applique_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="appliqué par",
                    ),
                ),
                ("prevenus_le", models.DateTimeField(editable=False, null=True, verbose_name="familles prévenues le")),
                (
                    "lot_levee",
                    models.UUIDField(editable=False, null=True, unique=True, verbose_name="enregistrement de la levée"),
                ),
                ("leve_le", models.DateTimeField(editable=False, null=True, verbose_name="levé le")),
                (
                    "leve_par",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="levé par",
                    ),
                ),
                (
                    "detrompes_le",
                    models.DateTimeField(editable=False, null=True, verbose_name="familles détrompées le"),
                ),
                (
                    "sites",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="commune.ecole", verbose_name="écoles et sites"
                    ),
                ),
                (
                    "activites",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Aucune choisie : toutes celles de ces sites.",
                        related_name="+",
                        to="inscriptions.activite",
                        verbose_name="activités",
                    ),
                ),
            ],
            options={
                "verbose_name": "événement",
                "ordering": ["-du", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("applique_le__isnull", False), ("leve_le", None)),
                        fields=["au"],
                        name="evenement_en_cours",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("du__lte", models.F("au"))),
                        name="evenement_dans_l_ordre",
                        violation_error_message="Le dernier jour ne peut pas précéder le premier.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("annonce", ""), ("applique_le", None), ("leve_le", None), ("lot", None)),
                            models.Q(
                                ("applique_le__isnull", False),
                                ("lot__isnull", False),
                                models.Q(("annonce", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="evenement_applique_entier",
                        violation_error_message="Un événement appliqué porte son numéro et son annonce.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("leve_le", None), ("lot_levee", None)),
                            models.Q(("leve_le__isnull", False), ("lot_levee__isnull", False)),
                            _connector="OR",
                        ),
                        name="evenement_leve_entier",
                        violation_error_message="Un événement levé porte le numéro de sa levée.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("nature__in", ["greve", "sortie", "absence", "fermeture", "intemperies"])),
                        name="evenement_nature_connue",
                        violation_error_message="Cette nature d'événement n'existe pas.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ouverture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "nom",
                    models.CharField(
                        help_text="« Vacances d'hiver » : ce que lisent les familles.",
                        max_length=100,
                        verbose_name="nom",
                    ),
                ),
                ("du", models.DateField(verbose_name="séances du")),
                ("au", models.DateField(help_text="Compris.", verbose_name="au")),
                (
                    "voeux_des",
                    models.DateTimeField(
                        help_text="Heure de Paris. Avant, l'ouverture est annoncée.", verbose_name="vœux dès le"
                    ),
                ),
                (
                    "ouvre_le",
                    models.DateTimeField(
                        help_text="Heure de Paris. La file commence, ou les vœux sont clos et le tirage se fait.",
                        verbose_name="ouvre le",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("file", "file d'attente équitable"), ("tirage", "vœux puis tirage au sort")],
                        default="file",
                        max_length=6,
                        verbose_name="comment",
                    ),
                ),
                (
                    "a_la_fois",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="File : combien de foyers réservent en même temps. Trente laissent la page rapide.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="foyers à la fois",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="File : le temps de chacun, une fois entré.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="minutes pour réserver",
                    ),
                ),
                (
                    "graine",
                    models.CharField(
                        default=reservations.models.ouvertures.nouvelle_graine,
                        editable=False,
                        max_length=32,
                        verbose_name="graine",
                    ),
                ),
                ("tiree_le", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="tirée le")),
                ("finie_le", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="file finie le")),
                (
                    "activites",
                    models.ManyToManyField(
                        related_name="ouvertures", to="inscriptions.activite", verbose_name="activités"
                    ),
                ),
            ],
            options={
                "verbose_name": "ouverture",
                "ordering": ["-ouvre_le", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("du__lte", models.F("au"))),
                        name="ouverture_jours_dans_l_ordre",
                        violation_error_message="Le dernier jour ne peut pas venir avant le premier.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("voeux_des__lt", models.F("ouvre_le"))),
                        name="ouverture_voeux_avant",
                        violation_error_message="Les vœux commencent avant l'ouverture.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tiree_le", None),
                            models.Q(("mode", "tirage"), ("tiree_le__gte", models.F("ouvre_le"))),
                            _connector="OR",
                        ),
                        name="ouverture_tiree_a_l_heure",
                        violation_error_message="Un tirage se fait une fois les vœux clos.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("a_la_fois__gte", 1), ("minutes__gte", 1)),
                        name="ouverture_du_monde_a_la_fois",
                        violation_error_message="Il faut au moins un foyer à la fois, et une minute.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activite",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seances",
                        to="inscriptions.activite",
                        verbose_name="activité",
                    ),
                ),
                ("jour", models.DateField(verbose_name="jour")),
                (
                    "capacite",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Vide : sans limite.", null=True, verbose_name="places"
                    ),
                ),
                ("ouverte", models.BooleanField(default=True, verbose_name="a lieu")),
                ("motif", models.CharField(blank=True, max_length=150, verbose_name="motif de l'annulation")),
                (
                    "evenement",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seances_fermees",
                        to="reservations.evenement",
                        verbose_name="événement",
                    ),
                ),
                ("limite_reservation", models.DateTimeField(verbose_name="réserver avant")),
                ("limite_annulation", models.DateTimeField(verbose_name="annuler avant")),
                (
                    "apres_limite",
                    models.CharField(
                        choices=[
                            ("refuse", "refusé"),
                            ("supplement", "au tarif hors délai"),
                            ("mairie", "la mairie seule"),
                        ],
                        default="refuse",
                        max_length=10,
                        verbose_name="après la limite",
                    ),
                ),
                (
                    "ouverture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="seances",
                        to="reservations.ouverture",
                        verbose_name="ouverture",
                    ),
                ),
            ],
            options={
                "verbose_name": "séance",
                "ordering": ["jour", "activite"],
                "indexes": [models.Index(fields=["jour", "activite"], name="seance_du_jour")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("activite", "jour"),
                        name="seance_unique",
                        violation_error_message="Cette activité a déjà une séance ce jour-là.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ouverte", True), models.Q(("motif", ""), _negated=True), _connector="OR"),
                        name="seance_annulee_motivee",
                        violation_error_message="Dites aux familles pourquoi la séance n'a pas lieu.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("apres_limite__in", ["refuse", "supplement", "mairie"])),
                        name="seance_apres_limite_connu",
                        violation_error_message="Après la limite : refusé, hors délai, ou la mairie seule.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("evenement", None), ("ouverte", False), _connector="OR"),
                        name="seance_fermee_par_son_evenement",
                        violation_error_message="Une séance qui a lieu ne dépend d'aucun événement.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "enfant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "seance",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="reservations.seance",
                        verbose_name="séance",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("reservee", "réservée"),
                            ("proposee", "place proposée"),
                            ("attente", "en attente"),
                            ("annulee", "annulée"),
                        ],
                        default="reservee",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("hors_delai", models.BooleanField(default=False, verbose_name="hors délai")),
                (
                    "modifiee_le",
                    models.DateTimeField(
                        help_text="En attente, rien d'autre ne la change : c'est l'instant de son entrée dans la liste.",
                        verbose_name="modifiée le",
                    ),
                ),
                ("offre_jusqu_a", models.DateTimeField(blank=True, null=True, verbose_name="place proposée jusqu'à")),
            ],
            options={
                "verbose_name": "réservation",
                "ordering": ["seance__jour", "pk"],
                "indexes": [
                    models.Index(fields=["seance"], include=("etat", "enfant"), name="reservation_de_la_seance"),
                    models.Index(
                        condition=models.Q(("etat__in", ["attente", "proposee"])),
                        fields=["seance", "modifiee_le"],
                        name="reservation_en_attente",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enfant", "seance"),
                        include=("etat",),
                        name="reservation_unique",
                        violation_error_message="Cet enfant a déjà une réservation à cette séance.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("etat__in", ["reservee", "proposee", "attente", "annulee"])),
                        name="reservation_etat_connu",
                        violation_error_message="Une réservation est réservée, proposée, en attente ou annulée.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "proposee"), ("offre_jusqu_a__isnull", False)),
                            models.Q(models.Q(("etat", "proposee"), _negated=True), ("offre_jusqu_a__isnull", True)),
                            _connector="OR",
                        ),
                        name="reservation_proposee_jusqu_a",
                        violation_error_message="Une place se propose jusqu'à un instant, et rien d'autre n'en a un.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mouvement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lot",
                    models.UUIDField(
                        default=uuid.uuid4,
                        help_text="Commun à ce qui fut enregistré ensemble.",
                        verbose_name="enregistrement",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mouvements",
                        to="reservations.reservation",
                        verbose_name="réservation",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="familles.famille",
                        verbose_name="foyer",
                    ),
                ),
                ("avant", models.CharField(blank=True, max_length=8, verbose_name="avant")),
                ("apres", models.CharField(max_length=8, verbose_name="après")),
                (
                    "origine",
                    models.CharField(
                        choices=[
                            ("parent", "la famille"),
                            ("mairie", "la mairie"),
                            ("agent", "un agent sur place"),
                            ("regle", "une règle du portail"),
                        ],
                        max_length=6,
                        verbose_name="par",
                    ),
                ),
                (
                    "compte",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                ("instant", models.DateTimeField(verbose_name="le")),
                ("motif", models.CharField(blank=True, max_length=300, verbose_name="motif")),
            ],
            options={
                "verbose_name": "mouvement",
                "ordering": ["-instant", "-pk"],
                "indexes": [models.Index(fields=["lot"], name="mouvement_lot")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("avant", models.F("apres")), _negated=True),
                        name="mouvement_change_quelque_chose",
                        violation_error_message="Un mouvement va d'un état à un autre.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Excuse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reservation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excuse",
                        to="reservations.reservation",
                        verbose_name="réservation",
                    ),
                ),
                ("texte", models.TextField(max_length=1000, verbose_name="raison")),
                (
                    "fichier",
                    models.FileField(
                        blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name="justificatif"
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
                ("reponse", models.CharField(blank=True, max_length=300, verbose_name="réponse de la mairie")),
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
                "verbose_name": "excuse",
                "ordering": ["-envoyee_le"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat", "refusee"), _negated=True),
                            models.Q(("reponse", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="excuse_refus_motive",
                        violation_error_message="Un refus se motive.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ouverture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="reservations.ouverture",
                        verbose_name="ouverture",
                    ),
                ),
                (
                    "famille",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="familles.famille",
                        verbose_name="famille",
                    ),
                ),
                ("numero", models.CharField(max_length=6, verbose_name="numéro public")),
                ("arrive_le", models.DateTimeField(null=True, verbose_name="arrivé dans la file le")),
                ("ordre", models.BigIntegerField(null=True, verbose_name="ordre dans la file")),
                ("vu_le", models.DateTimeField(null=True, verbose_name="vu le")),
                ("admis_le", models.DateTimeField(null=True, verbose_name="admis le")),
                ("jusqu_a", models.DateTimeField(null=True, verbose_name="à lui jusqu'à")),
            ],
            options={
                "verbose_name": "ticket",
                "ordering": ["ouverture", "ordre", "pk"],
                "indexes": [
                    models.Index(fields=["ouverture", "ordre", "id"], name="ticket_file"),
                    models.Index(
                        condition=models.Q(("jusqu_a", None), _negated=True),
                        fields=["ouverture", "jusqu_a"],
                        name="ticket_salle",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ouverture", "famille"),
                        name="ticket_unique",
                        violation_error_message="Ce foyer a déjà son rang dans cette file.",
                    ),
                    models.UniqueConstraint(
                        fields=("ouverture", "numero"),
                        name="ticket_numero_unique",
                        violation_error_message="Ce numéro est celui d'un autre foyer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("admis_le", None), ("arrive_le", None), ("ordre", None)),
                            models.Q(("arrive_le__isnull", False), ("ordre__isnull", False)),
                            _connector="OR",
                        ),
                        name="ticket_dans_l_ordre",
                        violation_error_message="On n'est admis qu'après être arrivé, et chaque arrivée a son ordre.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("admis_le", None), ("jusqu_a", None)),
                            models.Q(("admis_le__isnull", False), ("jusqu_a__isnull", False)),
                            _connector="OR",
                        ),
                        name="ticket_admis_pour_un_temps",
                        violation_error_message="Une admission finit toujours.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Voeu",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="voeux",
                        to="reservations.ticket",
                        verbose_name="foyer",
                    ),
                ),
                (
                    "enfant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voeux",
                        to="familles.enfant",
                        verbose_name="enfant",
                    ),
                ),
                (
                    "seance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voeux",
                        to="reservations.seance",
                        verbose_name="séance",
                    ),
                ),
                ("rang_enfant", models.PositiveSmallIntegerField(verbose_name="rang de l'enfant dans le foyer")),
                (
                    "priorite",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="0 passe d'abord.", verbose_name="groupe de priorité"
                    ),
                ),
                ("depose_le", models.DateTimeField(verbose_name="déposé le")),
                (
                    "etat",
                    models.CharField(
                        choices=[
                            ("depose", "déposé"),
                            ("retenu", "une place"),
                            ("attente", "en liste d'attente"),
                            ("perdu", "pas de place"),
                            ("ecarte", "écarté"),
                        ],
                        default="depose",
                        max_length=7,
                        verbose_name="état",
                    ),
                ),
                ("rang", models.PositiveIntegerField(null=True, verbose_name="rang tiré")),
                ("raison", models.CharField(blank=True, max_length=300, verbose_name="raison")),
            ],
            options={
                "verbose_name": "vœu",
                "verbose_name_plural": "vœux",
                "ordering": ["seance", "rang", "pk"],
                "indexes": [models.Index(fields=["ticket", "seance"], name="voeu_du_foyer")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enfant", "seance"),
                        name="voeu_unique",
                        violation_error_message="Cet enfant a déjà ce vœu.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("rang__isnull", False)),
                        fields=("seance", "rang"),
                        name="voeu_rang_unique",
                        violation_error_message="Deux vœux ne peuvent pas avoir le même rang.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("etat__in", ["depose", "ecarte"]), ("rang", None)),
                            models.Q(("etat__in", ["retenu", "attente", "perdu"]), ("rang__gte", 1)),
                            _connector="OR",
                        ),
                        name="voeu_tire_a_un_rang",
                        violation_error_message="Un vœu tiré a un rang, les autres non.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "compte",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                ("rappel_limite", models.BooleanField(default=True, verbose_name="rappel avant la limite")),
                ("resume_dimanche", models.BooleanField(default=False, verbose_name="résumé du dimanche")),
                ("agenda", models.PositiveIntegerField(default=0, verbose_name="version de l'agenda")),
                ("agenda_ouvert", models.BooleanField(default=False, verbose_name="agenda ouvert")),
            ],
            options={
                "verbose_name": "préférences",
                "verbose_name_plural": "préférences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("agenda_ouvert", False), ("agenda__gt", 0), _connector="OR"),
                        name="agenda_ouvert_a_une_version",
                        violation_error_message="Un agenda ouvert a une adresse.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RappelEnvoye",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "compte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "genre",
                    models.CharField(
                        choices=[("limite", "avant la limite"), ("dimanche", "résumé du dimanche")],
                        max_length=8,
                        verbose_name="genre",
                    ),
                ),
                ("semaine", models.DateField(help_text="Le lundi.", verbose_name="semaine du")),
                ("envoye_le", models.DateTimeField(verbose_name="envoyé le")),
            ],
            options={
                "verbose_name": "rappel envoyé",
                "verbose_name_plural": "rappels envoyés",
                "ordering": ["-envoye_le", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("compte", "genre", "semaine"),
                        name="rappel_une_fois",
                        violation_error_message="Ce rappel est déjà parti.",
                    )
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("0001_gardes.sql").read_text(), migrations.RunSQL.noop),
    ]

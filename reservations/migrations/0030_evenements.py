"""Un événement ferme ou excuse d'un seul geste, et se lève de même ; la séance fermée sait par lequel."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commune', '0003_conservation_sante'),
        ('inscriptions', '0003_accueil_places_et_fins'),
        ('reservations', '0025_journal_par_foyer'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Evenement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nature', models.CharField(choices=[('greve', 'grève'), ('sortie', "sortie d'une classe"), ('absence', 'enseignant absent'), ('fermeture', 'fermeture'), ('intemperies', 'intempéries')], max_length=11, verbose_name='nature')),
                ('libelle', models.CharField(help_text='Ce que lit la famille : « Grève du personnel », « Sortie au musée ».', max_length=100, verbose_name='libellé')),
                ('message', models.TextField(blank=True, help_text="S'ajoute au courriel. Facultatif.", max_length=1000, verbose_name='message aux familles')),
                ('du', models.DateField(verbose_name='du')),
                ('au', models.DateField(verbose_name='au (compris)')),
                ('classes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('tps', 'TPS'), ('ps', 'PS'), ('ms', 'MS'), ('gs', 'GS'), ('cp', 'CP'), ('ce1', 'CE1'), ('ce2', 'CE2'), ('cm1', 'CM1'), ('cm2', 'CM2'), ('ulis', 'ULIS')], max_length=4), blank=True, default=list, help_text="Aucune cochée : tout le monde, les séances n'ont pas lieu. Sinon, seuls leurs enfants sont excusés.", size=None, verbose_name='classes')),
                ('cree_le', models.DateTimeField(verbose_name='créé le')),
                ('annonce', models.CharField(blank=True, editable=False, max_length=500, verbose_name='annonce')),
                ('cibles', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None, verbose_name='activités, ou écoles des classes')),
                ('lot', models.UUIDField(editable=False, null=True, unique=True, verbose_name='enregistrement')),
                ('applique_le', models.DateTimeField(editable=False, null=True, verbose_name='appliqué le')),
                ('prevenus_le', models.DateTimeField(editable=False, null=True, verbose_name='familles prévenues le')),
                ('lot_levee', models.UUIDField(editable=False, null=True, unique=True, verbose_name='enregistrement de la levée')),
                ('leve_le', models.DateTimeField(editable=False, null=True, verbose_name='levé le')),
                ('detrompes_le', models.DateTimeField(editable=False, null=True, verbose_name='familles détrompées le')),
                ('activites', models.ManyToManyField(blank=True, help_text='Aucune choisie : toutes celles de ces sites.', related_name='+', to='inscriptions.activite', verbose_name='activités')),
                ('applique_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='appliqué par')),
                ('cree_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='créé par')),
                ('leve_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='levé par')),
                ('sites', models.ManyToManyField(blank=True, related_name='+', to='commune.ecole', verbose_name='écoles et sites')),
            ],
            options={
                'verbose_name': 'événement',
                'ordering': ['-du', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='seance',
            name='evenement',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='seances_fermees', to='reservations.evenement', verbose_name='événement'),
        ),
        migrations.AddConstraint(
            model_name='seance',
            constraint=models.CheckConstraint(condition=models.Q(('evenement', None), ('ouverte', False), _connector='OR'), name='seance_fermee_par_son_evenement', violation_error_message="Une séance qui a lieu ne dépend d'aucun événement."),
        ),
        migrations.AddIndex(
            model_name='evenement',
            index=models.Index(condition=models.Q(('applique_le__isnull', False), ('leve_le', None)), fields=['au'], name='evenement_en_cours'),
        ),
        migrations.AddConstraint(
            model_name='evenement',
            constraint=models.CheckConstraint(condition=models.Q(('du__lte', models.F('au'))), name='evenement_dans_l_ordre', violation_error_message='Le dernier jour ne peut pas précéder le premier.'),
        ),
        migrations.AddConstraint(
            model_name='evenement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('annonce', ''), ('applique_le', None), ('leve_le', None), ('lot', None)), models.Q(('applique_le__isnull', False), ('lot__isnull', False), models.Q(('annonce', ''), _negated=True)), _connector='OR'), name='evenement_applique_entier', violation_error_message='Un événement appliqué porte son numéro et son annonce.'),
        ),
        migrations.AddConstraint(
            model_name='evenement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('leve_le', None), ('lot_levee', None)), models.Q(('leve_le__isnull', False), ('lot_levee__isnull', False)), _connector='OR'), name='evenement_leve_entier', violation_error_message='Un événement levé porte le numéro de sa levée.'),
        ),
        migrations.AddConstraint(
            model_name='evenement',
            constraint=models.CheckConstraint(condition=models.Q(('nature__in', ['greve', 'sortie', 'absence', 'fermeture', 'intemperies'])), name='evenement_nature_connue', violation_error_message="Cette nature d'événement n'existe pas."),
        ),
    ]

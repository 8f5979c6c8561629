"""Les factures d'un mois réunies en un fichier à imprimer."""

import django.db.models.deletion
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0121_motifs_de_rejet'),
    ]

    operations = [
        migrations.CreateModel(
            name='Impression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('toutes', models.BooleanField(default=False, verbose_name='toutes les factures du mois')),
                ('recto_verso', models.BooleanField(default=True, verbose_name='recto verso')),
                ('demandee_le', models.DateTimeField(verbose_name='demandée le')),
                ('a_faire', models.PositiveIntegerField(default=0, verbose_name='factures à réunir')),
                ('faites', models.PositiveIntegerField(default=0, verbose_name='factures réunies')),
                ('pages', models.PositiveIntegerField(default=0, verbose_name='pages')),
                ('terminee_le', models.DateTimeField(blank=True, null=True, verbose_name='terminée le')),
                ('incident', models.CharField(blank=True, editable=False, max_length=500, verbose_name='incident')),
                ('fichier', models.FileField(blank=True, editable=False, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name='fichier')),
                ('facturation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='impression', to='facturation.facturation', verbose_name='facturation')),
            ],
            options={
                'verbose_name': 'impression de factures',
                'verbose_name_plural': 'impressions de factures',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('fichier', ''), ('terminee_le', None)), models.Q(('terminee_le__isnull', False), models.Q(('fichier', ''), _negated=True)), _connector='OR'), name='impression_terminee_a_son_fichier', violation_error_message='Une impression terminée a son fichier.')],
            },
        ),
    ]

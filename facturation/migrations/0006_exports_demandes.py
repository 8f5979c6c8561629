"""Les exports longs, que l'ouvrier fait et qui se gardent une semaine."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0005_precisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DemandeExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('genre', models.CharField(choices=[('factures', 'Factures'), ('lignes', 'Lignes de facture'), ('avoirs', 'Avoirs'), ('reglements', 'Règlements et remboursements'), ('prelevements', 'Prélèvements'), ('familles', 'Familles et soldes'), ('presences', 'Réservé, venu, facturé'), ('ecritures', 'Écritures comptables'), ('recettes', 'Recettes'), ('heures', 'Heures CAF'), ('pes', 'PES Recette ORMC (expérimental)')], max_length=12, verbose_name='contenu')),
                ('format', models.CharField(choices=[('csv', 'CSV (point-virgule, UTF-8)'), ('ods', 'ODS (tableur)'), ('xml', 'XML')], max_length=4, verbose_name='format')),
                ('debut', models.DateField(verbose_name='du')),
                ('fin', models.DateField(verbose_name='au')),
                ('demandee_le', models.DateTimeField(verbose_name='demandée le')),
                ('a_faire', models.PositiveIntegerField(default=0, verbose_name='lignes à écrire, à peu près')),
                ('faites', models.PositiveIntegerField(default=0, verbose_name='lignes écrites')),
                ('terminee_le', models.DateTimeField(null=True, verbose_name='terminée le')),
                ('incident', models.CharField(blank=True, max_length=500, verbose_name='incident')),
                ('fichier', models.FileField(blank=True, editable=False, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name='fichier')),
                ('budget', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facturation.budget', verbose_name='budget du PES')),
                ('demandee_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandée par')),
                ('export', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='demande', to='facturation.export', verbose_name='export')),
            ],
            options={
                'verbose_name': 'export demandé',
                'verbose_name_plural': 'exports demandés',
                'ordering': ['demandee_le', 'pk'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('terminee_le', None), models.Q(('export__isnull', False), models.Q(('fichier', ''), _negated=True)), _connector='OR'), name='demande_d_export_terminee_a_son_fichier', violation_error_message='Un export terminé est au journal, et son fichier est là.')],
            },
        ),
    ]

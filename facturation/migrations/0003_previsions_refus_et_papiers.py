"""L'aperçu d'un mois gardé, le lot que la banque refuse, le mandat numérisé, et les courriels d'annonce comptés."""

from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0002_jours_a_refacturer_et_codes_des_budgets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Prevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mois', models.DateField(unique=True, verbose_name='mois')),
                ('demandee_le', models.DateTimeField(verbose_name='demandée le')),
                ('a_faire', models.PositiveIntegerField(default=0, verbose_name='foyers à lire')),
                ('faites', models.PositiveIntegerField(default=0, verbose_name='foyers lus')),
                ('terminee_le', models.DateTimeField(null=True, verbose_name='terminée le')),
                ('incident', models.CharField(blank=True, max_length=500, verbose_name='incident')),
                ('factures', models.PositiveIntegerField(default=0, verbose_name='factures')),
                ('total', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=10, verbose_name='total')),
                ('reportes', models.PositiveIntegerField(default=0, verbose_name='foyers reportés')),
                ('reporte', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=10, verbose_name='reporté')),
                ('sans_facture', models.PositiveIntegerField(default=0, verbose_name='foyers qui ne doivent rien')),
                ('mois_avant', models.DateField(null=True, verbose_name='comparé à')),
                ('factures_avant', models.PositiveIntegerField(default=0, verbose_name="factures d'avant")),
                ('total_avant', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=10, verbose_name="total d'avant")),
                ('activites', models.JSONField(default=list, verbose_name='par activité')),
                ('ecarts', models.JSONField(default=list, verbose_name='à regarder')),
                ('repere', models.JSONField(default=dict, verbose_name='repère')),
            ],
            options={
                'verbose_name': "aperçu d'un mois",
                'verbose_name_plural': "aperçus d'un mois",
                'default_permissions': (),
            },
        ),
        migrations.RemoveConstraint(
            model_name='prelevement',
            name='une_facture_se_debite_une_fois',
        ),
        migrations.RemoveConstraint(
            model_name='prelevement',
            name='prelevement_remis_encaisse',
        ),
        migrations.RemoveConstraint(
            model_name='prelevement',
            name='prelevement_rejete_motive',
        ),
        migrations.AddField(
            model_name='facturation',
            name='courriels',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="courriels d'annonce écrits"),
        ),
        migrations.AddField(
            model_name='lotdeprelevements',
            name='refuse_le',
            field=models.DateField(blank=True, help_text='La banque a refusé le lot entier.', null=True, verbose_name='refusé le'),
        ),
        migrations.AddField(
            model_name='mandat',
            name='papier',
            field=models.FileField(blank=True, upload_to=commune.fichiers.rangement.chemin_prive, verbose_name='mandat signé, numérisé'),
        ),
        migrations.AlterField(
            model_name='prelevement',
            name='etat',
            field=models.CharField(choices=[('prepare', 'préparé'), ('remis', 'remis'), ('rejete', 'rejeté'), ('defait', 'défait'), ('refuse', 'refusé avec son lot')], default='prepare', max_length=7, verbose_name='état'),
        ),
        migrations.AddConstraint(
            model_name='lotdeprelevements',
            constraint=models.CheckConstraint(condition=models.Q(('refuse_le', None), ('remis_le__isnull', False), _connector='OR'), name='lot_refuse_fut_remis', violation_error_message='Un lot se refuse une fois remis.'),
        ),
        migrations.AddConstraint(
            model_name='prelevement',
            constraint=models.UniqueConstraint(condition=models.Q(('etat__in', ['defait', 'refuse']), _negated=True), fields=('facture',), name='une_facture_se_debite_une_fois', violation_error_message='Cette facture est déjà dans un lot.'),
        ),
        migrations.AddConstraint(
            model_name='prelevement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('etat__in', ['remis', 'rejete', 'refuse']), ('reglement__isnull', False)), models.Q(('etat__in', ['prepare', 'defait']), ('reglement', None)), _connector='OR'), name='prelevement_remis_encaisse', violation_error_message='Un prélèvement remis a son règlement, et lui seul.'),
        ),
        migrations.AddConstraint(
            model_name='prelevement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('etat__in', ['rejete', 'refuse']), ('rejete_le__isnull', False), models.Q(('code_rejet', ''), _negated=True)), models.Q(models.Q(('etat__in', ['rejete', 'refuse']), _negated=True), ('code_rejet', ''), ('rejete_le', None)), _connector='OR'), name='prelevement_rejete_motive', violation_error_message='Un rejet a sa date et son motif.'),
        ),
        migrations.AddField(
            model_name='prevision',
            name='demandee_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandée par'),
        ),
    ]

"""À qui une activité s'ouvre, combien d'inscriptions elle prend, et comment une inscription se retire ou se termine."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commune', '0001_initiale'),
        ('documents', '0002_liens'),
        ('familles', '0003_jetons_et_fins'),
        ('inscriptions', '0002_liens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='inscription',
            name='inscription_unique',
        ),
        migrations.AddField(
            model_name='activite',
            name='age_au_mois',
            field=models.BooleanField(default=False, help_text="L'âge minimum se compte au premier jour du mois de l'anniversaire.", verbose_name="dès le mois de l'anniversaire"),
        ),
        migrations.AddField(
            model_name='activite',
            name='classes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('tps', 'TPS'), ('ps', 'PS'), ('ms', 'MS'), ('gs', 'GS'), ('cp', 'CP'), ('ce1', 'CE1'), ('ce2', 'CE2'), ('cm1', 'CM1'), ('cm2', 'CM2'), ('ulis', 'ULIS')], max_length=4), blank=True, default=list, help_text='Aucune cochée : toutes.', size=None, verbose_name='classes accueillies'),
        ),
        migrations.AddField(
            model_name='activite',
            name='inscriptions_max',
            field=models.PositiveSmallIntegerField(blank=True, help_text="Vide : sans limite. Ensuite, les demandes vont en liste d'attente, dans leur ordre d'arrivée.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='inscriptions au plus'),
        ),
        migrations.AddField(
            model_name='activite',
            name='presentation',
            field=models.TextField(blank=True, help_text="Ce que la famille lit avant d'inscrire.", verbose_name='présentation'),
        ),
        migrations.AddField(
            model_name='inscription',
            name='terminee_le',
            field=models.DateTimeField(blank=True, help_text="Une inscription terminée avant l'heure permet d'en rouvrir une.", null=True, verbose_name='fin demandée le'),
        ),
        migrations.AddField(
            model_name='inscription',
            name='terminee_par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fin demandée par'),
        ),
        migrations.AlterField(
            model_name='inscription',
            name='etat',
            field=models.CharField(choices=[('demandee', 'demandée'), ('validee', 'validée'), ('attente', "en liste d'attente"), ('refusee', 'refusée'), ('retiree', 'retirée par la famille')], default='demandee', max_length=8, verbose_name='état'),
        ),
        migrations.AddConstraint(
            model_name='activite',
            constraint=models.CheckConstraint(condition=models.Q(('jours__len__gt', 0)), name='activite_a_des_jours', violation_error_message='Une activité a lieu au moins un jour de la semaine.'),
        ),
        migrations.AddConstraint(
            model_name='activite',
            constraint=models.CheckConstraint(condition=models.Q(('age_min', None), ('age_max', None), ('age_min__lte', models.F('age_max')), _connector='OR'), name='activite_ages_dans_l_ordre', violation_error_message="L'âge maximum ne peut pas être inférieur à l'âge minimum."),
        ),
        migrations.AddConstraint(
            model_name='inscription',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('etat__in', ['refusee', 'retiree']), _negated=True), ('terminee_le', None)), fields=('enfant', 'activite', 'annee', 'famille'), name='inscription_unique', violation_error_message="Cet enfant est déjà inscrit à cette activité pour l'année."),
        ),
    ]

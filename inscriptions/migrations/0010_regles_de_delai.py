"""Les règles de délai, les conditions entre activités et les versions du règlement."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.models


class Migration(migrations.Migration):

    dependencies = [
        ('commune', '0001_initiale'),
        ('inscriptions', '0003_accueil_places_et_fins'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sens', models.CharField(choices=[('exige', "ne se réserve qu'avec"), ('exclut', 'ne se réserve pas avec')], default='exige', max_length=6, verbose_name='le même jour')),
            ],
            options={
                'verbose_name': 'condition',
                'ordering': ['activite', 'sens', 'autre'],
            },
        ),
        migrations.CreateModel(
            name='RegleDelai',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('geste', models.CharField(choices=[('reserver', 'réserver'), ('annuler', 'annuler')], max_length=8, verbose_name='pour')),
                ('debut', models.DateField(blank=True, null=True, verbose_name='séances du')),
                ('fin', models.DateField(blank=True, null=True, verbose_name='au')),
                ('forme', models.CharField(choices=[('jours', 'jours avant'), ('heures', 'heures avant le début'), ('semaine', "un jour d'une semaine d'avant")], default='jours', max_length=7, verbose_name='forme')),
                ('nombre', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='nombre')),
                ('decompte', models.CharField(choices=[('calendaires', 'jours du calendrier'), ('hors_weekend', 'sans les samedis ni les dimanches'), ('ouvres', 'jours ouvrés (du lundi au vendredi, sans les fériés)'), ('ouverture', "jours d'ouverture du site"), ('activite', "jours où l'activité a lieu")], default='calendaires', max_length=12, verbose_name='on compte')),
                ('jour_semaine', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'lundi'), (1, 'mardi'), (2, 'mercredi'), (3, 'jeudi'), (4, 'vendredi'), (5, 'samedi'), (6, 'dimanche')], null=True, verbose_name='jour de la semaine')),
                ('heure', models.TimeField(default='23:59', help_text='Heure de Paris, minute comprise : à 23:59:59 on peut encore.', verbose_name='à')),
                ('ensuite', models.CharField(choices=[('refuse', 'refuser'), ('supplement', 'accepter, au tarif hors délai'), ('mairie', 'la mairie seule peut accepter')], default='refuse', max_length=10, verbose_name='ensuite')),
            ],
            options={
                'verbose_name': 'règle de délai',
                'verbose_name_plural': 'règles de délai',
                'ordering': ['activite', '-geste', models.OrderBy(models.F('debut'), nulls_first=True)],
            },
        ),
        migrations.CreateModel(
            name='VersionReglement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('numero', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('publiee_le', models.DateTimeField(verbose_name='publiée le')),
                ('texte', models.JSONField(verbose_name='texte')),
            ],
            options={
                'verbose_name': 'version du règlement',
                'verbose_name_plural': 'versions du règlement',
                'ordering': ['-numero'],
            },
        ),
        migrations.AddField(
            model_name='activite',
            name='par_classe',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Vide : sans limite.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name="enfants d'une même classe par jour, au plus"),
        ),
        migrations.AddField(
            model_name='activite',
            name='priorites',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('fratrie', 'un frère ou une sœur y est déjà'), ('travail', 'les parents travaillent'), ('ecole', "l'enfant est de l'école"), ('commune', 'la famille habite la commune')], max_length=7), blank=True, default=list, size=None, verbose_name="priorités, dans l'ordre"),
        ),
        migrations.AddField(
            model_name='activite',
            name='semaine_max',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Vide : libre.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(7)], verbose_name='jours par semaine, au plus'),
        ),
        migrations.AddField(
            model_name='activite',
            name='semaine_min',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Vide : libre. Une semaine sans rien reste permise.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(7)], verbose_name='jours par semaine, au moins'),
        ),
        migrations.AddConstraint(
            model_name='activite',
            constraint=models.CheckConstraint(condition=models.Q(('semaine_min', None), ('semaine_max', None), ('semaine_min__lte', models.F('semaine_max')), _connector='OR'), name='activite_semaine_dans_l_ordre', violation_error_message='Le maximum par semaine ne peut pas être inférieur au minimum.'),
        ),
        migrations.AddField(
            model_name='condition',
            name='activite',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='inscriptions.activite', verbose_name='activité'),
        ),
        migrations.AddField(
            model_name='condition',
            name='autre',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inscriptions.activite', verbose_name='autre activité'),
        ),
        migrations.AddField(
            model_name='regledelai',
            name='activite',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='regles_delai', to='inscriptions.activite', verbose_name='activité'),
        ),
        migrations.AddField(
            model_name='versionreglement',
            name='publiee_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='publiée par'),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.UniqueConstraint(fields=('activite', 'autre'), name='condition_unique', violation_error_message="Cette activité est déjà liée à celle-là : l'un ou l'autre, pas les deux."),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.CheckConstraint(condition=models.Q(('activite', models.F('autre')), _negated=True), name='condition_sur_une_autre', violation_error_message="Une activité ne dépend pas d'elle-même."),
        ),
        migrations.AddConstraint(
            model_name='regledelai',
            constraint=models.CheckConstraint(condition=models.Q(('debut', None), ('fin', None), ('fin__gte', models.F('debut')), _connector='OR'), name='delai_dans_l_ordre', violation_error_message='Une règle ne peut pas finir avant de commencer.'),
        ),
        migrations.AddConstraint(
            model_name='regledelai',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('forme', 'semaine'), ('jour_semaine__range', (0, 6))), models.Q(models.Q(('forme', 'semaine'), _negated=True), ('jour_semaine', None)), _connector='OR'), name='delai_semaine_a_son_jour', violation_error_message="Dites quel jour de la semaine d'avant."),
        ),
        migrations.AddConstraint(
            model_name='regledelai',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('forme', 'jours'), ('nombre__lte', 60)), models.Q(('forme', 'heures'), ('nombre__range', (1, 1440))), models.Q(('forme', 'semaine'), ('nombre__range', (1, 8))), _connector='OR'), name='delai_mesure', violation_error_message='De 0 à 60 jours, de 1 à 1440 heures ou de 1 à 8 semaines.'),
        ),
        migrations.AddConstraint(
            model_name='regledelai',
            constraint=models.CheckConstraint(condition=models.Q(('geste', 'reserver'), ('ensuite', 'refuse'), _connector='OR'), name='delai_annuler_refuse_ensuite', violation_error_message="On n'annule pas hors délai : l'absence s'excuse par écrit."),
        ),
        migrations.AddConstraint(
            model_name='regledelai',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('geste', 'reserver')), expressions=[(models.Func('activite', 'activite', models.Value('[]'), function='INT8RANGE', output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField()), '&&'), (commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_delai_pour_reserver_par_jour', violation_error_message='Deux règles pour réserver valent le même jour : séparez leurs dates.'),
        ),
        migrations.AddConstraint(
            model_name='regledelai',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('geste', 'annuler')), expressions=[(models.Func('activite', 'activite', models.Value('[]'), function='INT8RANGE', output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField()), '&&'), (commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_delai_pour_annuler_par_jour', violation_error_message='Deux règles pour annuler valent le même jour : séparez leurs dates.'),
        ),
    ]

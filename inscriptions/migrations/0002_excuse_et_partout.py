"""Le délai pour excuser une absence, à l'activité ; ce qui vaut partout, dans les versions du règlement."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inscriptions', '0001_socle'),
    ]

    operations = [
        migrations.AddField(
            model_name='activite',
            name='excuse_jours',
            field=models.PositiveSmallIntegerField(default=31, help_text='Après le début de la séance ; ensuite, la famille vous écrit.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)], verbose_name='jours pour excuser une absence'),
        ),
        migrations.AddField(
            model_name='versionreglement',
            name='partout',
            field=models.JSONField(default=list, verbose_name='ce qui vaut partout'),
        ),
    ]

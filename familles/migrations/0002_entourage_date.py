"""Ce qu'un adulte peut pour un enfant finit au lieu de s'effacer : qui a levé une interdiction, et quand, se lit."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('familles', '0001_socle'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='personneautorisee',
            name='personne_unique',
        ),
        migrations.AddField(
            model_name='personneautorisee',
            name='debut',
            field=models.DateField(blank=True, null=True, verbose_name='depuis'),
        ),
        migrations.AddField(
            model_name='personneautorisee',
            name='fin',
            field=models.DateField(blank=True, null=True, verbose_name="jusqu'au"),
        ),
        migrations.AddField(
            model_name='personneautorisee',
            name='fin_par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='terminé par'),
        ),
        migrations.AddField(
            model_name='personneautorisee',
            name='par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='dit par'),
        ),
        migrations.AddConstraint(
            model_name='personneautorisee',
            constraint=models.UniqueConstraint(condition=models.Q(('fin', None)), fields=('enfant', 'adulte'), name='personne_unique', violation_error_message="Cette personne figure déjà dans l'entourage de l'enfant."),
        ),
        migrations.AddConstraint(
            model_name='personneautorisee',
            constraint=models.CheckConstraint(condition=models.Q(('debut', None), ('fin', None), ('fin__gte', models.F('debut')), _connector='OR'), name='personne_dans_l_ordre', violation_error_message='La fin vient avant le début.'),
        ),
    ]

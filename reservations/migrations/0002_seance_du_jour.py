"""L'index des séances d'un jour porte leur clé : sur vingt millions de réservations, un tiers de la semaine d'un foyer."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reservations', '0001_socle'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='seance', name='seance_du_jour'),
        migrations.AddIndex(
            model_name='seance',
            index=models.Index(fields=['jour', 'activite'], include=['id'], name='seance_du_jour'),
        ),
    ]

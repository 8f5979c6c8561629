"""Les colonnes de délais d'une activité sont reprises par ses règles (0011) : elles disparaissent."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('inscriptions', '0011_delais_repris')]

    operations = [
        migrations.RemoveField(
            model_name='activite',
            name='annulation_heure',
        ),
        migrations.RemoveField(
            model_name='activite',
            name='annulation_jours',
        ),
        migrations.RemoveField(
            model_name='activite',
            name='hors_delai',
        ),
        migrations.RemoveField(
            model_name='activite',
            name='reservation_heure',
        ),
        migrations.RemoveField(
            model_name='activite',
            name='reservation_jours',
        ),
        migrations.RemoveField(
            model_name='activite',
            name='unite_delai',
        ),
    ]

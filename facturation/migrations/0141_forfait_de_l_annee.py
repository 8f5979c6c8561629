"""Le forfait de l'année : une ligne par enfant, activité et année scolaire, que la base garde unique."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commune', '0010_impayes'),
        ('facturation', '0140_prix_combine_par_tranche'),
        ('familles', '0025_gardes_et_echanges'),
        ('inscriptions', '0015_places_liberees'),
        ('reservations', '0035_preferences'),
    ]

    operations = [
        migrations.AddField(
            model_name='ligne',
            name='annee',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commune.anneescolaire', verbose_name="forfait de l'année"),
        ),
        migrations.AlterField(
            model_name='ligne',
            name='unite',
            field=models.CharField(choices=[('acte', 'chaque repas, chaque accueil'), ('duree', 'chaque période de temps'), ('mois', 'le mois entier (forfait)'), ('annee', "l'année scolaire (forfait)")], default='acte', max_length=5, verbose_name='unité'),
        ),
        migrations.AlterField(
            model_name='tarif',
            name='unite',
            field=models.CharField(choices=[('acte', 'chaque repas, chaque accueil'), ('duree', 'chaque période de temps'), ('mois', 'le mois entier (forfait)'), ('annee', "l'année scolaire (forfait)")], default='acte', max_length=5, verbose_name='pour'),
        ),
        migrations.AddConstraint(
            model_name='ligne',
            constraint=models.UniqueConstraint(condition=models.Q(('annee__isnull', False)), fields=('annee', 'enfant', 'activite'), name='forfait_de_l_annee_unique'),
        ),
    ]

"""Chaque séance sait ce qui suit sa limite, comme elle sait sa limite : lire reste une comparaison."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inscriptions', '0011_delais_repris'),
        ('reservations', '0005_place_proposee'),
    ]

    operations = [
        migrations.AddField(
            model_name='seance',
            name='apres_limite',
            field=models.CharField(choices=[('refuse', 'refusé'), ('supplement', 'au tarif hors délai'), ('mairie', 'la mairie seule')], default='refuse', max_length=10, verbose_name='après la limite'),
        ),
        migrations.RunSQL(
            """UPDATE reservations_seance s SET apres_limite = r.ensuite FROM inscriptions_regledelai r
               WHERE r.activite_id = s.activite_id AND r.geste = 'reserver' AND r.ensuite <> 'refuse'""",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='seance',
            constraint=models.CheckConstraint(condition=models.Q(('apres_limite__in', ['refuse', 'supplement', 'mairie'])), name='seance_apres_limite_connu', violation_error_message='Après la limite : refusé, hors délai, ou la mairie seule.'),
        ),
    ]

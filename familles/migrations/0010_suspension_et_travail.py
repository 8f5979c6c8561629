"""Un foyer suspendu le sait, et pourquoi ; si les parents travaillent."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('familles', '0003_jetons_et_fins'),
    ]

    operations = [
        migrations.AddField(
            model_name='famille',
            name='parents_travaillent',
            field=models.BooleanField(default=False, help_text='Vérifié sur attestation ; compte pour les activités qui donnent cette priorité.', verbose_name='les parents travaillent'),
        ),
        migrations.AddField(
            model_name='famille',
            name='suspendue_le',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='réservations suspendues le'),
        ),
        migrations.AddField(
            model_name='famille',
            name='suspendue_motif',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='motif de la suspension'),
        ),
        migrations.AddConstraint(
            model_name='famille',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('suspendue_le', None), ('suspendue_motif', '')), models.Q(('suspendue_le__isnull', False), models.Q(('suspendue_motif', ''), _negated=True)), _connector='OR'), name='famille_suspendue_motivee', violation_error_message="Une suspension a sa date et son motif, ou n'est pas."),
        ),
    ]

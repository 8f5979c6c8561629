"""Deux CM1 d'une même école ne sont plus une seule classe : chaque enfant peut avoir un groupe dans son niveau."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('familles', '0002_entourage_date'),
    ]

    operations = [
        migrations.AddField(
            model_name='enfant',
            name='division',
            field=models.CharField(blank=True, help_text="A, B, ou le nom de l'enseignant, quand l'école a plusieurs classes de ce niveau.", max_length=30, verbose_name='groupe'),
        ),
        migrations.AddConstraint(
            model_name='enfant',
            constraint=models.CheckConstraint(condition=models.Q(('division', ''), models.Q(('classe', ''), _negated=True), _connector='OR'), name='division_d_une_classe', violation_error_message='Un groupe ne va pas sans la classe.'),
        ),
    ]

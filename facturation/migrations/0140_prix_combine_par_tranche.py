"""Un prix « matin et soir » par tranche de quotient."""

from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0130_impressions'),
    ]

    operations = [
        migrations.AddField(
            model_name='tranche',
            name='combine',
            field=models.DecimalField(blank=True, decimal_places=2, help_text="Le prix de cet accueil un jour où l'enfant a aussi l'autre. Vide : le même.", max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='matin et soir'),
        ),
        migrations.AddConstraint(
            model_name='tranche',
            constraint=models.CheckConstraint(condition=models.Q(('combine', None), ('combine__gte', 0), _connector='OR'), name='tranche_combine_positif', violation_error_message="Un prix « matin et soir » n'est jamais négatif."),
        ),
    ]

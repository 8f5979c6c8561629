"""L'option de demander les quotients par API Particulier, et le temps qu'ils valent."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0111_exports_scelles'),
    ]

    operations = [
        migrations.AddField(
            model_name='regie',
            name='api_particulier',
            field=models.BooleanField(default=False, help_text="Par API Particulier, avec l'accord de la famille. Demande un jeton (API_PARTICULIER_JETON) et le SIRET de la commune ; l'attestation papier reste toujours possible.", verbose_name='demander les quotients à la CAF et à la MSA'),
        ),
        migrations.AddField(
            model_name='regie',
            name='quotient_mois',
            field=models.PositiveSmallIntegerField(default=12, help_text="À partir du mois qu'il dit. Ensuite, la tranche la plus haute s'applique jusqu'au suivant.", validators=[django.core.validators.MinValueValidator(1)], verbose_name='un quotient récupéré vaut (mois)'),
        ),
        migrations.AddConstraint(
            model_name='regie',
            constraint=models.CheckConstraint(condition=models.Q(('quotient_mois__gte', 1)), name='regie_quotient_vaut_un_temps', violation_error_message='Un quotient récupéré vaut au moins un mois.'),
        ),
    ]

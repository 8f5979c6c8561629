"""Suspendre ou non les réservations des foyers qui doivent de l'argent."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commune', '0003_conservation_sante'),
    ]

    operations = [
        migrations.AddField(
            model_name='commune',
            name='bloquer_impayes',
            field=models.BooleanField(default=False, help_text="Les jours déjà réservés restent ; on peut toujours annuler. L'accès à la cantine d'une école publique est un droit (code de l'éducation, article L131-13) : préférez un échéancier, et prévenez avant.", verbose_name="suspendre les réservations des foyers qui doivent de l'argent"),
        ),
        migrations.AddField(
            model_name='commune',
            name='impayes_jours',
            field=models.PositiveSmallIntegerField(default=30, help_text='Passé ce délai, chaque nuit ; un règlement rouvre aussitôt.', verbose_name="après l'échéance (jours)"),
        ),
    ]

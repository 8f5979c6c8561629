"""Chaque facture garde ce que le compte du foyer tenait pour elle à son émission ; celles d'avant n'en disaient rien."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0006_exports_demandes'),
    ]

    operations = [
        migrations.AddField(
            model_name='facture',
            name='avance',
            field=models.DecimalField(decimal_places=2, default=0, help_text='Ce que le compte du foyer tenait pour elle, à son émission.', max_digits=10, verbose_name='déjà sur le compte'),
        ),
        migrations.AddConstraint(
            model_name='facture',
            constraint=models.CheckConstraint(condition=models.Q(('avance__gte', 0), ('avance__lte', models.F('total'))), name='facture_avance_au_plus_son_total', violation_error_message="Une facture ne prend du compte que ce qu'elle demande."),
        ),
    ]

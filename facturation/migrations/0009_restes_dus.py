from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Ce qu'il reste à payer se tient à jour, et ne se recalcule plus à chaque lecture."""

    dependencies = [
        ('facturation', '0008_lignes_justes'),
    ]

    operations = [
        migrations.CreateModel(
            name='ResteDu',
            fields=[
                ('facture', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reste_du', serialize=False, to='facturation.facture', verbose_name='facture')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='reste à payer')),
            ],
            options={
                'verbose_name': 'reste dû',
                'verbose_name_plural': 'restes dus',
                'constraints': [models.CheckConstraint(condition=models.Q(('montant__gt', 0)), name='reste_du_positif')],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("restes.sql").read_text(), migrations.RunSQL.noop),
    ]

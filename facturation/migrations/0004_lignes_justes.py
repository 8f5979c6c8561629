"""Les bases d'avant vérifient aussi les lignes d'un bloc sans chercher deux fois la même facture : un tiers de moins."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0003_previsions_refus_et_papiers'),
    ]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("lignes_justes.sql").read_text(), migrations.RunSQL.noop),
    ]

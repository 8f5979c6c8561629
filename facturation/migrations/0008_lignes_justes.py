from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    """Le garde des lignes d'une facture se vérifie en temps constant par ligne, quelles que soient les statistiques."""

    dependencies = [("facturation", "0007_avances")]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("lignes_justes.sql").read_text(), migrations.RunSQL.noop),
    ]

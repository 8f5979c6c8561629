"""Un avoir sait quel événement l'a voulu, et quelles lignes il rend : aucune ne se rend deux fois."""

import django.db.models.deletion
from django.db import migrations, models

SCELLER = """
CREATE TRIGGER ligne_rendue_immuable BEFORE UPDATE OR DELETE ON facturation_lignerendue
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
"""
DESCELLER = "DROP TRIGGER ligne_rendue_immuable ON facturation_lignerendue;"


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0007_fratrie_avec_son_rang'),
        ('reservations', '0030_evenements'),
    ]

    operations = [
        migrations.AddField(
            model_name='avoir',
            name='evenement',
            field=models.ForeignKey(blank=True, help_text='Celui qui a annulé, après coup, des jours déjà facturés.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='avoirs', to='reservations.evenement', verbose_name='événement'),
        ),
        migrations.CreateModel(
            name='LigneRendue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('avoir', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lignes', to='facturation.avoir', verbose_name='avoir')),
                ('ligne', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rendue', to='facturation.ligne', verbose_name='ligne')),
            ],
            options={
                'verbose_name': 'ligne rendue',
                'verbose_name_plural': 'lignes rendues',
                'ordering': ['pk'],
            },
        ),
        migrations.RunSQL(SCELLER, DESCELLER),
    ]

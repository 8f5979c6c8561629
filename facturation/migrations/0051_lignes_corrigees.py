"""Ce qu'un avoir rend d'une ligne quand le quotient arrive après coup ; scellé, comme l'avoir."""

import django.db.models.deletion
from django.db import migrations, models

SCELLER = """
CREATE TRIGGER ligne_corrigee_immuable BEFORE UPDATE OR DELETE ON facturation_lignecorrigee
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
"""
DESCELLER = "DROP TRIGGER ligne_corrigee_immuable ON facturation_lignecorrigee;"


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0050_modes_de_tarif'),
    ]

    operations = [
        migrations.CreateModel(
            name='LigneCorrigee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='montant rendu')),
                ('quotient', models.PositiveIntegerField(verbose_name='quotient retenu')),
                ('regle', models.CharField(max_length=600, verbose_name='pourquoi le nouveau prix')),
            ],
            options={
                'verbose_name': 'ligne corrigée',
                'verbose_name_plural': 'lignes corrigées',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='lignecorrigee',
            name='avoir',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='facturation.avoir', verbose_name='avoir'),
        ),
        migrations.AddField(
            model_name='lignecorrigee',
            name='ligne',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='facturation.ligne', verbose_name='ligne'),
        ),
        migrations.AddConstraint(
            model_name='lignecorrigee',
            constraint=models.UniqueConstraint(fields=('ligne', 'avoir'), name='ligne_corrigee_une_fois_par_avoir'),
        ),
        migrations.AddConstraint(
            model_name='lignecorrigee',
            constraint=models.CheckConstraint(condition=models.Q(('montant', 0), _negated=True), name='ligne_corrigee_change'),
        ),
        migrations.RunSQL(SCELLER, DESCELLER),
    ]

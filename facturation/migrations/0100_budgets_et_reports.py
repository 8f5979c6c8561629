"""Plusieurs budgets, chacun sa facture ; et les petites dettes qui attendent la facture suivante."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import facturation.models.reglements


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0091_recouvrement_garde'),
        ('familles', '0025_gardes_et_echanges'),
        ('inscriptions', '0015_places_liberees'),
    ]

    operations = [
        migrations.CreateModel(
            name='ActiviteDuBudget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('genre', models.CharField(blank=True, choices=[('midi', 'restauration'), ('matin', 'accueil du matin'), ('soir', 'accueil du soir'), ('mercredi', 'mercredi'), ('vacances', 'vacances')], max_length=8, verbose_name="genre d'activité")),
            ],
            options={
                'verbose_name': 'activité du budget',
                'verbose_name_plural': 'activités du budget',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nom', models.CharField(help_text="Tel que la facture l'imprime.", max_length=100, unique=True, verbose_name='nom')),
                ('cheque_ordre', models.CharField(blank=True, help_text='Vide : la régie.', max_length=100, verbose_name='ordre des chèques')),
                ('iban', models.CharField(blank=True, help_text="Vide : celui de la régie. Un compte à part n'est ni prélevé ni payé en ligne par le portail.", max_length=34, validators=[facturation.models.reglements.iban_valide], verbose_name='IBAN pour les virements')),
                ('accueil', models.TextField(blank=True, help_text='Vide : comme la régie.', verbose_name='où et quand payer')),
            ],
            options={
                'verbose_name': 'budget',
                'ordering': ['nom'],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mois', models.DateField(help_text='Le premier jour du mois reporté.', verbose_name='mois')),
                ('activites', models.JSONField(default=list, editable=False, verbose_name='activités')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='montant')),
            ],
            options={
                'verbose_name': 'report',
                'ordering': ['mois', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='facture',
            name='facture_unique_par_mois',
        ),
        migrations.AddField(
            model_name='facturation',
            name='reportes',
            field=models.PositiveIntegerField(default=0, verbose_name='foyers reportés'),
        ),
        migrations.AddField(
            model_name='facturation',
            name='seuil',
            field=models.DecimalField(decimal_places=2, default=0, editable=False, max_digits=10, verbose_name='seuil de facturation'),
        ),
        migrations.AddField(
            model_name='regie',
            name='seuil',
            field=models.DecimalField(decimal_places=2, default=Decimal('15.00'), help_text="En euros. Sous cette somme, le mois d'un foyer attend sa prochaine facture ; décembre et un départ émettent tout. 0 : chaque mois se facture.", max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='seuil de facturation'),
        ),
        migrations.AddField(
            model_name='activitedubudget',
            name='activite',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inscriptions.activite', verbose_name='ou activité précise'),
        ),
        migrations.AddField(
            model_name='activitedubudget',
            name='budget',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activites', to='facturation.budget', verbose_name='budget'),
        ),
        migrations.AddField(
            model_name='facture',
            name='budget',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='factures', to='facturation.budget', verbose_name='budget'),
        ),
        migrations.AddConstraint(
            model_name='facture',
            constraint=models.UniqueConstraint(fields=('famille', 'mois', 'budget'), name='facture_unique_par_mois', nulls_distinct=False, violation_error_message='Ce foyer a déjà sa facture du mois.'),
        ),
        migrations.AddField(
            model_name='report',
            name='budget',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='facturation.budget', verbose_name='budget'),
        ),
        migrations.AddField(
            model_name='report',
            name='facturation',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='facturation.facturation', verbose_name='facturation'),
        ),
        migrations.AddField(
            model_name='report',
            name='famille',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='familles.famille', verbose_name='famille'),
        ),
        migrations.AddField(
            model_name='report',
            name='repris_par',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repris', to='facturation.facturation', verbose_name='repris par'),
        ),
        migrations.AddConstraint(
            model_name='activitedubudget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('activite__isnull', False), ('genre', '')), models.Q(models.Q(('genre', ''), _negated=True), ('activite', None)), _connector='OR'), name='budget_genre_ou_activite', violation_error_message="Choisissez un genre, ou une activité précise : l'un des deux."),
        ),
        migrations.AddConstraint(
            model_name='activitedubudget',
            constraint=models.UniqueConstraint(condition=models.Q(('genre', ''), _negated=True), fields=('genre',), name='budget_du_genre', violation_error_message="Ce genre relève déjà d'un budget."),
        ),
        migrations.AddConstraint(
            model_name='activitedubudget',
            constraint=models.UniqueConstraint(condition=models.Q(('activite__isnull', False)), fields=('activite',), name='budget_de_l_activite', violation_error_message="Cette activité relève déjà d'un budget."),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('famille', 'mois', 'budget'), name='report_unique_par_mois', nulls_distinct=False, violation_error_message='Ce mois de ce foyer est déjà reporté.'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('montant__gt', 0)), name='report_positif'),
        ),
    ]

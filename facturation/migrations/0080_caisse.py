"""La caisse : les titres, les remboursements, les bordereaux de dépôt, les journées closes."""


from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0071_signature_de_mandat'),
        ('familles', '0025_gardes_et_echanges'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Bordereau',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('exercice', models.PositiveSmallIntegerField(verbose_name='exercice')),
                ('numero', models.PositiveIntegerField(verbose_name='numéro')),
                ('moyen', models.CharField(choices=[('cheque', 'chèque'), ('especes', 'espèces'), ('virement', 'virement'), ('prelevement', 'prélèvement'), ('payfip', 'paiement en ligne'), ('cesu', 'CESU préfinancé'), ('ancv', 'chèque-vacances ANCV')], max_length=11, verbose_name='ce qui est déposé')),
                ('depose_le', models.DateField(verbose_name='déposé le')),
                ('fait_le', models.DateTimeField(verbose_name='fait le')),
            ],
            options={
                'verbose_name': 'bordereau de dépôt',
                'verbose_name_plural': 'bordereaux de dépôt',
                'ordering': ['-exercice', '-numero'],
            },
        ),
        migrations.CreateModel(
            name='Depose',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'règlement déposé',
                'verbose_name_plural': 'règlements déposés',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Journee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('jour', models.DateField(unique=True, verbose_name='jour')),
                ('attendu', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='espèces attendues')),
                ('compte', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='espèces comptées')),
                ('raison', models.CharField(blank=True, max_length=300, verbose_name="raison de l'écart")),
                ('close_le', models.DateTimeField(verbose_name='close le')),
            ],
            options={
                'verbose_name': 'journée de caisse',
                'verbose_name_plural': 'journées de caisse',
                'ordering': ['-jour'],
            },
        ),
        migrations.CreateModel(
            name='Remboursement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='montant rendu')),
                ('moyen', models.CharField(choices=[('virement', 'virement'), ('cheque', 'chèque'), ('especes', 'espèces')], max_length=11, verbose_name='moyen')),
                ('reference', models.CharField(help_text='Numéro du virement, du chèque ou du reçu signé.', max_length=100, verbose_name='référence')),
                ('fait_le', models.DateField(verbose_name='rendu le')),
                ('motif', models.CharField(help_text='La famille le lit sur son compte.', max_length=300, verbose_name='motif')),
                ('saisi_le', models.DateTimeField(verbose_name='saisi le')),
                ('annule_le', models.DateTimeField(blank=True, null=True, verbose_name='annulé le')),
                ('motif_annulation', models.CharField(blank=True, max_length=300, verbose_name="motif de l'annulation")),
                ('jeton', models.UUIDField(editable=False, null=True, unique=True, verbose_name='jeton du formulaire')),
            ],
            options={
                'verbose_name': 'remboursement',
                'ordering': ['-fait_le', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='regie',
            name='fonds_de_caisse',
            field=models.DecimalField(decimal_places=2, default=Decimal('0.00'), help_text='Les espèces que la caisse tenait le matin de sa première journée close (euros).', max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='fonds de caisse'),
        ),
        migrations.AddField(
            model_name='regie',
            name='titres_ancv',
            field=models.BooleanField(default=False, verbose_name='accepter les chèques-vacances'),
        ),
        migrations.AddField(
            model_name='regie',
            name='titres_cesu',
            field=models.BooleanField(default=False, verbose_name='accepter les CESU préfinancés'),
        ),
        migrations.AddField(
            model_name='regie',
            name='titres_cesu_repas',
            field=models.BooleanField(default=False, help_text="Non : un CESU désigne sa facture, et n'en paie que la part de garde. Votre comptable le sait.", verbose_name='un CESU peut payer un repas'),
        ),
        migrations.AddField(
            model_name='reglement',
            name='emetteur',
            field=models.CharField(blank=True, max_length=60, verbose_name='émetteur des titres'),
        ),
        migrations.AddField(
            model_name='reglement',
            name='nombre',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='nombre de titres'),
        ),
        migrations.AddField(
            model_name='reglement',
            name='valeur',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, verbose_name='valeur faciale'),
        ),
        migrations.AlterField(
            model_name='reglement',
            name='moyen',
            field=models.CharField(choices=[('cheque', 'chèque'), ('especes', 'espèces'), ('virement', 'virement'), ('prelevement', 'prélèvement'), ('payfip', 'paiement en ligne'), ('cesu', 'CESU préfinancé'), ('ancv', 'chèque-vacances ANCV')], max_length=11, verbose_name='moyen'),
        ),
        migrations.AddConstraint(
            model_name='reglement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('montant', django.db.models.expressions.CombinedExpression(models.F('nombre'), '*', models.F('valeur'))), ('moyen__in', ['cesu', 'ancv']), ('nombre__gte', 1), ('valeur__gt', 0), models.Q(('emetteur', ''), _negated=True), models.Q(('reference', ''), _negated=True)), models.Q(models.Q(('moyen__in', ['cesu', 'ancv']), _negated=True), ('emetteur', ''), ('nombre', None), ('valeur', None)), _connector='OR'), name='reglement_titres', violation_error_message='Des titres ont leur émetteur, leurs numéros, leur nombre et leur valeur, qui font le montant.'),
        ),
        migrations.AddField(
            model_name='bordereau',
            name='fait_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fait par'),
        ),
        migrations.AddField(
            model_name='depose',
            name='bordereau',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposes', to='facturation.bordereau', verbose_name='bordereau'),
        ),
        migrations.AddField(
            model_name='depose',
            name='reglement',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='depose', to='facturation.reglement', verbose_name='règlement'),
        ),
        migrations.AddField(
            model_name='journee',
            name='close_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='close par'),
        ),
        migrations.AddField(
            model_name='remboursement',
            name='annule_par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='annulé par'),
        ),
        migrations.AddField(
            model_name='remboursement',
            name='contestation',
            field=models.ForeignKey(blank=True, help_text='Celle qui fut acceptée « à rembourser ».', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remboursements', to='facturation.contestation', verbose_name='contestation'),
        ),
        migrations.AddField(
            model_name='remboursement',
            name='famille',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remboursements', to='familles.famille', verbose_name='famille'),
        ),
        migrations.AddField(
            model_name='remboursement',
            name='saisi_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par'),
        ),
        migrations.AddConstraint(
            model_name='bordereau',
            constraint=models.UniqueConstraint(fields=('exercice', 'numero'), name='bordereau_numero_unique'),
        ),
        migrations.AddConstraint(
            model_name='bordereau',
            constraint=models.CheckConstraint(condition=models.Q(('moyen__in', ['cheque', 'especes', 'cesu', 'ancv'])), name='bordereau_de_caisse', violation_error_message='On dépose des chèques, des espèces ou des titres.'),
        ),
        migrations.AddConstraint(
            model_name='journee',
            constraint=models.CheckConstraint(condition=models.Q(('compte__gte', 0)), name='journee_comptee', violation_error_message='On ne compte pas moins que rien.'),
        ),
        migrations.AddConstraint(
            model_name='journee',
            constraint=models.CheckConstraint(condition=models.Q(('compte', models.F('attendu')), models.Q(('raison', ''), _negated=True), _connector='OR'), name='journee_ecart_explique', violation_error_message="Un écart de caisse s'explique."),
        ),
        migrations.AddConstraint(
            model_name='remboursement',
            constraint=models.CheckConstraint(condition=models.Q(('montant__gt', 0)), name='remboursement_positif', violation_error_message='Un remboursement est un montant positif.'),
        ),
        migrations.AddConstraint(
            model_name='remboursement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reference', ''), _negated=True), models.Q(('motif', ''), _negated=True)), name='remboursement_dit_comment', violation_error_message='Un remboursement a sa référence et son motif.'),
        ),
        migrations.AddConstraint(
            model_name='remboursement',
            constraint=models.CheckConstraint(condition=models.Q(('annule_le', None), models.Q(('motif_annulation', ''), _negated=True), _connector='OR'), name='remboursement_annulation_motivee', violation_error_message="L'annulation d'un remboursement se motive."),
        ),
        migrations.AddConstraint(
            model_name='remboursement',
            constraint=models.UniqueConstraint(condition=models.Q(('annule_le', None)), fields=('contestation',), name='contestation_remboursee_une_fois', violation_error_message='Cette contestation est déjà remboursée.'),
        ),
    ]

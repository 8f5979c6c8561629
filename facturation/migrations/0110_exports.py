"""Les exports faits, les codes comptables, la mention de TVA."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.fichiers.rangement


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0100_budgets_et_reports'),
        ('inscriptions', '0015_places_liberees'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='regie',
            name='mention_tva',
            field=models.CharField(blank=True, help_text='Imprimée au bas des factures émises ensuite, telle que votre comptable vous la donne. Vide : rien.', max_length=200, verbose_name='mention de TVA'),
        ),
        migrations.CreateModel(
            name='Comptabilite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tiers', models.CharField(blank=True, help_text='Celui des redevables, que chaque facture débite.', max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='compte de tiers')),
                ('budget', models.CharField(blank=True, max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='code du budget')),
                ('journal_ventes', models.CharField(default='VT', max_length=10, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='journal des factures')),
                ('journal_avoirs', models.CharField(default='AV', max_length=10, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='journal des avoirs')),
                ('journal_encaissements', models.CharField(default='EN', max_length=10, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='journal des encaissements')),
                ('pes_poste', models.CharField(blank=True, max_length=7, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='poste comptable (IdPost)')),
                ('pes_collectivite', models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='collectivité (CodCol)')),
                ('pes_budget', models.CharField(blank=True, max_length=10, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='budget (CodBud)')),
                ('pes_fichier', models.CharField(default='PESALR2', max_length=32, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='type de fichier (TypFic)')),
                ('pes_bordereau', models.CharField(default='01', max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='type de bordereau (TypBord)')),
                ('pes_piece', models.CharField(default='01', max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='type de pièce (TypPce)')),
                ('pes_nature_piece', models.CharField(default='01', max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='nature de pièce (NatPce)')),
                ('pes_nature', models.CharField(blank=True, help_text='Vide : le compte de produit de chaque activité.', max_length=12, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='nature (Nature)')),
                ('pes_categorie', models.CharField(blank=True, max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='catégorie des redevables (CatTiers)')),
                ('pes_juridique', models.CharField(blank=True, max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='nature juridique (NatJur)')),
                ('pes_type_tiers', models.CharField(blank=True, max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='type de tiers (TypTiers)')),
                ('pes_adresse', models.CharField(blank=True, max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name="type d'adresse (TypAdr)")),
                ('pes_residence', models.CharField(blank=True, max_length=2, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='résidence (CodRes)')),
                ('pes_schema', models.FileField(blank=True, help_text="Le fichier .xsd, ou le .zip des schémas, que publie la DGFiP. Sans lui, aucun PES n'est donné.", upload_to=commune.fichiers.rangement.chemin_prive, verbose_name='schéma XSD')),
            ],
            options={
                'verbose_name': 'codes comptables',
                'verbose_name_plural': 'codes comptables',
                'default_permissions': ('view', 'add', 'change'),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='comptabilite_unique', violation_error_message="Les codes comptables n'ont qu'une fiche : modifiez celle qui existe.")],
            },
        ),
        migrations.CreateModel(
            name='Tresorerie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moyen', models.CharField(choices=[('cheque', 'chèque'), ('especes', 'espèces'), ('virement', 'virement'), ('prelevement', 'prélèvement'), ('payfip', 'paiement en ligne'), ('cesu', 'CESU préfinancé'), ('ancv', 'chèque-vacances ANCV')], error_messages={'unique': 'Ce moyen a déjà son compte.'}, max_length=11, unique=True, verbose_name='moyen')),
                ('compte', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='compte')),
                ('comptabilite', models.ForeignKey(default=1, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='tresoreries', to='facturation.comptabilite')),
            ],
            options={
                'verbose_name': 'compte de trésorerie',
                'verbose_name_plural': 'comptes de trésorerie',
                'ordering': ['moyen'],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('genre', models.CharField(choices=[('factures', 'Factures'), ('lignes', 'Lignes de facture'), ('avoirs', 'Avoirs'), ('reglements', 'Règlements et remboursements'), ('prelevements', 'Prélèvements'), ('familles', 'Familles et soldes'), ('presences', 'Réservé, venu, facturé'), ('ecritures', 'Écritures comptables'), ('recettes', 'Recettes'), ('heures', 'Heures CAF'), ('pes', 'PES Recette ORMC (expérimental)')], max_length=12, verbose_name='contenu')),
                ('format', models.CharField(choices=[('csv', 'CSV (point-virgule, UTF-8)'), ('ods', 'ODS (tableur)'), ('xml', 'XML')], max_length=4, verbose_name='format')),
                ('debut', models.DateField(verbose_name='du')),
                ('fin', models.DateField(verbose_name='au')),
                ('arrete_le', models.DateTimeField(help_text="Ce qui est enregistré après cet instant n'y est pas, même refait plus tard.", verbose_name='arrêté le')),
                ('lignes', models.PositiveIntegerField(default=0, verbose_name='lignes')),
                ('empreinte', models.CharField(max_length=64, verbose_name='empreinte SHA-256')),
                ('reglages', models.JSONField(default=dict, editable=False, verbose_name="réglages d'alors")),
                ('fait_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fait par')),
            ],
            options={
                'verbose_name': 'export',
                'ordering': ['-arrete_le', '-pk'],
                'default_permissions': ('view', 'add'),
                'constraints': [models.CheckConstraint(condition=models.Q(('fin__gte', models.F('debut'))), name='export_dans_l_ordre', violation_error_message='La période ne peut pas finir avant de commencer.'), models.CheckConstraint(condition=models.Q(('empreinte__regex', '^[0-9a-f]{64}$')), name='export_empreinte', violation_error_message='Une empreinte SHA-256 a 64 chiffres hexadécimaux.')],
            },
        ),
        migrations.CreateModel(
            name='Imputation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('genre', models.CharField(choices=[('midi', 'restauration'), ('matin', 'accueil du matin'), ('soir', 'accueil du soir'), ('mercredi', 'mercredi'), ('vacances', 'vacances')], max_length=8, verbose_name="genre d'activité")),
                ('compte', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='compte de produit')),
                ('analytique', models.CharField(blank=True, max_length=20, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='code analytique')),
                ('produit_local', models.CharField(blank=True, max_length=4, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z.\\-]*$', "Un code n'a que des lettres, des chiffres, des points et des tirets.")], verbose_name='code produit (CodProdLoc, PES)')),
                ('activite', models.ForeignKey(blank=True, help_text='Vide : toutes celles du genre.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inscriptions.activite', verbose_name='activité précise')),
                ('comptabilite', models.ForeignKey(default=1, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='imputations', to='facturation.comptabilite')),
            ],
            options={
                'verbose_name': 'imputation',
                'ordering': ['genre', 'activite__nom', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('genre', 'activite'), name='imputation_unique', nulls_distinct=False, violation_error_message='Ces activités ont déjà leur compte.'), models.UniqueConstraint(fields=('activite',), name='imputation_une_par_activite', violation_error_message='Cette activité a déjà son compte.')],
            },
        ),
    ]


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('familles', '0025_gardes_et_echanges'),
        ('portail', '0006_effacement'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='adresse e-mail')),
                ('civilite', models.CharField(choices=[('mme', 'Mme'), ('m', 'M.')], max_length=3, verbose_name='civilité')),
                ('nom', models.CharField(max_length=100, verbose_name='nom')),
                ('prenom', models.CharField(max_length=100, verbose_name='prénom')),
                ('empreinte', models.CharField(max_length=64, unique=True, verbose_name='empreinte du lien')),
                ('envoyee_le', models.DateTimeField(verbose_name='envoyée le')),
                ('utilisee_le', models.DateTimeField(blank=True, null=True, verbose_name='utilisée le')),
                ('adulte', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='familles.adulte', verbose_name='adulte')),
                ('enfant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='familles.enfant', verbose_name='enfant')),
                ('envoyee_par', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='envoyée par')),
            ],
            options={
                'verbose_name': 'invitation',
                'ordering': ['-envoyee_le', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('adulte', None), ('enfant__isnull', False)), models.Q(('adulte__isnull', False), ('enfant', None)), _connector='OR'), name='invitation_un_seul_but', violation_error_message='Une invitation ouvre un foyer, ou en partage un.')],
            },
        ),
    ]

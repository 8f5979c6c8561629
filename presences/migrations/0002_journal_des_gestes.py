"""Le journal des gestes : deux tablettes y laissent chacune le leur, et la base refuse qu'on le récrive."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCELLER = """
CREATE FUNCTION gestes_scelles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Le journal des pointages ne se récrit pas : une correction est un nouveau geste.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER gestes_scelles BEFORE UPDATE OR DELETE ON presences_geste
  FOR EACH ROW EXECUTE FUNCTION gestes_scelles();
"""
DESCELLER = """
DROP TRIGGER gestes_scelles ON presences_geste;
DROP FUNCTION gestes_scelles();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('familles', '0003_jetons_et_fins'),
        ('presences', '0001_initiale'),
        ('reservations', '0003_etats_et_justificatifs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Geste',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lot', models.UUIDField(default=uuid.uuid4, help_text="Commun à ce qui fut pointé d'un seul geste.", verbose_name="geste d'ensemble")),
                ('avant', models.CharField(blank=True, help_text='Vide : pas encore pointé.', max_length=7, verbose_name='avant')),
                ('apres', models.CharField(blank=True, help_text='Vide : effacé.', max_length=7, verbose_name='après')),
                ('arrivee', models.TimeField(blank=True, null=True, verbose_name='arrivée')),
                ('depart', models.TimeField(blank=True, null=True, verbose_name='départ')),
                ('instant_appareil', models.DateTimeField(blank=True, null=True, verbose_name="instant de l'appareil")),
                ('recu_le', models.DateTimeField(verbose_name='reçu le')),
            ],
            options={
                'verbose_name': 'geste',
                'ordering': ['recu_le', 'pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='pointage',
            options={'ordering': ['seance', 'enfant'], 'permissions': [('pointer_sans_limite', "Peut pointer un jour aussi ancien qu'il faut")], 'verbose_name': 'pointage'},
        ),
        migrations.AlterField(
            model_name='pointage',
            name='instant_appareil',
            field=models.DateTimeField(blank=True, help_text="L'heure de la tablette, qui peut avoir attendu le réseau.", null=True, verbose_name="instant de l'appareil"),
        ),
        migrations.AddConstraint(
            model_name='pointage',
            constraint=models.CheckConstraint(condition=models.Q(('etat', 'present'), models.Q(('arrivee', None), ('depart', None)), _connector='OR'), name='pointage_heures_d_un_present', violation_error_message="Seul un enfant présent a une heure d'arrivée ou de départ."),
        ),
        migrations.AddField(
            model_name='geste',
            name='agent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agent'),
        ),
        migrations.AddField(
            model_name='geste',
            name='enfant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gestes', to='familles.enfant', verbose_name='enfant'),
        ),
        migrations.AddField(
            model_name='geste',
            name='seance',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gestes', to='reservations.seance', verbose_name='séance'),
        ),
        migrations.AddIndex(
            model_name='geste',
            index=models.Index(fields=['seance', 'recu_le'], name='geste_de_la_seance'),
        ),
        migrations.RunSQL(SCELLER, DESCELLER),
    ]

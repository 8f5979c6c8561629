"""La garde devient une ligne qui dit les deux foyers d'un enfant ; ce qu'on en avait saisi est repris."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import commune.models


def reprendre(apps, schema_editor):
    """Deux foyers, l'un aux semaines paires et l'autre aux impaires : la garde est dite.

    Le reste (un seul côté saisi, « calendrier propre » et « vacances partagées » sans leurs dates) ne décidait de rien
    et n'en dit pas assez : la mairie le saisit, du jugement.
    """
    rattachements = apps.get_model("familles", "Rattachement")
    gardes = apps.get_model("familles", "Garde")
    parts = {}
    for lien in rattachements.objects.filter(fin=None, garde__in=["paires", "impaires"]).select_related("enfant"):
        parts.setdefault(lien.enfant_id, []).append(lien)
    for liens in parts.values():
        if {lien.garde for lien in liens} == {"paires", "impaires"}:
            un, deux = sorted(liens, key=lambda lien: lien.foyer)
            cree = un.enfant.cree_le.date()
            gardes.objects.create(
                enfant=un.enfant, foyer=un.famille, autre=deux.famille, semaines=un.garde, acte="saisie précédente",
                debut=max(un.debut or cree, deux.debut or cree), dite_le=un.enfant.cree_le,
            )  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('familles', '0010_suspension_et_travail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Garde',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('semaines', models.CharField(choices=[('paires', 'les semaines paires'), ('impaires', 'les semaines impaires'), ('toutes', "toutes les semaines (l'autre n'a que des vacances)"), ('calendrier', "tous les jours, sauf ceux d'un calendrier")], default='paires', max_length=10, verbose_name='semaines')),
                ('bascule', models.PositiveSmallIntegerField(choices=[(0, 'lundi'), (1, 'mardi'), (2, 'mercredi'), (3, 'jeudi'), (4, 'vendredi'), (5, 'samedi'), (6, 'dimanche')], default=0, validators=[django.core.validators.MaxValueValidator(6)], verbose_name='on change le')),
                ('vacances', models.CharField(choices=[('comme', 'comme les semaines'), ('premiere_paires', 'la première moitié les années paires, la seconde les impaires'), ('premiere_impaires', 'la première moitié les années impaires, la seconde les paires'), ('premiere', 'toujours la première moitié'), ('seconde', 'toujours la seconde moitié'), ('entieres', 'en entier'), ('aucunes', 'jamais')], default='comme', max_length=17, verbose_name='vacances')),
                ('debut', models.DateField(verbose_name='à partir du')),
                ('fin', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('acte', models.CharField(help_text='Par exemple « jugement du 12/03/2026, RG 26/00123 ».', max_length=150, verbose_name='acte')),
                ('dite_le', models.DateTimeField(verbose_name='saisie le')),
                ('autre', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='familles.famille', verbose_name='autre foyer')),
                ('dite_par', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisie par')),
                ('enfant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gardes', to='familles.enfant', verbose_name='enfant')),
                ('foyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='familles.famille', verbose_name='foyer')),
            ],
            options={
                'verbose_name': 'garde',
                'ordering': ['enfant', '-debut'],
            },
        ),
        migrations.CreateModel(
            name='PeriodeDeGarde',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('debut', models.DateField(verbose_name='du')),
                ('fin', models.DateField(verbose_name='au')),
                ('garde', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='periodes', to='familles.garde', verbose_name='garde')),
            ],
            options={
                'verbose_name': 'période de garde',
                'verbose_name_plural': 'périodes de garde',
                'ordering': ['debut'],
            },
        ),
        migrations.CreateModel(
            name='Echange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('du', models.DateField(verbose_name='du')),
                ('au', models.DateField(verbose_name='au')),
                ('retour_du', models.DateField(blank=True, null=True, verbose_name='en retour, du')),
                ('retour_au', models.DateField(blank=True, null=True, verbose_name='en retour, au')),
                ('etat', models.CharField(choices=[('propose', 'proposé'), ('accepte', 'accepté'), ('refuse', 'refusé'), ('retire', 'retiré')], default='propose', max_length=8, verbose_name='état')),
                ('propose_le', models.DateTimeField(verbose_name='proposé le')),
                ('repondu_le', models.DateTimeField(blank=True, null=True, verbose_name='répondu le')),
                ('de', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='familles.famille', verbose_name='du foyer')),
                ('demandeur', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='familles.famille', verbose_name='foyer qui propose')),
                ('enfant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='echanges', to='familles.enfant', verbose_name='enfant')),
                ('propose_par', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposé par')),
                ('repondu_par', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='répondu par')),
                ('vers', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='familles.famille', verbose_name='au foyer')),
            ],
            options={
                'verbose_name': 'échange de jours',
                'verbose_name_plural': 'échanges de jours',
                'ordering': ['-propose_le', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('de', models.F('vers')), _negated=True), name='echange_deux_foyers', violation_error_message="Un échange va d'un foyer à l'autre."), models.CheckConstraint(condition=models.Q(('demandeur', models.F('de')), ('demandeur', models.F('vers')), _connector='OR'), name='echange_propose_par_un_des_deux', violation_error_message="Un échange est proposé par l'un des deux foyers."), models.CheckConstraint(condition=models.Q(('au__gte', models.F('du')), models.Q(models.Q(('retour_au', None), ('retour_du', None)), models.Q(('retour_au__gte', models.F('retour_du')), ('retour_au__isnull', False), ('retour_du__isnull', False)), _connector='OR')), name='echange_dans_l_ordre', violation_error_message='La fin vient avant le début.'), models.CheckConstraint(condition=models.Q(models.Q(('etat', 'propose'), ('repondu_le', None)), models.Q(('etat__in', ['accepte', 'refuse', 'retire']), ('repondu_le__isnull', False)), _connector='OR'), name='echange_repondu_date', violation_error_message='Une réponse porte sa date.')],
            },
        ),
        migrations.AddConstraint(
            model_name='garde',
            constraint=models.CheckConstraint(condition=models.Q(('foyer', models.F('autre')), _negated=True), name='garde_deux_foyers', violation_error_message='Une garde se partage entre deux foyers différents.'),
        ),
        migrations.AddConstraint(
            model_name='garde',
            constraint=models.CheckConstraint(condition=models.Q(('fin', None), ('fin__gte', models.F('debut')), _connector='OR'), name='garde_dans_l_ordre', violation_error_message="La garde finit avant d'avoir commencé."),
        ),
        migrations.AddConstraint(
            model_name='garde',
            constraint=models.CheckConstraint(condition=models.Q(('bascule__lte', 6)), name='garde_bascule_un_jour', violation_error_message='On change de foyer un jour de la semaine.'),
        ),
        migrations.AddConstraint(
            model_name='garde',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('enfant'), models.F('enfant'), models.Value('[]'), function='int8range', output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField()), '&&'), (commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True)), '&&')], name='une_garde_par_enfant_et_jour', violation_error_message='Une autre garde vaut déjà pour cet enfant à ces dates.'),
        ),
        migrations.AddConstraint(
            model_name='periodedegarde',
            constraint=models.CheckConstraint(condition=models.Q(('fin__gte', models.F('debut'))), name='periode_de_garde_dans_l_ordre', violation_error_message='La fin vient avant le début.'),
        ),
        migrations.AddConstraint(
            model_name='periodedegarde',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('garde'), models.F('garde'), models.Value('[]'), function='int8range', output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField()), '&&'), (commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True)), '&&')], name='periodes_de_garde_sans_chevauchement', violation_error_message='Deux périodes ont des jours en commun.'),
        ),
        migrations.RunPython(reprendre, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='rattachement',
            name='garde',
        ),
    ]

"""Les tarifs : taux d'effort, durées, forfaits, bornes, carence, projets ; chaque ligne dit son unité et sa garde."""

from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
from django.db import migrations, models

import commune.models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0041_payfip_a_trancher'),
        ('inscriptions', '0015_places_liberees'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='ajustement',
            name='fratrie_avec_rang',
        ),
        migrations.RemoveConstraint(
            model_name='tarif',
            name='un_tarif_par_activite_et_jour',
        ),
        migrations.RemoveConstraint(
            model_name='tarif',
            name='un_tarif_midi_par_jour',
        ),
        migrations.RemoveConstraint(
            model_name='tarif',
            name='un_tarif_matin_par_jour',
        ),
        migrations.RemoveConstraint(
            model_name='tarif',
            name='un_tarif_soir_par_jour',
        ),
        migrations.RemoveConstraint(
            model_name='tarif',
            name='un_tarif_mercredi_par_jour',
        ),
        migrations.RemoveConstraint(
            model_name='tarif',
            name='un_tarif_vacances_par_jour',
        ),
        migrations.AddField(
            model_name='ligne',
            name='garde',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='Hors repas, pour les attestations. Vide : non partagée.', max_digits=10, null=True, verbose_name='dont garde'),
        ),
        migrations.AddField(
            model_name='ligne',
            name='unite',
            field=models.CharField(choices=[('acte', 'chaque repas, chaque accueil'), ('duree', 'chaque période de temps'), ('mois', 'le mois entier (forfait)')], default='acte', max_length=5, verbose_name='unité'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='arrondi',
            field=models.CharField(choices=[('commencee', 'toute période commencée est due'), ('proche', 'à la plus proche'), ('entiere', 'seules les périodes entières sont dues (une au moins)')], default='commencee', max_length=9, verbose_name='arrondi'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='carence',
            field=models.PositiveSmallIntegerField(default=0, help_text="Les premiers jours d'une absence excusée sans certificat qui se facturent. 0 : aucun ; 31 : tous.", validators=[django.core.validators.MaxValueValidator(31)], verbose_name='jours de carence'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='certificat',
            field=models.PositiveSmallIntegerField(blank=True, help_text="Depuis le début de la séance ; reçu plus tard, la carence s'applique. Vide : sans délai.", null=True, verbose_name='certificat sous (heures)'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='minutes',
            field=models.PositiveSmallIntegerField(default=30, help_text="Comptée sur les heures pointées, à défaut sur celles de l'activité.", validators=[django.core.validators.MinValueValidator(1)], verbose_name='période (minutes)'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='mode',
            field=models.CharField(choices=[('tranches', 'par tranches de quotient (une seule : prix unique)'), ('effort', "taux d'effort : un prix par point de quotient")], default='tranches', max_length=8, verbose_name='le prix se calcule'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='part_fixe',
            field=models.DecimalField(decimal_places=2, default=0, help_text="S'ajoute une fois par acte : le goûter.", max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='part fixe (€)'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='part_garde',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Pour les attestations fiscales, hors repas. Vide : rien à midi, tout ailleurs.', null=True, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='part de garde (%)'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='plafond',
            field=models.PositiveIntegerField(blank=True, help_text='Au-dessus, ou sans quotient connu, il compte pour lui.', null=True, verbose_name='quotient plafond'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='plancher',
            field=models.PositiveIntegerField(default=0, help_text='En dessous, il compte pour lui.', verbose_name='quotient plancher'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='projet',
            field=models.BooleanField(default=False, help_text='Un projet se compare au tarif en vigueur ; il ne facture rien.', verbose_name='projet'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='taux',
            field=models.DecimalField(blank=True, decimal_places=6, help_text='Par exemple 0,0027.', max_digits=9, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='taux (€ par point de quotient)'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='tolerance',
            field=models.PositiveSmallIntegerField(default=0, help_text="Avant qu'un départ après l'heure soit un retard.", verbose_name='tolérance au départ (minutes)'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='unite',
            field=models.CharField(choices=[('acte', 'chaque repas, chaque accueil'), ('duree', 'chaque période de temps'), ('mois', 'le mois entier (forfait)')], default='acte', max_length=5, verbose_name='pour'),
        ),
        migrations.AlterField(
            model_name='ajustement',
            name='cas',
            field=models.CharField(choices=[('hors_commune', 'foyer hors commune'), ('panier', "l'enfant apporte son repas (PAI)"), ('fratrie', 'à partir du n-ième enfant'), ('hors_delai', 'réservé hors délai'), ('sans_reservation', 'présent sans réservation'), ('absence', 'absent sans excuse acceptée'), ('retard', "parti après l'heure"), ('combine', 'matin et soir le même jour'), ('minimum', "prix minimum de l'acte"), ('maximum', "prix maximum de l'acte")], max_length=16, verbose_name='cas'),
        ),
        migrations.AlterField(
            model_name='ajustement',
            name='rang',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Du n-ième enfant, ou de la n-ième fois du mois (retard).', null=True, verbose_name='à partir de'),
        ),
        migrations.AddConstraint(
            model_name='ajustement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cas', 'fratrie'), ('rang__gte', 2), ('rang__isnull', False)), models.Q(('cas', 'retard'), models.Q(('rang', None), ('rang__gte', 1), _connector='OR')), models.Q(models.Q(('cas__in', ['fratrie', 'retard']), _negated=True), ('rang', None)), _connector='OR'), name='fratrie_avec_rang', violation_error_message="Un ajustement de fratrie dit à partir de quel enfant (2 ou plus), un départ après l'heure à partir de combien de fois, les autres non."),
        ),
        migrations.AddConstraint(
            model_name='ajustement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cas__in', ['minimum', 'maximum']), _negated=True), models.Q(('mode', 'fixe'), ('valeur__gte', 0)), _connector='OR'), name='borne_en_euros', violation_error_message='Un minimum ou un maximum est un prix fixe, en euros.'),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('activite__isnull', False), ('projet', False)), expressions=[(models.Func('activite', 'activite', models.Value('[]'), function='INT8RANGE', output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField()), '&&'), (commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_tarif_par_activite_et_jour', violation_error_message='Un autre tarif vaut déjà pour cette activité à ces dates.'),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('activite', None), ('genre', 'midi'), ('projet', False)), expressions=[(commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_tarif_midi_par_jour', violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates."),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('activite', None), ('genre', 'matin'), ('projet', False)), expressions=[(commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_tarif_matin_par_jour', violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates."),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('activite', None), ('genre', 'soir'), ('projet', False)), expressions=[(commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_tarif_soir_par_jour', violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates."),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('activite', None), ('genre', 'mercredi'), ('projet', False)), expressions=[(commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_tarif_mercredi_par_jour', violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates."),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('activite', None), ('genre', 'vacances'), ('projet', False)), expressions=[(commune.models.DateRange('debut', 'fin', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='un_tarif_vacances_par_jour', violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates."),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mode', 'effort'), _negated=True), models.Q(('plafond__gte', models.F('plancher')), ('plafond__isnull', False), ('taux__gte', 0), ('taux__isnull', False)), _connector='OR'), name='tarif_effort_entier', violation_error_message="Un taux d'effort se dit avec son taux et un plafond, qui n'est pas sous le plancher."),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=models.CheckConstraint(condition=models.Q(('carence__lte', 31), ('minutes__gte', 1), ('part_fixe__gte', 0), models.Q(('part_garde', None), ('part_garde__lte', 100), _connector='OR')), name='tarif_bornes', violation_error_message='Un tarif ne retire rien, et sa part de garde va de 0 à 100 %.'),
        ),
    ]

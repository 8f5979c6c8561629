"""Les relances et leurs niveaux, les échéanciers et leurs demandes, les états remis au Trésor, et leurs réglages."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0081_caisse_gardee'),
        ('familles', '0025_gardes_et_echanges'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DemandeEcheancier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phrase', models.TextField(max_length=1000, verbose_name='pourquoi')),
                ('mois', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(24)], verbose_name='en combien de mois')),
                ('etat', models.CharField(choices=[('envoyee', 'envoyée'), ('acceptee', 'acceptée'), ('refusee', 'refusée')], default='envoyee', max_length=8, verbose_name='état')),
                ('envoyee_le', models.DateTimeField(verbose_name='envoyée le')),
                ('reponse', models.TextField(blank=True, max_length=1000, verbose_name='réponse de la régie')),
                ('decidee_le', models.DateTimeField(blank=True, null=True, verbose_name='décidée le')),
            ],
            options={
                'verbose_name': "demande d'échéancier",
                'verbose_name_plural': "demandes d'échéancier",
                'ordering': ['-envoyee_le', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Echeance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rang', models.PositiveSmallIntegerField(verbose_name='rang')),
                ('jour', models.DateField(verbose_name='à payer avant le')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='montant')),
                ('rappelee_le', models.DateTimeField(blank=True, null=True, verbose_name='rappelée le')),
            ],
            options={
                'verbose_name': 'échéance',
                'ordering': ['echeancier', 'rang'],
            },
        ),
        migrations.CreateModel(
            name='Echeancier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('total', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='total')),
                ('mot', models.TextField(blank=True, max_length=1000, verbose_name='mot à la famille')),
                ('accorde_le', models.DateTimeField(verbose_name='accordé le')),
                ('revoque_le', models.DateTimeField(blank=True, null=True, verbose_name='révoqué le')),
                ('motif_revocation', models.CharField(blank=True, max_length=300, verbose_name='motif de la révocation')),
            ],
            options={
                'verbose_name': 'échéancier',
                'ordering': ['-accorde_le', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='EnvoiDeRelances',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lance_le', models.DateTimeField(verbose_name='lancé le')),
                ('niveaux', models.JSONField(default=list, editable=False, verbose_name='niveaux')),
                ('ecartes', models.JSONField(default=list, editable=False, verbose_name='foyers écartés par la régie')),
                ('curseur', models.PositiveBigIntegerField(default=0, editable=False, verbose_name='dernier foyer examiné')),
                ('foyers', models.PositiveIntegerField(default=0, verbose_name='foyers relancés')),
                ('factures', models.PositiveIntegerField(default=0, verbose_name='factures relancées')),
                ('lettres', models.PositiveIntegerField(default=0, verbose_name='lettres à imprimer')),
                ('total', models.DecimalField(decimal_places=2, default=0, max_digits=10, verbose_name='total réclamé')),
                ('termine_le', models.DateTimeField(blank=True, null=True, verbose_name='terminé le')),
            ],
            options={
                'verbose_name': 'envoi de relances',
                'verbose_name_plural': 'envois de relances',
                'ordering': ['-lance_le', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='EtatDesRestes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('exercice', models.PositiveSmallIntegerField(verbose_name='exercice')),
                ('numero', models.PositiveIntegerField(verbose_name='numéro')),
                ('fait_le', models.DateTimeField(verbose_name='fait le')),
            ],
            options={
                'verbose_name': 'état des restes à recouvrer',
                'verbose_name_plural': 'états des restes à recouvrer',
                'ordering': ['-exercice', '-numero'],
            },
        ),
        migrations.CreateModel(
            name='FactureEchelonnee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='reste ce jour-là')),
                ('ouverte', models.BooleanField(default=True, verbose_name='ouverte')),
            ],
            options={
                'verbose_name': 'facture échelonnée',
                'verbose_name_plural': 'factures échelonnées',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='NiveauRelance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rang', models.PositiveSmallIntegerField(help_text='1 pour le premier ; aucun ne se saute.', unique=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='niveau')),
                ('nom', models.CharField(help_text='La famille le lit sur sa facture : « Rappel amical ».', max_length=60, verbose_name='nom')),
                ('jours', models.PositiveSmallIntegerField(help_text="Davantage que pour le niveau d'avant.", validators=[django.core.validators.MinValueValidator(1)], verbose_name="jours après l'échéance")),
                ('objet', models.CharField(max_length=100, verbose_name='objet du courriel')),
                ('texte', models.TextField(help_text="Une ligne vide sépare les paragraphes. « Bonjour », la liste des factures et le lien pour payer s'ajoutent d'eux-mêmes ; la lettre dit aussi les montants.", max_length=3000, verbose_name='texte')),
            ],
            options={
                'verbose_name': 'niveau de relance',
                'verbose_name_plural': 'niveaux de relance',
                'ordering': ['rang'],
            },
        ),
        migrations.CreateModel(
            name='Relance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rang', models.PositiveSmallIntegerField(verbose_name='niveau')),
                ('nom', models.CharField(max_length=60, verbose_name='relance')),
                ('du', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='reste réclamé')),
                ('jour', models.DateField(verbose_name='faite le')),
                ('moyen', models.CharField(choices=[('courriel', 'courriel'), ('lettre', 'lettre')], max_length=8, verbose_name='moyen')),
            ],
            options={
                'verbose_name': 'relance',
                'ordering': ['-jour', '-pk'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Transmission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('montant', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='reste transmis')),
                ('annulee_le', models.DateTimeField(blank=True, null=True, verbose_name='retirée le')),
                ('motif_annulation', models.CharField(blank=True, max_length=300, verbose_name='motif du retrait')),
            ],
            options={
                'verbose_name': 'dette transmise au Trésor',
                'verbose_name_plural': 'dettes transmises au Trésor',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='regie',
            name='echeancier_mois',
            field=models.PositiveSmallIntegerField(default=6, help_text="La régie peut accorder davantage, jusqu'à vingt-quatre échéances.", validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(24)], verbose_name="mois qu'une famille peut demander"),
        ),
        migrations.AddField(
            model_name='regie',
            name='echeancier_tolerance',
            field=models.PositiveSmallIntegerField(default=10, help_text='Rompu, il ne protège plus des relances ; payer le retard le remet en règle.', verbose_name="jours de retard avant qu'un échéancier soit rompu"),
        ),
        migrations.AddField(
            model_name='regie',
            name='relance_auto',
            field=models.BooleanField(default=False, help_text="Chaque matin, sans que la régie regarde. Non : elle lit l'aperçu, puis envoie.", verbose_name='relancer automatiquement'),
        ),
        migrations.AddField(
            model_name='regie',
            name='relance_intervalle',
            field=models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MinValueValidator(1)], verbose_name="jours entre deux relances d'un foyer"),
        ),
        migrations.AddField(
            model_name='regie',
            name='relance_seuil',
            field=models.DecimalField(decimal_places=2, default=Decimal('5.00'), help_text='Ce que doit un foyer, ses factures en retard ensemble (euros).', max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='ne pas relancer en dessous de'),
        ),
        migrations.AddField(
            model_name='regie',
            name='tresor_delai',
            field=models.PositiveSmallIntegerField(default=15, verbose_name='jours laissés après la dernière relance'),
        ),
        migrations.AddField(
            model_name='regie',
            name='tresor_ou',
            field=models.TextField(blank=True, help_text='Montré à la famille dont une dette est transmise : adresse, téléphone, site.', verbose_name='où payer au Trésor public'),
        ),
        migrations.AddField(
            model_name='regie',
            name='tresor_seuil',
            field=models.DecimalField(decimal_places=2, default=Decimal('15.00'), help_text='Ce que doit un foyer, ses dettes ensemble (euros). Plus petites, elles se gardent.', max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='ne rien transmettre en dessous de'),
        ),
        migrations.AddConstraint(
            model_name='regie',
            constraint=models.CheckConstraint(condition=models.Q(('relance_intervalle__gte', 1), ('relance_seuil__gte', 0), ('tresor_seuil__gte', 0)), name='regie_recouvrement', violation_error_message='Les seuils sont positifs, et deux relances ne se font pas le même jour.'),
        ),
        migrations.AddField(
            model_name='demandeecheancier',
            name='decidee_par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='décidée par'),
        ),
        migrations.AddField(
            model_name='demandeecheancier',
            name='envoyee_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='envoyée par'),
        ),
        migrations.AddField(
            model_name='demandeecheancier',
            name='famille',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='demandes_d_echeancier', to='familles.famille', verbose_name='famille'),
        ),
        migrations.AddField(
            model_name='echeancier',
            name='accorde_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accordé par'),
        ),
        migrations.AddField(
            model_name='echeancier',
            name='famille',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='echeanciers', to='familles.famille', verbose_name='famille'),
        ),
        migrations.AddField(
            model_name='echeancier',
            name='revoque_par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='révoqué par'),
        ),
        migrations.AddField(
            model_name='echeance',
            name='echeancier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='echeances', to='facturation.echeancier', verbose_name='échéancier'),
        ),
        migrations.AddField(
            model_name='demandeecheancier',
            name='echeancier',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='demande', to='facturation.echeancier', verbose_name='échéancier'),
        ),
        migrations.AddField(
            model_name='envoiderelances',
            name='lance_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lancé par'),
        ),
        migrations.AddField(
            model_name='etatdesrestes',
            name='fait_par',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fait par'),
        ),
        migrations.AddField(
            model_name='factureechelonnee',
            name='echeancier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='factures', to='facturation.echeancier', verbose_name='échéancier'),
        ),
        migrations.AddField(
            model_name='factureechelonnee',
            name='facture',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='echelonnees', to='facturation.facture', verbose_name='facture'),
        ),
        migrations.AddConstraint(
            model_name='niveaurelance',
            constraint=models.CheckConstraint(condition=models.Q(('jours__gte', 1), ('rang__gte', 1)), name='niveau_relance_apres_l_echeance', violation_error_message="Une relance vient après l'échéance."),
        ),
        migrations.AddField(
            model_name='relance',
            name='envoi',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relances', to='facturation.envoiderelances', verbose_name='envoi'),
        ),
        migrations.AddField(
            model_name='relance',
            name='facture',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relances', to='facturation.facture', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='transmission',
            name='annulee_par',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='retirée par'),
        ),
        migrations.AddField(
            model_name='transmission',
            name='etat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transmissions', to='facturation.etatdesrestes', verbose_name='état'),
        ),
        migrations.AddField(
            model_name='transmission',
            name='facture',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transmissions', to='facturation.facture', verbose_name='facture'),
        ),
        migrations.AddConstraint(
            model_name='echeancier',
            constraint=models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='echeancier_positif'),
        ),
        migrations.AddConstraint(
            model_name='echeancier',
            constraint=models.CheckConstraint(condition=models.Q(('revoque_le', None), models.Q(('motif_revocation', ''), _negated=True), _connector='OR'), name='echeancier_revocation_motivee', violation_error_message="La révocation d'un échéancier se motive."),
        ),
        migrations.AddConstraint(
            model_name='echeance',
            constraint=models.UniqueConstraint(fields=('echeancier', 'rang'), name='echeance_rang_unique'),
        ),
        migrations.AddConstraint(
            model_name='echeance',
            constraint=models.UniqueConstraint(fields=('echeancier', 'jour'), name='echeance_jour_unique', violation_error_message='Deux échéances ne tombent pas le même jour.'),
        ),
        migrations.AddConstraint(
            model_name='echeance',
            constraint=models.CheckConstraint(condition=models.Q(('montant__gt', 0)), name='echeance_positive', violation_error_message='Une échéance est un montant positif.'),
        ),
        migrations.AddConstraint(
            model_name='demandeecheancier',
            constraint=models.UniqueConstraint(condition=models.Q(('etat', 'envoyee')), fields=('famille',), name='une_demande_d_echeancier_ouverte', violation_error_message="Votre demande d'échéancier attend déjà la réponse de la mairie."),
        ),
        migrations.AddConstraint(
            model_name='demandeecheancier',
            constraint=models.CheckConstraint(condition=models.Q(('mois__gte', 2), ('mois__lte', 24)), name='demande_d_echeancier_de_quelques_mois', violation_error_message='Un échéancier a de deux à vingt-quatre mois.'),
        ),
        migrations.AddConstraint(
            model_name='demandeecheancier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decidee_le', None), ('echeancier', None), ('etat', 'envoyee')), models.Q(('decidee_le__isnull', False), ('echeancier__isnull', False), ('etat', 'acceptee')), models.Q(('decidee_le__isnull', False), ('echeancier', None), ('etat', 'refusee'), models.Q(('reponse', ''), _negated=True)), _connector='OR'), name='demande_d_echeancier_decidee', violation_error_message='Acceptée, une demande a son échéancier ; refusée, ses mots.'),
        ),
        migrations.AddConstraint(
            model_name='etatdesrestes',
            constraint=models.UniqueConstraint(fields=('exercice', 'numero'), name='etat_des_restes_numero_unique'),
        ),
        migrations.AddConstraint(
            model_name='factureechelonnee',
            constraint=models.UniqueConstraint(condition=models.Q(('ouverte', True)), fields=('facture',), name='un_echeancier_ouvert_par_facture', violation_error_message='Cette facture a déjà un échéancier.'),
        ),
        migrations.AddConstraint(
            model_name='factureechelonnee',
            constraint=models.CheckConstraint(condition=models.Q(('montant__gt', 0)), name='facture_echelonnee_due'),
        ),
        migrations.AddConstraint(
            model_name='relance',
            constraint=models.UniqueConstraint(fields=('facture', 'rang'), name='une_relance_par_niveau', violation_error_message='Cette facture a déjà reçu ce niveau.'),
        ),
        migrations.AddConstraint(
            model_name='relance',
            constraint=models.UniqueConstraint(fields=('facture', 'jour'), name='une_relance_par_jour', violation_error_message='Cette facture est déjà relancée ce jour-là.'),
        ),
        migrations.AddConstraint(
            model_name='relance',
            constraint=models.CheckConstraint(condition=models.Q(('du__gt', 0)), name='relance_reclame', violation_error_message='On ne relance que ce qui reste dû.'),
        ),
        migrations.AddConstraint(
            model_name='transmission',
            constraint=models.UniqueConstraint(condition=models.Q(('annulee_le', None)), fields=('facture',), name='une_transmission_par_facture', violation_error_message='Cette facture est déjà transmise au Trésor public.'),
        ),
        migrations.AddConstraint(
            model_name='transmission',
            constraint=models.CheckConstraint(condition=models.Q(('montant__gt', 0)), name='transmission_positive', violation_error_message='On ne transmet que ce qui reste dû.'),
        ),
        migrations.AddConstraint(
            model_name='transmission',
            constraint=models.CheckConstraint(condition=models.Q(('annulee_le', None), models.Q(('motif_annulation', ''), _negated=True), _connector='OR'), name='transmission_retrait_motive', violation_error_message="Retirer une dette d'un état se motive."),
        ),
    ]

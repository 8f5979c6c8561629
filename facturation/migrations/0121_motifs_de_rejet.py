"""D'autres motifs de rejet d'un prélèvement, dits en français."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0120_quotients_recuperes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='prelevement',
            name='code_rejet',
            field=models.CharField(blank=True, choices=[('AC01', "AC01 : le numéro de compte (IBAN) n'est pas le bon"), ('AC04', 'AC04 : le compte est fermé'), ('AC06', 'AC06 : le compte est bloqué'), ('AG01', "AG01 : ce compte n'admet pas les prélèvements"), ('AG02', "AG02 : la banque refuse le code de l'opération"), ('AM04', 'AM04 : la provision du compte était insuffisante'), ('AM05', 'AM05 : la banque y voit un prélèvement en double'), ('BE05', "BE05 : la banque ne reconnaît pas l'identifiant de la commune (ICS)"), ('CNOR', "CNOR : la banque de la commune n'est pas joignable"), ('DNOR', "DNOR : la banque de ce compte n'admet pas les prélèvements"), ('DT01', 'DT01 : la banque refuse la date du prélèvement'), ('ED05', 'ED05 : le règlement entre les banques a échoué'), ('FF01', 'FF01 : la banque refuse le format du fichier'), ('FOCR', 'FOCR : le prélèvement a été retiré avant son paiement'), ('MD01', 'MD01 : la banque ne connaît pas ce mandat'), ('MD02', 'MD02 : il manquait des données du mandat'), ('MD06', 'MD06 : le titulaire du compte a demandé le remboursement'), ('MD07', 'MD07 : le titulaire du compte est décédé'), ('MS02', 'MS02 : le titulaire du compte a refusé ce prélèvement'), ('MS03', 'MS03 : la banque ne dit pas pourquoi'), ('RC01', "RC01 : l'identifiant de la banque (BIC) n'est pas le bon"), ('RR01', 'RR01 : la loi demande le compte de qui paie, et il manquait'), ('RR02', "RR02 : la loi demande le nom ou l'adresse de qui paie, et ils manquaient"), ('RR03', "RR03 : la loi demande le nom ou l'adresse de la commune, et ils manquaient"), ('RR04', 'RR04 : une raison légale, que la banque ne détaille pas'), ('SL01', 'SL01 : le titulaire a limité les prélèvements sur son compte'), ('TM01', 'TM01 : le fichier est arrivé trop tard à la banque')], max_length=4, verbose_name='motif du rejet'),
        ),
    ]

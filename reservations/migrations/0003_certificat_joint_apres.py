"""Un certificat se joint aussi après l'excuse : l'instant où il arrive ; jusqu'ici, il venait toujours avec elle."""

from django.db import migrations, models
from django.db.models import F, Q


def arrives_avec_l_excuse(apps, schema_editor):
    excuses = apps.get_model("reservations", "Excuse").objects.using(schema_editor.connection.alias)
    excuses.exclude(fichier="").update(certifie_le=F("envoyee_le"))


class Migration(migrations.Migration):

    dependencies = [
        ("reservations", "0002_seance_du_jour"),
    ]

    operations = [
        migrations.AddField(
            model_name="excuse",
            name="certifie_le",
            field=models.DateTimeField("justificatif reçu le", blank=True, null=True),
        ),
        migrations.RunPython(arrives_avec_l_excuse, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="excuse",
            constraint=models.CheckConstraint(
                name="excuse_certifiee",
                condition=Q(fichier="") ^ Q(certifie_le__isnull=False),
                violation_error_message="Un justificatif a l'instant où il est arrivé, et lui seul.",
            ),
        ),
    ]

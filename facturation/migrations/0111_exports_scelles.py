"""Ce que la base garantit des exports : ce qui fut donné, à qui et quand, ne se récrit ni ne s'efface."""

from django.db import migrations

SCEAU = """
CREATE TRIGGER export_immuable BEFORE UPDATE OR DELETE ON facturation_export
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
"""


class Migration(migrations.Migration):

    dependencies = [("facturation", "0110_exports")]

    operations = [
        migrations.RunSQL(SCEAU, "DROP TRIGGER export_immuable ON facturation_export;"),
    ]

"""Chaque ligne du journal est au foyer de la réservation à cet instant : ce qui change de foyer n'emporte pas son passé.

La base pose ce foyer elle-même, quand celui qui écrit ne le dit pas : aucune ligne n'échappe à sa famille.
"""

import django.db.models.deletion
from django.db import migrations, models

REPRENDRE = """
ALTER TABLE reservations_mouvement DISABLE TRIGGER journal_scelle;
UPDATE reservations_mouvement m SET famille_id = r.famille_id
  FROM reservations_reservation r WHERE r.id = m.reservation_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE reservations_mouvement ENABLE TRIGGER journal_scelle;
CREATE FUNCTION journal_du_foyer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.famille_id IS NULL THEN
    SELECT famille_id INTO NEW.famille_id FROM reservations_reservation WHERE id = NEW.reservation_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journal_du_foyer BEFORE INSERT ON reservations_mouvement
  FOR EACH ROW EXECUTE FUNCTION journal_du_foyer();
"""
RENDRE = """
DROP TRIGGER journal_du_foyer ON reservations_mouvement;
DROP FUNCTION journal_du_foyer();
"""


def famille(**options):
    return models.ForeignKey(
        editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="familles.famille",
        verbose_name="foyer", **options,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("familles", "0025_gardes_et_echanges"), ("reservations", "0020_ouvertures")]

    operations = [
        migrations.AddField("mouvement", "famille", famille(null=True)),
        migrations.RunSQL(REPRENDRE, RENDRE),
        migrations.AlterField("mouvement", "famille", famille()),
    ]

"""Le journal scellé s'ouvre sur un seul point : à la fin de la conservation d'une famille, le motif saisi s'efface.

Il peut nommer quelqu'un, ou dire pourquoi un enfant manque. Qui, quand, d'où et quoi restent, au nom d'un compte et
d'un enfant qui n'en ont plus.
"""

from django.db import migrations

ENTROUVRIR = """
CREATE OR REPLACE FUNCTION journal_scelle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- La purge de fin de conservation le dit dans sa transaction : SET LOCAL portail.purge = 'oui'.
  IF TG_OP = 'UPDATE' AND current_setting('portail.purge', true) = 'oui'
     AND NEW.motif = '' AND to_jsonb(NEW) - 'motif' = to_jsonb(OLD) - 'motif' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Le journal des réservations ne se récrit pas : une correction est un nouveau mouvement.'
    USING ERRCODE = 'restrict_violation';
END $$;
"""
REFERMER = """
CREATE OR REPLACE FUNCTION journal_scelle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Le journal des réservations ne se récrit pas : une correction est un nouveau mouvement.'
    USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reservations", "0003_etats_et_justificatifs")]

    operations = [migrations.RunSQL(ENTROUVRIR, REFERMER)]

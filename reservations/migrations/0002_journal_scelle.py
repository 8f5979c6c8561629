"""Le journal des réservations ne fait que s'allonger : la base elle-même refuse de le récrire."""

from django.db import migrations

SCELLER = """
CREATE FUNCTION journal_scelle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Le journal des réservations ne se récrit pas : une correction est un nouveau mouvement.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_scelle BEFORE UPDATE OR DELETE ON reservations_mouvement
  FOR EACH ROW EXECUTE FUNCTION journal_scelle();
"""
DESCELLER = """
DROP TRIGGER journal_scelle ON reservations_mouvement;
DROP FUNCTION journal_scelle();
"""


class Migration(migrations.Migration):
    dependencies = [("reservations", "0001_initiale")]

    operations = [migrations.RunSQL(SCELLER, DESCELLER)]
